"""Injecting what a dialog has planned, and ending one injection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_tui.console.console import label_of
from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.anomalies.compound import CompoundPlan
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.console.console import Console

_INJECT = "inject"


def inject(console: Console, plan: CompoundPlan, confirmed: str = "") -> None:
    """Start the injections of a plan that the operator has confirmed, each at its time.

    Args:
        confirmed: the name of the production cluster as the operator typed it; empty outside production.
    """
    parts = [part.request for part in plan.request.parts]
    what = ", ".join(f"{label_of(console, part.anomaly)} on {', '.join(part.nodes)}" for part in parts)
    console.report(f"injecting {what} ...")
    # While cases are collected several may wait, each until its case has the stretch before it.
    operation = Operation["CompoundStatus"](
        _INJECT, f"injecting {what}", lambda status: _report_parts(console, status), while_running="beside"
    )

    def tell(text: str) -> None:
        # It is called in the core's thread. What comes later than the others is told when it comes.
        if any(part.offset_s for part in plan.request.parts):
            console.call_later(console.report, text)

    console.perform(operation, lambda runtime: runtime.injections.inject_compound(plan, confirmed, tell))


def _report_parts(console: Console, status: CompoundStatus) -> None:
    for part in status.parts:
        problem = f": {part.problem}" if part.problem else ""
        level: Level = "error" if problem else "info"
        console.report(f"{label_of(console, part.anomaly)} on {part.node} is {part.state}{problem}", level)


def call_off(console: Console) -> None:
    """Let nothing of a compound injection begin any more."""

    def done(ids: tuple[str, ...]) -> None:
        console.report(f"called off: {len(ids)} that had not begun" if ids else "nothing was to come")

    operation = Operation[tuple[str, ...]]("call off", "calling off what is to come", done)
    console.perform(operation, lambda runtime: runtime.injections.call_off())


def cancel_injecting(console: Console) -> None:
    """Cancel the injections that wait for the stretch before them."""
    console.cancel(_INJECT)


def clear(console: Console, injection: Injection) -> None:
    """End one injection."""
    doing = f"clearing {label_of(console, injection.anomaly)} on {injection.node}"
    console.report(f"{doing} ...")

    def done(ended: tuple[Injection, ...]) -> None:
        if not ended:
            console.report("nothing to do")
        report_states(console, ended, clearing=True)

    console.perform(
        Operation[tuple["Injection", ...]]("clear", doing, done),
        lambda runtime: runtime.injections.clear([injection.id]),
    )


def report_states(console: Console, injections: Sequence[Injection], *, clearing: bool = False) -> None:
    """One line for each injection; one that should be gone and is not is an error."""
    for injection in injections:
        orphaned = injection.state is InjectionState.ORPHANED
        left = clearing and injection.state is not InjectionState.CLEARED
        level: Level = "error" if orphaned or left else "info"
        detail = f": {injection.detail}" if injection.detail else ""
        label = label_of(console, injection.anomaly)
        console.report(f"{label} on {injection.node} is {injection.state}{detail}", level)


def still_active(snapshot: Snapshot | None) -> list[Injection]:
    """The injections that are not over, or not known to be."""
    # Those of a replay are of the past.
    injections = snapshot.injections if snapshot and not snapshot.stand_in else ()
    return [injection for injection in injections if injection.state is not InjectionState.CLEARED]
