"""What must hold for a case to be worth keeping; a case with a wrong label is worse than none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies.backends.chaos_mesh.kubernetes import PLACE
from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cluster.status import NodeState
from distdiag_core.errors import DistdiagError, UnreachableError
from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.runtime.snapshot import Snapshot


class SpoiledError(DistdiagError):
    """A case that must not be kept; `str()` says why."""


def nodes_not_up(snapshot: Snapshot) -> str:
    """Which nodes are not fully reachable, and why; empty where all are."""
    return ", ".join(
        f"{node.node} is {node.state}: {node.reason}" for node in snapshot.nodes if node.state is not NodeState.UP
    )


def check_tick(snapshot: Snapshot, *, loaded: bool) -> None:
    """Refuse a tick at which a node is lost or the load is gone.

    A node that is degraded may be so because of the anomaly, which is then a part of the picture.

    Raises:
        SpoiledError: the case is not what it should be.
    """
    for node in snapshot.nodes:
        if node.state is NodeState.DOWN:
            raise SpoiledError(f"the node was lost: {node.reason}", where=node.node)
    if not loaded:
        return
    if not any(status.state is WorkloadState.RUNNING for status in snapshot.workloads):
        states = "; ".join(": ".join(filter(None, (status.state, status.detail))) for status in snapshot.workloads)
        raise SpoiledError(f"the load stopped: it is {states or 'gone'}")


def is_loaded(snapshot: Snapshot, nodes: Sequence[str]) -> bool:
    """Whether clients report from every node."""
    return any(set(status.figures) >= set(nodes) for status in snapshot.workloads)


def check_active(active: Sequence[Injection], ours: Sequence[Injection]) -> None:
    """Refuse injections that ended by themselves or that somebody else added.

    Raises:
        SpoiledError: what is on the nodes is not what the labels would say.
    """
    state = {injection.id: injection.state for injection in active}
    for injection in ours:
        found = state.get(injection.id)
        if found is not InjectionState.ACTIVE:
            what = "has ended by itself" if found is None else f"is {found}"
            raise SpoiledError(f"{injection.anomaly} {what}", where=injection.node)
    known = {injection.id for injection in ours}
    for injection in active:
        if injection.id not in known:
            raise SpoiledError(f"{injection.owner} injected {injection.anomaly} meanwhile", where=injection.node)


def check_cleared(cleared: Sequence[Injection], ours: Sequence[Injection]) -> None:
    """Refuse an end that was not proved.

    Raises:
        SpoiledError: an injection may still be there.
    """
    state = {injection.id: injection for injection in cleared}
    for injection in ours:
        found = state.get(injection.id)
        if found is None or found.state is not InjectionState.CLEARED:
            detail = "" if found is None else f": it is {': '.join(filter(None, (found.state, found.detail)))}"
            raise SpoiledError(f"{injection.anomaly} could not be cleared{detail}", where=injection.node)


def check_asked(unasked: Sequence[str], nodes: Collection[str]) -> None:
    """Refuse to take for gone what is only not listed, because one of `nodes`, or who answers for it, did not.

    Raises:
        UnreachableError: with what is known of these nodes.
    """
    if silent := [each for each in unasked if each.partition(" ")[0] in {*nodes, PLACE}]:
        raise UnreachableError(
            f"{'; '.join(silent)}: an injection may still be there", hint="it ends by itself at its deadline"
        )
