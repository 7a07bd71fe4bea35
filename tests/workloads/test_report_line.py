"""The report line of client programs of distdiag."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads import report_line
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures

_LATENCY = st.floats(min_value=0, max_value=1e6) | st.just(math.nan)
_RATE = st.floats(min_value=0, max_value=1e9)
_TYPE = st.builds(TypeFigures, _RATE, _LATENCY, _LATENCY, _LATENCY, _RATE)
_FIGURES = st.builds(
    WorkloadFigures, _RATE, _RATE, _LATENCY, _RATE, st.integers(0, 1000), _LATENCY, _LATENCY,
    st.dictionaries(st.text(max_size=5), _TYPE, max_size=3), st.dictionaries(st.text(max_size=5), _RATE, max_size=3),
    st.text(max_size=5),
)  # fmt: skip


@given(_FIGURES)
def test_a_report_is_decoded_to_what_was_encoded(figures: WorkloadFigures) -> None:
    line = report_line.encode(figures)

    assert "\n" not in line
    # NaN equals nothing, so that the texts are compared.
    assert repr(report_line.decode(line)) == repr(figures)


@given(st.text(max_size=60) | st.builds(json.dumps, st.recursive(st.none() | st.integers(), st.lists)))
def test_other_text_is_none(line: str) -> None:
    assert report_line.decode(line) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"tps": -1}, {"tps": "5"}, {"tps": True}, {"threads": 1.5}, {"threads": None}, {"more": 1}, {"types": []},
        {"types": {"a": 1}}, {"types": {"a": {"tps": 1, "more": 2}}}, {"extra": {"tpmc": "many"}}, {"note": 3},
    ],
)  # fmt: skip
def test_a_damaged_report_is_none(changed: dict[str, object]) -> None:
    good = json.loads(report_line.encode(WorkloadFigures(1, 2, 3, 0, 4)))

    assert report_line.decode(json.dumps(good)) is not None
    assert report_line.decode(json.dumps(good | changed)) is None


def test_a_truncated_report_is_none() -> None:
    line = report_line.encode(WorkloadFigures(1, 2, 3, 0, 4, types={"a": TypeFigures(1)}))

    assert [report_line.decode(line[:end]) for end in range(len(line))] == [None] * len(line)
