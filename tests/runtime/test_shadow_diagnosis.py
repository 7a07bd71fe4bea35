"""A second model on the same ticks: what it says, how often it agrees, and whether it names what is injected."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core import places
from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser
from distdiag_core.diagnosis.model import model_files
from distdiag_core.diagnosis.model.model import Thresholds
from distdiag_core.metrics import catalogue as metric_catalogue
from distdiag_core.metrics.frame import Frame, Window
from distdiag_core.models import model_registry
from distdiag_core.runtime.shadow_diagnosis import ShadowComparison, ShadowDiagnosis, first_row
from distdiag_core.runtime.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distdiag_core.dataset.case import Case

_CASES = Path(__file__).parents[1] / "diagnosis" / "lab_cases"
_WITHIN_S = 120.0
_TICKS_BEFORE, _TICKS_AFTER = 25, 20
_ANOMALIES = catalogue.load()

pytestmark = pytest.mark.usefixtures("own_places")


def _copy(name: str, deaf_to: str = "") -> None:
    """The model that ships under another name, which never reports one of its anomalies."""
    model = model_registry.load("lab")
    thresholds = {each: Thresholds(1.0, 1.0) if each == deaf_to else of for each, of in model.thresholds.items()}
    model_files.save(replace(model, name=name, thresholds=thresholds), places.models_dir() / name)


def _snapshots(case: Case) -> Iterator[Snapshot]:
    """The ticks of a case as a console with the model that ships has them."""
    model = model_registry.load("lab")
    diagnoser, metrics = ClusterDiagnoser(model, case.period_s), metric_catalogue.load()
    settings = ClusterSettings("lab", tuple(NodeSettings(name, "127.0.0.1") for name in case.window.nodes))
    status = model_registry.status(model, case.window.metrics)
    (label,) = case.labels
    times_s = case.window.times_s
    begin, stop = np.searchsorted(times_s, (label.start_s - _TICKS_BEFORE, label.start_s + _TICKS_AFTER)).tolist()
    whole = Window(times_s[begin:stop], case.window.nodes, case.window.metrics, case.window.values[..., begin:stop])
    for end in range(1, len(whole) + 1):
        window = Window(whole.times_s[:end], whole.nodes, whole.metrics, whole.values[..., :end])
        now_s = float(window.times_s[-1])
        frame = Frame(now_s, window.nodes, window.metrics, window.values[..., -1])
        active = Injection(
            "a1", label.anomaly, label.node, "high", InjectionState.ACTIVE, label.start_s, label.end_s, "me@here"
        )
        yield Snapshot(
            end, settings, metrics, (), frame, window, model=status, diagnosis=diagnoser.diagnose(window),
            injections=(active,) if label.start_s <= now_s <= label.end_s else (),
        )  # fmt: skip


@pytest.fixture(scope="module")
def ticks() -> list[Snapshot]:
    return list(_snapshots(case_directory.read(_CASES / "cpu_stress-n2-high-rw3-1")))


def _compared(name: str, ticks: Sequence[Snapshot]) -> list[ShadowComparison]:
    """The comparison of each tick, of as many as can wait at once; one that cannot be read has one alone."""
    found: list[ShadowComparison] = []
    done = threading.Semaphore(0)

    def tell(compared: ShadowComparison) -> None:
        found.append(compared)
        done.release()

    shadow = ShadowDiagnosis(name, _ANOMALIES, tell)
    try:
        for tick in ticks:
            shadow.offer(tick)
            assert done.acquire(timeout=_WITHIN_S)
            if found[-1].problem:
                break
    finally:
        shadow.close()
    return found


def test_a_model_that_misses_an_anomaly_differs_while_it_is_on(ticks: list[Snapshot]) -> None:
    _copy("deaf", deaf_to="cpu_stress")
    last = _compared("deaf", ticks)[-1]
    assert 0 < last.agreed < last.compared
    assert [(each.first, each.second) for each in last.outcomes] == [(True, False)]


def test_one_that_begins_late_knows_the_past_and_going_back_counts_anew(ticks: list[Snapshot]) -> None:
    _copy("twin")
    late, back = ticks[12], ticks[10]
    first, again = _compared("twin", [late, back])
    assert first.second is not None
    assert late.diagnosis is not None
    assert first_row(first.second) == first_row(late.diagnosis)
    assert again.second is not None
    assert (first.second.time_s, again.second.time_s) == (late.frame.time_s, back.frame.time_s)
    assert again.compared <= 1


def test_a_model_that_is_damaged_is_said_once(ticks: list[Snapshot]) -> None:
    (found,) = _compared("missing", ticks[:3])
    assert "no model is called 'missing'" in found.problem
