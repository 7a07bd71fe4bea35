"""obdiag, asked by a key from a root cause and from an incident."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.errors import UnsupportedError
from distdiag_core.incidents.incident_files import incidents_of
from distdiag_core.obdiag.evidence import Finding, ObdiagEvidence
from distdiag_core.obdiag.obdiag_settings import ObdiagSettings
from distdiag_core.recording.reader import Recording
from distdiag_tui.screens.incident import IncidentScreen
from distdiag_tui.screens.question import Question
from distdiag_tui.screens.root_cause import CausePanel, RootCauseScreen
from distdiag_tui.views.obdiag import ObdiagRun, evidence_lines, run_lines
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import troubled
from tests.tui.canned_incidents import with_incidents
from tests.tui.conftest import until
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.tui.conftest import Running

_FOUND = ObdiagEvidence("rca", "lock_conflict", 1_800_000_000.0, 12.0, (Finding("step", "7 waits"),), ("kill 3221",))


def shown(pilot: Pilot[None]) -> str:
    return text(pilot.app.screen.query_one(CausePanel).lines)


async def test_a_root_cause_is_asked_about_with_progress_and_cancelled(running: Running) -> None:
    async with running(troubled()) as pilot:
        obdiag = core_of(pilot).runtime.obdiag
        obdiag.hold = asyncio.Event()
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RootCauseScreen))
        await pilot.press("o")
        await until(pilot, lambda: "1 of 1: check cpu.*" in shown(pilot) and "Execute Shell" in shown(pilot))
        await pilot.press("o")
        await until(pilot, lambda: any("obdiag still runs" in each for each in notifications(pilot)))
        await pilot.press("f8")
        await until(pilot, lambda: "it was cancelled; what was found before is kept" in shown(pilot))
        obdiag.hold = None
        await pilot.press("o")
        await until(pilot, lambda: "move a unit" in shown(pilot))
        assert "[z1] cpu oversold: 64 of 16" in shown(pilot)
        assert "it is not kept" in shown(pilot)


async def test_what_is_found_about_an_incident_is_kept_in_it(running: Running, tmp_path: Path) -> None:
    snapshot = with_incidents(tmp_path)
    assert snapshot.recording is not None
    async with running(replace(snapshot, cluster=replace(snapshot.cluster, read_only=False))) as pilot:
        core_of(pilot).runtime.obdiag.failure = UnsupportedError("is not installed", where="obdiag")
        await pilot.press("I", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, IncidentScreen))
        await pilot.press("o")
        await until(pilot, lambda: "move a unit" in text(pilot.app.screen.query_one(TextPane).lines))
    with Recording(Path(snapshot.recording.path)) as recording:
        kept = {each.incident.id: each.evidence for each in incidents_of(recording)}
    assert [each.verb for each in kept[2]] == ["check"]
    assert not kept[1]


async def test_a_read_only_cluster_is_asked_about_first_and_no_is_the_answer_of_enter(running: Running) -> None:
    snapshot = troubled()
    assert snapshot.diagnosis is not None
    first, *others = snapshot.diagnosis.root_causes
    # What has a scene, which collects files.
    locks = replace(snapshot.diagnosis, root_causes=(replace(first, anomaly="lock_contention"), *others))
    allowed = replace(snapshot.cluster, read_only=True, sections=(ObdiagSettings(on_read_only=True),))
    async with running(replace(snapshot, diagnosis=locks, cluster=allowed)) as pilot:
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RootCauseScreen))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        assert "copies logs into directories below /tmp" in text(pilot.app.screen.query_one(LineView).lines)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RootCauseScreen))
        assert core_of(pilot).log.names() == []
        await pilot.press("o", "tab", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RootCauseScreen) and "move a unit" in shown(pilot))
        assert set(core_of(pilot).log.names()) == {"obdiag.run"}


def test_failures_suggestions_and_records_stand_below_each_other() -> None:
    calls = ("rca lock_conflict", "check cluster.*")
    run = ObdiagRun(("n2", "lock"), calls, 3, found=(_FOUND,), failures=("check: no ssh",)).ended(1.0)
    said = text(tuple(run_lines(run, ("n2", "lock"), 100)))
    for part in (
        "it is kept in the incident",
        "check: no ssh",
        "1 record, 1 suggestion",
        "suggestion  kill 3221",
        "7 waits",
    ):
        assert part in said
    assert run_lines(run, ("n1", "lock"), 100) == []
    going = replace(run, ended_s=None, progress="rca lock_conflict: asked", failures=())
    assert "2 of 2: rca lock_conflict: asked" in text(tuple(run_lines(going, ("n2", "lock"), 100)))
    assert "cancelled: ending obdiag" in text(tuple(run_lines(replace(going, called_off=True), ("n2", "lock"), 100)))
    assert "kill 3221" in text(tuple(evidence_lines((_FOUND,), 100)))
    assert evidence_lines((), 100) == []
