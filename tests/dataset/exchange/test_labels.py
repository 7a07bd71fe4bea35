"""Labels of tables of other programs: what is normal, what is an anomaly, and what is never a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.dataset.case import Label
from distdiag_core.dataset.exchange import columns, directories
from distdiag_core.errors import DataError
from distdiag_core.metrics import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.dataset.exchange.conftest import Imported

    Import = Callable[[str | bytes | Path], Imported]


def table(name: str, values: list[str]) -> str:
    rows = "".join(f"{tick},n1,{value},{tick}.5\n" for tick, value in enumerate(values))
    return f"timestamp,node,{name},cpu\n{rows}"


@pytest.mark.parametrize(
    "name",
    ["label", "Label", " labels", "is_anomaly", "isAnomaly", "Is Anomaly", "class", "anomaly", "anomaly_type", "target",
     "Normal/Attack", "ground-truth", "fault", "outlier", "cpu_label", "state", "State"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("normal", "anomalous", "called"),
    [
        ("0", "1", "anomaly"),
        ("0.0", "1.0", "anomaly"),
        ("False", "True", "anomaly"),
        ("no", "yes", "anomaly"),
        ("Normal", "Abnormal", "anomaly"),
        (" normal", " cpu_stress", "cpu_stress"),
        ("none", "CPU_STRESS", "cpu_stress"),
        ("None", "CPU stress", "cpu_stress"),
        ("OK", "disk", "disk"),
    ],
)
def test_labels_are_read_and_are_no_metric(
    imported: Import, name: str, normal: str, anomalous: str, called: str
) -> None:
    found = imported(table(name, [normal, normal, anomalous, anomalous]))
    assert found.case.labels == (Label(called, "n1", 2, 3),)
    assert found.case.window.metrics == ("cpu",)
    assert ("is new: the catalogue has none" in found.notes) == (called != "cpu_stress")
    if name != "state":
        assert f"column '{name.strip()}' is taken for" in found.notes


def test_an_empty_label_is_normal_with_a_word(imported: Import) -> None:
    found = imported(table("label", ["", "cpu_stress"]))
    assert (found.case.labels, found.case.normal) == ((Label("cpu_stress", "n1", 1, 1),), ())
    assert "'label': an empty cell is read as normal" in found.notes


def test_an_empty_or_unknown_state_is_neither(imported: Import) -> None:
    found = imported(table("state", ["normal", "", "NaN", "unknown", "cpu_stress"]))
    assert (found.case.labels, found.case.normal) == ((Label("cpu_stress", "n1", 4, 4),), ((0, 0),))
    assert "'NaN' is read as neither normal nor an anomaly" in found.notes


def test_a_column_may_say_what_is_normal(imported: Import) -> None:
    found = imported(table("is_normal", ["1", "True", "0", "False"]))
    assert found.case.labels == (Label("anomaly", "n1", 2, 3),)
    assert "'0' is read as the anomaly 'anomaly'" in found.notes


def test_several_anomalies_at_once(imported: Import) -> None:
    found = imported(table("label", ["normal", "cpu_stress + disk", "disk"]))
    assert set(found.case.labels) == {Label("cpu_stress", "n1", 1, 1), Label("disk", "n1", 1, 2)}


def test_a_table_without_labels_is_normal_with_a_word(imported: Import) -> None:
    assert "no column state or label: every row is taken for normal" in imported("timestamp,node,cpu\n1,n1,2\n").notes


def test_labels_beside_a_state_are_left_out(imported: Import) -> None:
    found = imported("timestamp,node,state,label,anomaly_score,cpu\n1,n1,normal,1,0.5,2\n")
    assert (found.case.labels, found.case.window.metrics) == ((), ("cpu",))
    assert "column 'label' looks like a label and is left out" in found.notes
    assert "column 'anomaly_score' looks like a label and is left out" in found.notes


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (table("label", ["0", "2"]), "t.csv:3: label is '2', which is no state; a state is normal"),
        (table("label", ["1", "-1"]), "t.csv:3: label is '-1', which is no state"),
        (table("anomaly", ["0", "0.73"]), "t.csv:3: anomaly is '0.73', which is no state"),
        (table("state", ["normal", "normal+cpu_stress"]), "t.csv:3: state is 'normal+cpu_stress', which is no state"),
        (table("state", ["normal", "cpu_stress+"]), "t.csv:3: state is 'cpu_stress+', which is no state"),
        (table("state", ["normal", "a\x07b"]), "t.csv:3: state is 'a?b', which is no state"),
        (table("label", [f"text {number}" for number in range(300)]), "more than 200 different values in 'label'"),
        ("timestamp,node,label,is_anomaly,cpu\n1,n1,0,0,1\n", "may be the label: 'label', 'is_anomaly'; keep one"),
        ("timestamp,node,label\n1,n1,0\n", "has no column with figures"),
    ],
)
def test_what_is_no_label_is_refused(imported: Import, text: str, complaint: str) -> None:
    with pytest.raises(DataError) as error:
        imported(text)
    assert complaint in str(error.value)


def test_no_metric_of_the_catalogue_is_taken_for_something_else() -> None:
    assert not [metric.name for metric in catalogue.load().metrics if columns.is_reserved(metric.name)]


@pytest.mark.parametrize(
    ("anomaly", "metric", "complaint"),
    [
        ("Normal", "cpu", "has 'Normal' as the name of an anomaly, which is a word for none"),
        ("'0'", "cpu", "has '0' as the name of an anomaly"),
        ("'3'", "cpu", "has '3' as the name of an anomaly, which is a number"),
        ("' '", "cpu", "has an anomaly without a name"),
        ("cpu_stress", "label", "metrics.csv:1: has a column 'label', which is a label or an index"),
        ("cpu_stress", "Unnamed: 0", "has a column 'Unnamed: 0', which is a label or an index"),
        ("cpu_stress", "", "metrics.csv:1: has a column '', which is a label or an index"),
    ],
)
def test_case_directories_keep_to_the_same(tmp_path: Path, anomaly: str, metric: str, complaint: str) -> None:
    path = tmp_path / "c"
    path.mkdir()
    (path / "case.yaml").write_text(f"period: 1\nanomalies: [{{type: {anomaly}, node: n1, start: 1, end: 1}}]\n")
    (path / "metrics.csv").write_text(f"timestamp,node,{metric}\n1,n1,1\n")
    with pytest.raises(DataError) as error:
        directories.copy(path, tmp_path / "in")
    assert complaint in str(error.value)
