"""Case directories: written cases are read unchanged, and malformed ones are named."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from distdiag_core.dataset.case import Case, Label
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.metrics.frame import Array, Window

YAML = """\
source: somebody
note: of their own
period: 5
anomalies:
- {type: cpu_stress, node: n1, start: 105, end: 110}
group: 7
"""
CSV = "timestamp,node,cpu,io\n100,n1,1.5,2\n105,n1,3,\n105,n2,4,5\n110,n1,-6,7e3\n"


def make(path: Path, labels: str | None = YAML, figures: str | None = CSV) -> Path:
    path.mkdir()
    if labels is not None:
        (path / "case.yaml").write_text(labels)
    if figures is not None:
        (path / "metrics.csv").write_text(figures)
    return path


def test_rows_may_be_missing_and_cells_empty(tmp_path: Path) -> None:
    case = case_directory.read(make(tmp_path / "a"))
    assert (case.name, case.period_s, case.group, case.source) == ("a", 5, "7", "somebody")
    assert case.labels == (Label("cpu_stress", "n1", 105, 110),)
    assert case.window.nodes == ("n1", "n2")
    assert case.window.times_s.tolist() == [100, 105, 110]
    assert case.window.series("n1", "cpu").tolist() == [1.5, 3, -6]
    assert np.isnan(case.window.series("n1", "io")[1])
    assert np.isnan(case.window.series("n2", "cpu")[[0, 2]]).all()


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = make(tmp_path / "a", figures=None)
    (path / "metrics.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    assert len(case_directory.read(path).window) == 3


@pytest.mark.parametrize(
    ("figures", "complaint"),
    [
        ("", "does not begin with timestamp,node"),
        ("time,node,cpu\n1,n1,2\n", "does not begin with timestamp,node"),
        ("timestamp,node,cpu,io\n", "has no rows"),
        ("timestamp,node,cpu,cpu\n100,n1,1,2\n", "column cpu twice"),
        ("timestamp,node,cpu,io\n100,n1,1\n", "metrics.csv:2: has 3 cells where the header has 4"),
        ("timestamp,node,cpu,io\n105,n1,1,2\n105,n1,1,2\n", "metrics.csv:3: has node n1 at 105 a second time"),
        ("timestamp,node,cpu,io\n105,n1,1,many\n", "metrics.csv:2: io is 'many', which is not a number"),
        ("timestamp,node,cpu,io\nnoon,n1,1,2\n", "timestamp is 'noon'"),
        ("timestamp,node,cpu,io\n105,n1,1,inf\n", "io has an infinite figure"),
        ("timestamp,node,cpu,io\n105,n2,1,2\n", "labels node n1, which has no figures; known: n2"),
        ("timestamp,node,cpu,io\n500,n1,1,2\n", "at a time without figures"),
    ],
)
def test_malformed_metrics_are_named(tmp_path: Path, figures: str, complaint: str) -> None:
    with pytest.raises(DataError) as error:
        case_directory.read(make(tmp_path / "a", figures=figures))
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ("anomalies: []\n", "period: is required but missing"),
        ("period: 1\n", "anomalies: is required but missing"),
        ("period: 0\nanomalies: []\n", "the period must be"),
        ("period: 1\nanomalies: [{type: a, node: n1, start: 9, end: 1}]\n", "must not be after the end"),
        ("period: 1\nanomalies: [{type: a, node: n1, start: noon, end: 1}]\n", "case.yaml:2: anomalies.0.start"),
        ("period: [\n", "is not valid YAML"),
    ],
)
def test_malformed_labels_are_named(tmp_path: Path, labels: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as error:
        case_directory.read(make(tmp_path / "a", labels=labels))
    assert complaint in str(error.value)


def test_partial_cases_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no metrics\.csv"):
        case_directory.read(make(tmp_path / "a", figures=None))
    with pytest.raises(DataError, match=r"has no case\.yaml"):
        case_directory.read(make(tmp_path / "b", labels=None))
    path = make(tmp_path / "c", figures=None)
    (path / "metrics.csv.gz").write_bytes(gzip.compress(CSV.encode())[:-12])
    with pytest.raises(DataError, match="half-written"):
        case_directory.read(path)


def test_a_directory_of_cases_or_one(tmp_path: Path) -> None:
    make(tmp_path / "b")
    make(tmp_path / "a")
    (tmp_path / ".a-being-written").mkdir()
    assert [case.name for case in case_directory.read_all(tmp_path)] == ["a", "b"]
    assert [case.name for case in case_directory.read_all(tmp_path / "b")] == ["b"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no case"):
        case_directory.read_all(tmp_path / "empty")
    with pytest.raises(DataError, match="is not a directory"):
        case_directory.read_all(tmp_path / "nowhere")


_FIGURES = st.one_of(st.just(float("nan")), st.floats(width=32, allow_nan=False, allow_infinity=False))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(figures=arrays.arrays(np.float32, (2, 3, 4), elements=_FIGURES), name=st.text(min_size=1, max_size=8))
def test_written_cases_are_read_unchanged(tmp_path_factory: pytest.TempPathFactory, figures: Array, name: str) -> None:
    directory = tmp_path_factory.mktemp("cases")
    metrics = (f"{name}.a", "b,c", 'd"e')
    if any(character in name for character in "\r\n\0") or not name.isprintable():
        metrics = ("a", "b,c", 'd"e')
    window = Window(np.array([1.0, 2.5, 3.125, 1.6e9]), ("n1", "n, 2"), metrics, figures)
    label = Label("x: y", "n, 2", 2.5, 3.125, "high")
    case = Case("k", window, 0.5, (label,), ((1.0, 2.0),), "g", "here", "tpcc", "A1", "one node, one anomaly")
    read = case_directory.read(case_directory.write(case, directory))
    assert np.array_equal(read.window.values, figures, equal_nan=True)
    assert read.window.times_s.tolist() == window.times_s.tolist()
    assert (read.window.nodes, read.window.metrics) == (window.nodes, window.metrics)
    notes = ("labels", "normal", "group", "source", "period_s", "workload", "scenario", "category")
    assert [getattr(read, note) for note in notes] == [getattr(case, note) for note in notes]


def test_a_case_is_never_overwritten_or_partial(tmp_path: Path) -> None:
    case = case_directory.read(make(tmp_path / "a"))
    with pytest.raises(DataError, match="exists already"):
        case_directory.write(case, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        case_directory.write(case, tmp_path / "file")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "file"]


def test_a_case_with_a_dot_as_its_path_has_the_name_of_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tmp_path / "one"
    case.mkdir()
    (case / "case.yaml").write_text("period: 1\nanomalies: []\n")
    monkeypatch.chdir(case)
    assert [path.name for path in case_directory.found(Path())] == ["one"]
