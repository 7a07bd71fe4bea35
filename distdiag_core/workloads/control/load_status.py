"""What was seen of single runs on single nodes, put together: a status for each run, figures for each node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.workloads.clients.local_load_host import Look, Sight
    from distdiag_core.workloads.workload_status import WorkloadFigures


def statuses_of(look: Look, stopping: Collection[str]) -> tuple[WorkloadStatus, ...]:
    """One for each run, the oldest first; one for what is damaged."""
    by_id: dict[str, list[Sight]] = {}
    for sight in look.sights:
        by_id.setdefault(sight.run.id, []).append(sight)
    runs = sorted(by_id.values(), key=lambda sights: min(sight.run.started_s for sight in sights))
    damaged = (WorkloadStatus(WorkloadRequest(), WorkloadState.FAILED, text) for text in look.damaged)
    return (*(_status(sights, stopping) for sights in runs), *damaged)


def figures_of(look: Look, node: str) -> dict[str, WorkloadFigures]:
    """By kind, what was measured on `node`."""
    return {
        sight.run.request.kind: sight.figures
        for sight in look.sights
        if sight.run.node == node and sight.figures is not None
    }


def _status(sights: Sequence[Sight], stopping: Collection[str]) -> WorkloadStatus:
    runs = [sight.run for sight in sights]
    state = WorkloadState.RUNNING if any(sight.alive for sight in sights) else WorkloadState.FAILED
    if state is WorkloadState.RUNNING and runs[0].id in stopping:
        state = WorkloadState.STOPPING
    return WorkloadStatus(
        runs[0].request,
        state,
        "; ".join(f"{sight.run.node}: {sight.note}" for sight in sights if sight.note),
        started_s=min(run.started_s for run in runs),
        ends_s=max((run.ends_s for run in runs if run.ends_s is not None), default=None),
        figures={sight.run.node: sight.figures for sight in sights if sight.figures is not None},
        id=runs[0].id,
    )
