"""Options of a benchmark: described, parsed and restored."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import ConfigError
from distdiag_core.workloads import benchmark_options, benchmark_registry
from distdiag_core.workloads.benchmark_options import Options, option


@dataclass(frozen=True, slots=True)
class _Options(Options):
    rows: int = option("How many.", default=10, label="Rows", least=1, most=100)
    share: float = option("Of all.", default=0.5, label="Share", least=0, most=1)
    how: str = option("How.", default="quick", label="How", choices=("quick", "slow"))
    loud: bool = option("Whether.", default=False, label="Loud")


_BY_NAME = {each.name: each for each in benchmark_options.described(_Options)}


def test_options_are_described_in_their_order() -> None:
    assert list(_BY_NAME) == ["rows", "share", "how", "loud"]
    assert [each.expected for each in _BY_NAME.values()] == [
        "a whole number of at least 1 and at most 100",
        "a number of at least 0 and at most 1",
        "one of quick, slow",
        "yes or no",
    ]


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [("rows", " 100 ", 100), ("share", "0.25", 0.25), ("how", "slow", "slow"), ("loud", "Yes", True)],
)
def test_a_typed_value_is_parsed(name: str, typed: str, value: object) -> None:
    assert _BY_NAME[name].parse(typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [("rows", "0"), ("rows", "1.5"), ("rows", ""), ("share", "nan"), ("share", "2"), ("how", "fast"), ("loud", "oui")],
)
def test_an_invalid_text_is_refused_with_the_valid_values(name: str, typed: str) -> None:
    with pytest.raises(ConfigError, match="give"):
        _BY_NAME[name].parse(typed)


@pytest.mark.parametrize("value", [True, "10", None, 10.0, 101])
def test_a_stored_value_of_another_kind_is_refused(value: object) -> None:
    with pytest.raises(ConfigError, match="Rows"):
        benchmark_options.from_values(_Options, {"rows": value})


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is no option 'row'; there are rows, share"):
        benchmark_options.from_values(_Options, {"row": 1})


@given(st.text(max_size=20))
def test_every_accepted_text_gives_a_valid_value(text: str) -> None:
    for each in _BY_NAME.values():
        try:
            value = each.parse(text)
        except ConfigError:
            continue
        assert each.check(value) == value


@pytest.mark.parametrize("kind", benchmark_registry.names())
def test_every_benchmark_has_defaults_that_fit_and_says_what_they_are_for(kind: str) -> None:
    benchmark = benchmark_registry.benchmark(kind)
    benchmark_options.check(benchmark.options())
    for each in benchmark_options.described(benchmark.options):
        assert each.label
        assert each.help.endswith(".")
    assert benchmark.name == kind
    assert benchmark.scripts
