"""Screens that list something: events, the audit log, a root cause."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from distdiag_core.recording import audit_log
from distdiag_core.recording.events import Event
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import NOW_S, calm, troubled
from tests.tui.conftest import until
from tests.tui.walking import text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_an_event_is_read_to_its_end(running: Running) -> None:
    long = Event(NOW_S, "error", " ".join(f"word{at}" for at in range(100)), "error")
    async with running(replace(calm(), events=(long,)), size=(80, 24)) as pilot:
        await pilot.press("e")
        whole = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "word99" in text(whole.lines))
        await pilot.press("tab", "end")
        await until(pilot, lambda: any("word99" in whole.render_line(row).text for row in range(whole.size.height)))


async def test_the_audit_trail_is_shown_the_newest_first(running: Running) -> None:
    for what, result in (("inject", "done"), ("clear all", "failed")):
        reason = "n3: no answer for 5 s" if result == "failed" else ""
        said = cast("audit_log.Result", result)
        audit_log.append(audit_log.AuditRecord(what, "lab", ("n2",), NOW_S, 1.25, said, {"severity": "high"}, reason))
    audit_log.append(audit_log.AuditRecord("inject", "shop", (), NOW_S, 1.0, "done"))
    async with running(calm()) as pilot:
        await pilot.press("u")
        list_view, whole = pilot.app.screen.query_one(ListView), pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: len(list_view.lines) == 2 and "clear all" in text(list_view.lines[:1]))
        assert "n3: no answer for 5 s" in text(whole.lines)
        await pilot.press("down")
        await until(pilot, lambda: "severity=high" in text(whole.lines) and "done after 1.2 s" in text(whole.lines))


async def test_root_cause_in_detail(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("tab", "enter")
        panel = pilot.app.screen.query_one(Panel)
        await until(pilot, lambda: "CPU stress on n2" in text(panel.lines))
        assert "↑ 6.1σ" in text(panel.lines)
        assert "↓ 3.8σ" in text(panel.lines)
