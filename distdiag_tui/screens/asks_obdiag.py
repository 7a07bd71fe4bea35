"""The keys by which the screen of a root cause or of an incident asks obdiag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.obdiag.obdiag_settings import ObdiagSettings
from distdiag_tui.actions.registry import BY_ID
from distdiag_tui.screens.confirm_production import confirm_production
from distdiag_tui.screens.question import Answer, Question

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_tui.console.console import Console

_COLLECT = "let obdiag collect logs on its nodes"


def ask_obdiag(console: Console, node: str, anomaly: str, incident: int | None) -> None:
    """Run the checks and scenes that fit.

    On a read-only cluster the scenes are refused, one by one and in words; where its file allows them, the operator is
    asked before.
    """
    if reason := console.refused(BY_ID["ask-obdiag"]):
        console.report(f"Ask obdiag: not now, {reason}", "warning")
        return
    calls = console.obdiag.calls(anomaly)
    if not calls:
        return

    def confirmed(name: str) -> None:
        console.obdiag.start(node, anomaly, calls, incident, name)

    cluster = console.runtime.cluster
    collects = any(call.effect != "looks" for call in calls)
    if not collects or (cluster.read_only and not cluster.section(ObdiagSettings).on_read_only):
        confirmed("")
    elif cluster.read_only:
        _agree(console, lambda: confirm_production(console, _COLLECT, "Ask", confirmed))
    else:
        confirm_production(console, _COLLECT, "Ask", confirmed)


def _agree(console: Console, agreed: Callable[[], None]) -> None:
    """Ask before files are made on the nodes of a read-only cluster."""
    lines = (
        f"{console.runtime.cluster.name} is read-only, and its file lets obdiag collect files.",
        "A scene copies logs into directories below /tmp of the nodes, fetches",
        "them, and removes them again. Nothing else of the nodes is changed,",
        "and nothing in the databases. The audit log has it.",
    )
    answers = (Answer("no", "No"), Answer("yes", "Let it collect", "warning"))
    console.push_screen(Question("obdiag", lines, answers), lambda answer: agreed() if answer == "yes" else None)
