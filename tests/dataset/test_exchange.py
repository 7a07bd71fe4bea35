"""Export and import of cases, malformed ones included."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.dataset.case import Case, Label
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.exchange import directories, table_files
from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from pathlib import Path

LABELS = "source: somebody\nperiod: 1\nanomalies: [{type: cpu, node: n1, start: 2, end: 4}]\n"
STRANGER = '''"{""period"":1,""anomalies"":[{""type"":""x"",""node"":""n9"",""start"":1,""end"":1}]}"'''
FIGURES = "timestamp,node,cpu,io\n" + "".join(
    f"{time},{node},{time}.5,\n" for time in range(9) for node in ("n1", "n2")
)


def make_case(name: str, *labels: Label, metrics: tuple[str, ...] = ("cpu", "io,é")) -> Case:
    values = np.arange(2 * len(metrics) * 6, dtype=np.float32).reshape(2, len(metrics), 6) / np.float32(3)
    values[1, 0, 2] = np.nan
    window = Window(np.arange(100.0, 106.0), ("n1", "n 2"), metrics, values)
    normal = ((100.0, 101.0),) if labels else ()
    return Case(name, window, 1.0, labels, normal, "g", "here", "tpcc", "A1", "one node", "n1 was lost", ("night",))


def facts(case: Case) -> tuple[object, ...]:
    return (
        case.name,
        case.labels,
        case.normal,
        case.group,
        case.source,
        case.workload,
        case.scenario,
        case.category,
        case.excluded,
        case.tags,
        case.period_s,
        case.window.nodes,
        case.window.metrics,
        case.window.times_s.tolist(),
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    directory = tmp_path / "dataset"
    labels = Label("cpu stress", "n1", 102.0, 104.0, "high"), Label("io+x", "n 2", 103.0, 104.5)
    case_directory.write(make_case("a", *labels), directory)
    case_directory.write(make_case("b", metrics=("latency",)), directory)
    return directory


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.parquet", "out"])
def test_exported_cases_are_imported_unchanged(tmp_path: Path, dataset: Path, name: str) -> None:
    paths, out, back = case_directory.found(dataset), tmp_path / name, tmp_path / "back"
    if table_files.is_target(out):
        assert list(table_files.write(paths, out)) == ["a", "b"]
        assert list(table_files.read(out, back)) == ["a", "b"]
        assert list(table_files.read(out, back)) == ["a", "b"], "what is there already is left as it is"
    else:
        assert [directories.copy(path, out) for path in paths] == ["a", "b"]
        assert [directories.copy(out / path.name, back) for path in paths] == ["a", "b"]
    for one, other in zip(
        case_directory.read_all(dataset, excluded=True), case_directory.read_all(back, excluded=True), strict=True
    ):
        assert facts(one) == facts(other)
        assert np.array_equal(one.window.values, other.window.values, equal_nan=True)
    assert sorted(path.name for path in back.iterdir()) == ["a", "b"]


def test_a_foreign_table_needs_only_times_nodes_and_states(tmp_path: Path) -> None:
    table = tmp_path / "theirs.csv"
    states = ["normal", "normal", "", "cpu", "cpu+io", "", "normal"]
    rows = [f"n1,{10 + 5 * tick},{state},1\nn2,{10 + 5 * tick},normal,2\n" for tick, state in enumerate(states)]
    table.write_text("node,timestamp,state,latency\n" + "".join(rows))
    assert list(table_files.read(table, tmp_path / "in")) == ["theirs"]
    case = case_directory.read(tmp_path / "in" / "theirs")
    assert sorted(case.labels, key=lambda label: label.anomaly) == [
        Label("cpu", "n1", 25, 30),
        Label("io", "n1", 30, 30),
    ]
    assert case.normal == ((10, 15), (40, 40))
    assert (case.period_s, case.window.metrics, case.window.nodes) == (5, ("latency",), ("n1", "n2"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "t.csv: is empty"),
        ("when,node,cpu\n1,n1,2\n", "t.csv:1: has no column timestamp; it has: when, node, cpu"),
        ("timestamp,node,state\n1,n1,normal\n", "t.csv:1: has no column with figures"),
        ("timestamp,node,cpu,cpu\n1,n1,2,2\n", "t.csv:1: has the column cpu twice"),
        ("timestamp,node,cpu\n", "has no rows"),
        ("timestamp,node,cpu\n1,n1,2\n2,n1\n", "t.csv:3: has 2 cells where the header has 3"),
        ("timestamp,node,cpu\n1,n1,2\nnan,n1,2\n", "t.csv:3: timestamp is 'nan', which is no time"),
        ("timestamp,node,cpu\n1,n1,-inf\n", "t.csv:2: cpu has an infinite figure"),
        ("timestamp,node,cpu\n1,n1,1e300\n", "t.csv:2: cpu has an infinite figure"),
        ("timestamp,node,cpu\n1,n1,2\n2,n1,x\n", "t.csv:3: cpu is 'x', which is not a number"),
        ("timestamp,node,cpu\n2,n1,2\n1,n1,2\n", "t.csv:3: goes back in time, from 2 to 1; sort the table"),
        ("timestamp,node,cpu\n1,n1,2\n1,n1,2\n", "t.csv:3: has node n1 at 1 a second time"),
        ("case,timestamp,node,cpu\na,1,n1,2\nb,1,n1,2\na,2,n1,2\n", "t.csv:4: comes back to case a"),
        ("case,timestamp,node,cpu\n../a,1,n1,2\n", "t.csv:2: '../a' cannot be the name of a case"),
        ("about,timestamp,node,cpu\n{,1,n1,2\n", "t.csv:2: column about is malformed"),
        (
            f"about,timestamp,node,cpu\n{STRANGER},1,n1,2\n",
            "labels node n9, which has no figures; known: n1",
        ),
    ],
)
def test_malformed_tables_are_named_by_line(tmp_path: Path, text: str, complaint: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text(text)
    with pytest.raises(DataError) as error:
        list(table_files.read(table, tmp_path / "in"))
    assert complaint in str(error.value)
    left = tmp_path / "in"
    assert not left.exists() or all((path / "case.yaml").is_file() for path in left.iterdir())


@pytest.mark.parametrize("name", ["t.csv.gz", "t.parquet"])
def test_a_truncated_file_leaves_whole_cases_only(tmp_path: Path, dataset: Path, name: str) -> None:
    table = tmp_path / name
    list(table_files.write(case_directory.found(dataset), table))
    table.write_bytes(table.read_bytes()[:-20])
    with pytest.raises(DataError, match="half-written"):
        list(table_files.read(table, tmp_path / "in"))
    for path in (tmp_path / "in").iterdir() if (tmp_path / "in").exists() else ():
        case_directory.read(path)


@pytest.mark.parametrize(
    ("labels", "figures", "complaint"),
    [
        (LABELS, FIGURES[:-4], "metrics.csv:19: has 3 cells where the header has 4"),
        (LABELS, FIGURES.replace("timestamp", "time"), "metrics.csv:1: does not begin with timestamp,node"),
        (LABELS, FIGURES + "3,n2,1,1\n", "metrics.csv:20: has node n2 at 3 a second time"),
        (LABELS, FIGURES.replace("5,n1,5.5", "5,n1,inf"), "metrics.csv:12: cpu has an infinite figure"),
        (LABELS.replace("n1", "n7"), FIGURES, "labels node n7, which has no figures; known: n1, n2"),
        (LABELS.replace("end: 4", "end: 1"), FIGURES, "must not be after the end"),
        (LABELS.replace("end: 4", "end: .inf"), FIGURES, "has no two ends"),
        (
            LABELS.replace("}]", "}, {type: cpu, node: n1, start: 3, end: 8}]"),
            FIGURES,
            "cpu on n1 from 2 to 4 overlaps with the one from 3 to 8",
        ),
        (f"{LABELS}normal: [[8, 6]]\n", FIGURES, "must not be after the end"),
    ],
)
def test_malformed_cases_are_not_imported(tmp_path: Path, labels: str, figures: str, complaint: str) -> None:
    path = tmp_path / "theirs"
    path.mkdir()
    (path / "case.yaml").write_text(labels)
    (path / "metrics.csv").write_text(figures)
    with pytest.raises(DistdiagError) as error:
        directories.copy(path, tmp_path / "in")
    assert complaint in str(error.value)
    assert not list((tmp_path / "in").glob("*"))
    assert not list((tmp_path / "in").glob(".*"))


def test_unknown_values_are_imported(tmp_path: Path) -> None:
    path = tmp_path / "theirs"
    path.mkdir()
    (path / "case.yaml").write_text(LABELS)
    (path / "metrics.csv.gz").write_bytes(gzip.compress(FIGURES.replace("3.5", "NaN").encode()))
    directories.copy(path, tmp_path / "in")
    assert np.isnan(case_directory.read(tmp_path / "in" / "theirs").window.series("n1", "cpu")[3])


def test_another_case_of_the_same_name_is_not_replaced(tmp_path: Path, dataset: Path) -> None:
    case_directory.write(make_case("a"), tmp_path / "other")
    with pytest.raises(DataError, match="exists already"):
        directories.copy(tmp_path / "other" / "a", dataset)
    assert case_directory.read(dataset / "a").labels


@pytest.mark.parametrize("kind", ["table", "directory"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    def peak_bytes(ticks: int) -> int:
        source = tmp_path / f"{kind}-{ticks}"
        source.mkdir()
        figures = source / "metrics.csv"
        with figures.open("w") as file:
            file.write(f"timestamp,node,{','.join(f'm{number}' for number in range(50))}\n")
            row = ",".join(["12345.678"] * 50)
            file.writelines(f"{time},n1,{row}\n" for time in range(ticks))
        (source / "case.yaml").write_text("period: 1\nanomalies: []\n")
        tracemalloc.start()
        if kind == "table":
            list(table_files.read(figures, tmp_path / "in" / str(ticks)))
        else:
            directories.copy(source, tmp_path / "in")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    # What is held of a row of 500 bytes are the 16 bytes of its time and line.
    assert peak_bytes(8000) - peak_bytes(500) < 7500 * 100
