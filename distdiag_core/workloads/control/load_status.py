"""The status of each run and the figures of each node, from the snapshots of the load hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.load_share import merged
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.workloads.clients.load_host import ClientStatus, LoadSnapshot
    from distdiag_core.workloads.workload_status import WorkloadFigures


def statuses_of(snapshot: LoadSnapshot, stopping: Collection[str]) -> tuple[WorkloadStatus, ...]:
    """A status for each run, oldest first."""
    by_id: dict[str, list[ClientStatus]] = {}
    for client in snapshot.clients:
        by_id.setdefault(client.run.id, []).append(client)
    runs = sorted(by_id.values(), key=lambda clients: min(client.run.started_s for client in clients))
    return tuple(_status(clients, stopping) for clients in runs)


def figures_of(snapshot: LoadSnapshot, node: str) -> dict[str, WorkloadFigures]:
    """The figures of `node` by benchmark."""
    by_kind: dict[str, list[WorkloadFigures]] = {}
    for client in snapshot.clients:
        if client.run.node == node and client.figures is not None:
            by_kind.setdefault(client.run.request.kind, []).append(client.figures)
    return {kind: merged(figures) for kind, figures in by_kind.items()}


def _status(clients: Sequence[ClientStatus], stopping: Collection[str]) -> WorkloadStatus:
    runs = [client.run for client in clients]
    by_node: dict[str, list[WorkloadFigures]] = {}
    for client in clients:
        if client.figures is not None:
            by_node.setdefault(client.run.node, []).append(client.figures)
    state = WorkloadState.RUNNING if any(client.alive for client in clients) else WorkloadState.FAILED
    if state is WorkloadState.RUNNING and runs[0].id in stopping:
        state = WorkloadState.STOPPING
    return WorkloadStatus(
        runs[0].request,
        state,
        "; ".join(f"{client.run.node}: {client.note}" for client in clients if client.note),
        started_s=min(run.started_s for run in runs),
        ends_s=max((run.ends_s for run in runs if run.ends_s is not None), default=None),
        figures={node: merged(figures) for node, figures in by_node.items()},
        id=runs[0].id,
    )
