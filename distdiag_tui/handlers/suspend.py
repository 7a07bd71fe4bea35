"""Suspending the console as a job of the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.views import clusters

if TYPE_CHECKING:
    from distdiag_tui.console.console import Console

_MOST_LINES = 8


def suspend(console: Console) -> None:
    """Stop the process until the shell continues it; asks first while something goes on on an open cluster."""
    if reason := console.shell.terminal.why_not_suspended():
        console.report(f"Suspend: not now, {reason}", "warning")
        return
    states = console.shell.clusters.states()
    under_way = [f"{state.name}: {text}" for state in states for text in clusters.running(state)]
    if not under_way:
        console.shell.terminal.suspend_process()
        return

    def answered(answer: str | None) -> None:
        if answer == "suspend":
            console.shell.terminal.suspend_process()

    lines = (
        *under_way[:_MOST_LINES],
        "Suspended, the console samples and records nothing, begins nothing that is to come,",
        "and no abort rule ends an injection. Each ends at its deadline; load goes on.",
    )
    answers = (Answer("stay", "Stay"), Answer("suspend", "Suspend all the same", "warning"))
    console.push_screen(Question("SUSPEND", lines, answers), answered)
