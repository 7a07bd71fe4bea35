"""One root cause in full: evidence in the unit of each metric, the alternative, the order, and advice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies import advice_catalogue
from distdiag_core.diagnosis.detection.ranking import Alternative, Evidence
from distdiag_tui.drawing.format import clock
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views import root_cause, root_causes
from tests.tui.canned import calm, troubled
from tests.tui.views.test_panels import text, view

if TYPE_CHECKING:
    from distdiag_core.diagnosis.detection.ranking import RootCause


def first() -> RootCause:
    diagnosis = troubled().diagnosis
    assert diagnosis is not None
    return diagnosis.root_causes[0]


def said(cause: RootCause, width: int = 100) -> str:
    return text(root_cause.detail(view(troubled()), cause, width))


def test_a_root_cause_of_a_metric_that_is_gone() -> None:
    snapshot = troubled()
    assert snapshot.diagnosis is not None
    cause = snapshot.diagnosis.root_causes[0]
    strange = replace(
        cause, onset_s=None, evidence=(replace(cause.evidence[0], metric="host.gone", sigma=float("nan")),)
    )
    shown = text(root_cause.detail(view(snapshot), strange, 100))
    assert "host.gone" in shown
    assert "since       not known" in shown


def test_evidence_is_in_its_unit_beside_the_other_nodes() -> None:
    cause = replace(first(), evidence=(Evidence("host.cpu.usage", 6.1, 31.2, 98.9, 28.4, 2.5),))
    assert "cpu 31% → 99%  peers 28%  ↑ 6.1σ" in said(cause)
    assert "the metrics that drove this verdict" in said(cause)


def test_of_many_nodes_the_suspect_stands_against_the_range_of_the_others() -> None:
    evidence = Evidence("host.cpu.usage", 6.1, 31.2, 98.9, 28.4, 2.5)
    (suspect, *others) = root_cause.compared(view(calm(40, hurt=3)), "n33", evidence)
    assert text([suspect]).startswith("  n33 ")
    assert [text([line])[2:15].rstrip() for line in others] == ["highest other", "median", "lowest"]


def test_a_row_has_the_units_too() -> None:
    snapshot = troubled()
    assert snapshot.diagnosis is not None
    cause = replace(first(), evidence=(Evidence("host.cpu.usage", 6.1, 31.2, 98.9, 28.4),))
    shown = replace(snapshot, diagnosis=replace(snapshot.diagnosis, root_causes=(cause,)))
    assert "cpu 31% → 99%" in text(root_causes.rows(view(shown), 120))


def test_what_is_close_is_said_to_be_one_or_the_other() -> None:
    other = Alternative("io_stress", 0.9, active=False, distinguishing_metrics=("host.disk.busy", "host.cpu.usage"))
    shown = said(replace(first(), alternative=other), 300)
    assert "looks like CPU stress or I/O stress, confidence 0.90; the two differ most in disk busy, cpu" in shown
    assert "or both" in said(replace(first(), alternative=replace(other, active=True)), 300)
    assert "looks like" not in said(replace(first(), alternative=replace(other, confidence=0.2)), 300)


def test_metrics_are_in_the_order_in_which_they_left_their_past() -> None:
    start_s = troubled().frame.time_s - 30
    late = Evidence("host.disk.busy", 5.0, 10.0, 90.0, onset_s=start_s + 2)
    early = Evidence("host.disk.latency", 4.0, 1.0, 9.0, onset_s=start_s)
    never = Evidence("host.cpu.usage", 4.0, 1.0, 9.0)
    wall_s = view(troubled()).wall_s(start_s)
    shown = said(replace(first(), evidence=(late, early, never)))
    assert f"first      disk latency {clock(wall_s)}, then disk busy {clock(wall_s + 2)}" in shown


def test_all_advice_is_shown_and_fits() -> None:
    advice = advice_catalogue.load()["cpu_stress"]
    lines = root_cause.detail(view(troubled()), first(), 80, advice)
    flat = " ".join(text(lines).split())
    assert advice.first in flat
    assert all(key in flat for key in advice.views)
    assert all(" ".join(words.split()) in flat for words in advice.helps.values())
    begin = next(place for place, line in enumerate(lines) if text([line]) == "what to do")
    assert max(map(width_of, lines[begin:])) <= 80
