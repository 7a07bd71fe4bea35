"""Ending every injection on the cluster."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_tui.console.console import label_of
from distdiag_tui.console.operation import Operation
from distdiag_tui.operations.inject import report_states, still_active

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.errors import DistdiagError
    from distdiag_tui.console.console import Console

# A node that is silent for longer ends what is on it by itself, at the deadline.
_TRY_FOR_S = 60.0


def clear_all(console: Console, *, then: Callable[[], None] | None = None) -> None:
    """End every injection; `then` is called afterwards, if all of them are gone."""
    active = still_active(console.view.snapshot if console.view else None)
    known = ", ".join(f"{label_of(console, each.anomaly)} on {each.node}" for each in active)
    console.report(f"clearing everything: {known or 'whatever the nodes have'} ...")
    console.show_clearing("clearing all: asking every node ...")
    began_s = time.monotonic()

    def tell(why: str) -> None:
        # It is called in the core's thread.
        console.call_later(console.show_clearing, f"clearing all: {why}")

    def done(ended: tuple[Injection, ...]) -> None:
        console.show_clearing("")
        cleared = sum(injection.state is InjectionState.CLEARED for injection in ended)
        if then is not None and cleared == len(ended):
            then()
        elif ended:
            console.report(f"cleared {cleared} of {len(ended)} in {time.monotonic() - began_s:.1f} s")
            report_states(console, ended, clearing=True)
        else:
            console.report("nothing was injected")

    def failed(error: DistdiagError) -> None:
        console.show_clearing("")
        console.report(f"clearing everything: {error}", "error")

    operation = Operation[tuple["Injection", ...]](
        "clear and quit" if then else "clear all",
        "clearing everything",
        done,
        failed,
        while_running="refuse" if then else "replace",
    )
    console.perform(operation, lambda runtime: runtime.injections.clear_all(_TRY_FOR_S, tell))
