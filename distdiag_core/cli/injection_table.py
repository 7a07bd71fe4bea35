"""The table of injections that the verbs print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cli.output import table
from distdiag_core.metrics import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.anomalies.injection import Injection


def show(found: Sequence[Injection]) -> None:
    """Print the injections as a table; nothing where there are none."""
    if not found:
        return
    rows = [
        (
            injection.id,
            injection.node,
            injection.anomaly,
            injection.severity,
            _state(injection),
            left_of(injection),
            injection.owner,
            injection.detail,
        )
        for injection in found
    ]
    table(("ID", "NODE", "ANOMALY", "SEVERITY", "STATE", "LEFT", "OWNER", "DETAIL"), rows)


def left_of(injection: Injection) -> str:
    """The time to the deadline of an injection, as text; of one whose time does not run, a dash."""
    if injection.state is not InjectionState.ACTIVE:
        return "-"
    return f"{max(0.0, injection.deadline_s - clock.now_s()):.0f} s"


def _state(injection: Injection) -> str:
    # In capitals, since the terminal may have no colours.
    return injection.state.upper() if injection.state is InjectionState.ORPHANED else injection.state.value
