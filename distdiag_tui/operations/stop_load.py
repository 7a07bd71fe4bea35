"""Stopping benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from distdiag_core.workloads.workload_status import WorkloadStatus
    from distdiag_tui.console.console import Console


def stop_load(console: Console, status: WorkloadStatus | None = None) -> None:
    """Stop the clients, or the preparation, of one workload; of all without one."""
    doing = "stopping all load" if status is None else f"stopping {status.request.kind}"
    ids = None if status is None else [status.id]
    operation = Operation[Any]("stop load", doing, lambda _: console.report("the load is stopped"))
    console.perform(operation, lambda runtime: runtime.workloads.stop(ids))
