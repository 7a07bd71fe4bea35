"""Several anomalies in one act: added, taken from a preset or repeated, and followed on the page of injections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.operations.compound_injection import CompoundStatus, PartState, PartStatus
from distdiag_core.recording import audit_log
from distdiag_core.recording.audit_log import AuditRecord
from distdiag_tui.screens.presets import PresetScreen
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import NOW_S, calm, troubled
from tests.tui.conftest import until
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from distdiag_core.runtime.snapshot import Snapshot
    from tests.tui.conftest import Running


def under_way() -> Snapshot:
    """One part is active, one failed, and one is to come."""
    (active,) = [each for each in troubled().injections if each.id == "7f3a"]
    parts = (
        PartStatus(
            "7f3a", active.anomaly, active.node, active.severity, 0, 60, PartState.ACTIVE, NOW_S - 18, NOW_S - 15
        ),
        PartStatus(
            "7f3b", "io_stress", "n1", "low", 5, 60, PartState.FAILED, NOW_S - 13, problem="n1: the disk is full"
        ),
        PartStatus("7f3c", "cpu_stress", "n3", "low", 30, 60),
    )
    return replace(troubled(), compound=CompoundStatus("", NOW_S - 18.0, parts))


def injected(pilot: Pilot[None]) -> list[object]:
    """What was injected, in order."""
    return [call.argument for call in core_of(pilot).log.calls if call.operation == "injections.inject"]


async def test_what_was_added_is_injected_with_what_the_form_has(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "tab", "space", "f5", "down", "space", "tab", "tab", "tab", *"20s")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "begins 00:20 after the others" in text(preview.lines))
        assert "one act of 2" in text(preview.lines)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(injected(pilot)) == 2)
        expected = [InjectionRequest("cpu_stress", (node,), "low", 60.0) for node in ("n1", "n2")]
        assert injected(pilot) == expected
        await until(pilot, lambda: any("CPU stress on n2 is active" in line for line in notifications(pilot)))


async def test_a_preset_fills_the_act_for_the_chosen_node_and_is_taken_back(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "tab", "down", "space", "f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, PresetScreen))
        await pilot.press("down", "down", "down", "enter")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "one act of 2" in text(preview.lines))
        assert "I/O stress, medium on n2" in text(preview.lines)
        await pilot.press("f8")
        await until(pilot, lambda: "I/O stress, medium on n2" in text(preview.lines).partition("run")[0])
        assert "one act" not in text(preview.lines)
        await pilot.press("f8")
        await until(pilot, lambda: "Choose at least one node" in text(preview.lines))


async def test_the_last_injection_is_shown_again_before_it_is_confirmed(running: Running) -> None:
    parts = ["io_stress@n1:low/60s", "cpu_stress@n2:high/30s"]
    audit_log.append(AuditRecord("inject compound", "lab", ("n1", "n2"), NOW_S, 1.0, "done", {"parts": parts}))
    async with running(calm()) as pilot:
        await pilot.press("A")
        await until(pilot, lambda: pilot.app.screen.query(TextPane))
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "CPU stress, high on n2" in text(preview.lines))
        assert injected(pilot) == []
        await until(pilot, lambda: "run   stress-ng" in text(preview.lines))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(injected(pilot)) == 2)


async def test_the_page_of_injections_has_planned_against_real_and_calls_off_what_is_to_come(running: Running) -> None:
    async with running(under_way()) as pilot:
        await pilot.press("a")
        screen = pilot.app.screen
        await until(pilot, lambda: "in 00:12" in text(screen.query_one(ListView).lines))
        shown = text(screen.query_one(TextPane).lines)
        rows = [" ".join(line.split()) for line in shown.splitlines()]
        assert "> n2 CPU stress +00:00 01:00 0:00.0 0:03.0 - active" in rows
        assert "n1 I/O stress +00:05 01:00 0:05.0 - - failed" in rows
        assert "n1: the disk is full" in shown
        await pilot.press("end", "c")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.call_off"])
