"""The keys by which the screen of a root cause or of an incident asks obdiag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.actions.registry import BY_ID
from distdiag_tui.screens.confirm_production import confirm_production

if TYPE_CHECKING:
    from distdiag_tui.console import Console


def ask_obdiag(console: Console, node: str, anomaly: str, incident: int | None) -> None:
    """Run the checks and scenes that fit; on a read-only cluster the scenes are refused, one by one and in words."""
    if reason := console.refused(BY_ID["ask-obdiag"]):
        console.report(f"Ask obdiag: not now, {reason}", "warning")
        return
    calls = console.obdiag.calls(anomaly)
    if not calls:
        return

    def confirmed(name: str) -> None:
        console.obdiag.start(node, anomaly, calls, incident, name)

    if any(call.changes for call in calls) and not console.runtime.cluster.read_only:
        confirm_production(console, "let obdiag collect logs on its nodes", "Ask", confirmed)
    else:
        confirmed("")
