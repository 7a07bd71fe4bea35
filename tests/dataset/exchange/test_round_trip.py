"""Cases that are exported and imported again are the same."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distdiag_core.dataset.case import Case, Label, rounded_s
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.case_files.spreadsheet import cell_text, safe_cell
from distdiag_core.dataset.exchange import columns, directories, states, table_files
from distdiag_core.dataset.exchange.columns import COLUMNS
from distdiag_core.errors import DataError
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.dataset.exchange.conftest import Imported

    Import = Callable[[str | bytes | Path], Imported]

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1", "'", "'a", "＝1"]  # noqa: RUF001 - meant

texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8)
texts |= st.sampled_from(["=1+1", "+a", "-a", "@a", "'=a", "''@", "a,b", 'a"b', "a;b", " a", "a "])
nodes = texts.filter(str.strip)
metrics = texts.filter(lambda name: name not in COLUMNS and not columns.is_reserved(name))


def is_name(text: str) -> bool:
    try:
        states.check_name(text, "")
    except DataError:
        return False
    return True


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case with times of any precision, labels between and on them, and names of any characters."""
    start_s = draw(st.sampled_from([0.0, 1700000000.123456, 1e9 / 3]))
    steps = draw(st.lists(st.floats(0.002, 5), min_size=1, max_size=8))
    times_s = start_s + np.cumsum([0.0, *steps])
    names = draw(st.lists(nodes, min_size=1, max_size=3, unique=True))
    columns = draw(st.lists(metrics, min_size=1, max_size=3, unique=True))
    shape = (len(names), len(columns), len(times_s))
    number = st.floats(width=32, allow_infinity=False)
    values = np.array(
        draw(st.lists(number, min_size=int(np.prod(shape)), max_size=int(np.prod(shape)))), dtype=np.float32
    )
    labels = []
    for anomaly in draw(st.lists(texts.filter(is_name), max_size=3, unique=True)):
        first, last = sorted(draw(st.tuples(*[st.floats(float(times_s[0]), float(times_s[-1]))] * 2)))
        labels.append(Label(anomaly, draw(st.sampled_from(names)), first, last, draw(st.sampled_from([None, "low"]))))
    window = Window(times_s, tuple(names), tuple(columns), values.reshape(shape))
    return Case("case", window, 1.0, tuple(labels), group="g", source=draw(texts))


def facts(case: Case) -> tuple[object, ...]:
    labels = sorted((each.anomaly, each.node, each.start_s, each.end_s, each.severity or "") for each in case.labels)
    labelled = [
        [(label.anomaly, label.node, tick) for tick, time_s in enumerate(case.window.times_s.tolist())
         if label.start_s <= time_s <= label.end_s]
        for label in case.labels
    ]  # fmt: skip
    return (
        labels, labelled, case.normal, case.group, case.source, case.period_s, case.window.nodes, case.window.metrics,
        case.window.times_s.tolist(),
    )  # fmt: skip


@pytest.mark.parametrize("target", ["out.csv", "out.parquet", "out"])
@settings(max_examples=15, deadline=None)
@given(case=cases())
def test_a_case_comes_back_as_it_was(target: str, case: Case) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = case_directory.write(case, Path(directory, "dataset"))
        before = case_directory.read(path)
        out, back = Path(directory, target), Path(directory, "back")
        if target == "out":
            directories.copy(path, out)
            directories.copy(out / "case", back)
        else:
            list(table_files.write([path], out))
            list(table_files.read(out, back))
            list(table_files.read(out, path.parent))
        after = case_directory.read(back / "case")
    # What lies within a label lies within it when both are rounded.
    inside = [label.start_s <= time_s <= label.end_s for label in case.labels for time_s in case.window.times_s]
    inside_before = [a.start_s <= time_s <= a.end_s for a in before.labels for time_s in before.window.times_s]
    assert all(now for was, now in zip(inside, inside_before, strict=True) if was)
    assert facts(before) == facts(after)
    assert np.array_equal(before.window.values, after.window.values, equal_nan=True)
    assert before.window.times_s.tolist() == [rounded_s(time_s) for time_s in case.window.times_s.tolist()]


@pytest.mark.parametrize("fraction", ["123456", "0005", "9995", "999999"])
def test_the_rows_of_a_label_stay_in_it(imported: Import, tmp_path: Path, fraction: str) -> None:
    states = ["normal", "normal", "cpu_stress", "cpu_stress", "cpu_stress", "normal"]
    rows = "".join(f"{1700000000 + tick}.{fraction},n1,{state},{tick}\n" for tick, state in enumerate(states))
    first = imported(f"timestamp,node,state,cpu\n{rows}").case
    list(table_files.write([tmp_path / "in" / "t"], tmp_path / "out.csv"))
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [row["state"] for row in csv.DictReader(file)] == states
    list(table_files.read(tmp_path / "out.csv", tmp_path / "back"))
    assert facts(case_directory.read(tmp_path / "back" / "t")) == facts(first)


@pytest.mark.parametrize("text", FORMULAS)
def test_cells_that_a_spreadsheet_would_run_are_written_as_text(tmp_path: Path, text: str) -> None:
    node, anomaly = (text, f"{text} x") if text.isprintable() else (text, "cpu")
    window = Window(np.array([1.0, 2.0]), (node,), (text, "m"), np.array([[[-1, 2], [3, 4]]], dtype=np.float32))
    case = Case("=case", window, 1.0, (Label(anomaly, node, 1, 2),))
    path = case_directory.write(case, tmp_path / "dataset")
    out = tmp_path / "out.csv"
    list(table_files.write([path], out))
    with out.open(newline="") as file:
        rows = list(csv.reader(file))
    for cell in (cell for row in rows for cell in row if cell not in ("-1.0",)):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert rows[1][-2] == "-1.0", "figures stay figures"
    list(table_files.read(out, tmp_path / "back"))
    found = case_directory.read(tmp_path / "back" / "=case")
    assert (found.window.nodes, found.window.metrics, found.labels) == ((node,), (text, "m"), case.labels)
    directories.copy(path, tmp_path / "copy")
    assert facts(case_directory.read(tmp_path / "copy" / "=case")) == facts(found)


@given(text=st.text())
def test_every_text_is_read_as_it_was_written(text: str) -> None:
    assert cell_text(safe_cell(text)) == text


def test_a_metric_with_the_name_of_a_column_is_not_exported(tmp_path: Path) -> None:
    window = Window(np.array([1.0]), ("n1",), ("state",), np.ones((1, 1, 1), dtype=np.float32))
    path = case_directory.write(Case("c", window, 1.0), tmp_path / "dataset")
    with pytest.raises(DataError, match="has a metric 'state', as a column of tables is called"):
        list(table_files.write([path], tmp_path / "out.csv"))


def test_a_case_with_long_notes_comes_back(tmp_path: Path) -> None:
    window = Window(np.array([1.0]), ("n1",), ("cpu",), np.ones((1, 1, 1), dtype=np.float32))
    # Longer than the longest cell that the CSV parser takes by itself.
    path = case_directory.write(Case("c", window, 1.0, tags=("x" * 200_000,)), tmp_path / "dataset")
    list(table_files.write([path], tmp_path / "out.csv"))
    list(table_files.read(tmp_path / "out.csv", tmp_path / "back"))
    assert case_directory.read(tmp_path / "back" / "c").tags == ("x" * 200_000,)
