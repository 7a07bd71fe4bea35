"""Statistics of a dataset: sample counts and balance."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.dataset import statistics
from distdiag_core.dataset.case import Case, Label
from distdiag_core.dataset.case_files import case_directory, case_editing
from distdiag_core.dataset.case_files.statistics_cache import DatasetInventory
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from pathlib import Path


def make_case(name: str, *labels: Label, normal: tuple[tuple[float, float], ...] = ()) -> Case:
    window = Window(np.arange(100.0), ("n1", "n2"), ("cpu",), np.zeros((2, 1, 100), dtype=np.float32))
    return Case(name, window, 1.0, labels, normal, "g")


def test_a_tick_counts_once_whatever_its_anomalies() -> None:
    both = make_case("a", Label("cpu", "n1", 20, 39), Label("io", "n2", 30, 49), normal=((0, 14), (60, 99)))
    found = statistics.statistics([both])
    assert (found.samples, found.normal, found.anomalous) == (100, 55, 30)
    assert (found.by_anomaly, found.by_node) == ({"cpu": 20, "io": 20}, {"n1": 20, "n2": 20})
    assert found.cases_by_anomaly == {"cpu": 1, "io": 1}


@pytest.mark.parametrize(
    ("normal", "anomalous", "balanced", "word"),
    [
        (0, 0, False, "no samples yet"),
        (40, 60, True, "balanced"),
        (65, 35, True, "balanced"),
        (34, 66, False, "add 2 normal samples"),
        (7000, 10, False, "add 3,760 anomalous samples"),
        (0, 5, False, "add 3 normal samples"),
    ],
)
def test_balance(normal: int, anomalous: int, *, balanced: bool, word: str) -> None:
    found = statistics.balance(normal, anomalous)
    assert (found.balanced, found.word) == (balanced, word)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 99))
def test_the_missing_samples_are_enough_and_no_more(normal: int, anomalous: int, points: float) -> None:
    found = statistics.balance(normal, anomalous, points)
    if found.balanced or not normal + anomalous:
        return
    more = np.array([found.missing, 0] if normal < anomalous else [0, found.missing])
    assert statistics.balance(normal + int(more[0]), anomalous + int(more[1]), points).balanced
    less = more - (more > 0)
    assert not statistics.balance(normal + int(less[0]), anomalous + int(less[1]), points).balanced


def test_only_changed_cases_are_counted_again(tmp_path: Path) -> None:
    inventory = DatasetInventory(tmp_path / "cases")
    assert inventory.statistics().cases == 0
    path = case_directory.write(make_case("a", Label("cpu", "n1", 20, 39)), tmp_path / "cases")
    case_directory.write(make_case("b"), tmp_path / "cases")
    first = inventory.statistics()
    assert (first.cases, first.anomalous) == (2, 20)
    assert inventory.statistics() is first

    case_editing.relabel(path, lambda case: case_editing.renamed(case, "cpu", "io"))
    assert inventory.statistics().by_anomaly == {"io": 20}
    case_editing.drop(path)
    assert inventory.statistics().cases == 1


def test_an_unreadable_case_is_reported_and_left_out(tmp_path: Path) -> None:
    case_directory.write(make_case("a"), tmp_path)
    broken = case_directory.write(make_case("b"), tmp_path)
    (broken / "metrics.csv.gz").write_bytes(b"")
    os.utime(broken / "case.yaml")
    inventory = DatasetInventory(tmp_path)
    assert inventory.statistics().cases == 1
    assert str(broken) in inventory.problem
