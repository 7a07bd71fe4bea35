"""The switches that collect cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from distdiag_core.collecting.collecting_status import CollectingStatus
    from distdiag_tui.console.console import Console


def collect_normal(console: Console) -> None:
    """Start or end collecting normal operation."""
    if (known := _status(console)) is not None:
        on = not known.normal.running
        doing = "starting to collect normal samples" if on else "ending to collect normal samples"
        operation = Operation[Any]("collect normal", doing, _nothing)
        console.perform(operation, lambda runtime: runtime.dataset.collect_normal(on=on))


def collect_anomalies(console: Console) -> None:
    """Make a case of every injection from now on, or of none."""
    if (known := _status(console)) is not None:
        on = not known.anomalies
        doing = "turning the collecting of anomalies on" if on else "turning the collecting of anomalies off"
        operation = Operation[Any]("collect anomalies", doing, _nothing)
        console.perform(operation, lambda runtime: runtime.dataset.collect_anomalies(on=on))


def _status(console: Console) -> CollectingStatus | None:
    """The status of collecting; None, which is reported, where nothing can be collected."""
    known = console.view.snapshot.collecting if console.view is not None else None
    if known is None:
        console.report("nothing can be collected here", "warning")
    return known


def _nothing(_result: object) -> None:
    """Nothing to say: the next tick shows it."""
