"""The conditions that a case of a campaign must meet; a case with a wrong label is worse than none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cluster.kubernetes_settings import PLACE
from distdiag_core.dataset.building import exclusion
from distdiag_core.dataset.building.exclusion import InvalidCaseError
from distdiag_core.errors import UnreachableError
from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.runtime.snapshot import Snapshot


def check_tick(
    snapshot: Snapshot, *, loaded: bool, cut_off: Collection[str] = (), asked_s: float | None = None
) -> None:
    """Refuse a tick at which a node is lost, the load has stopped or the abort rule has acted.

    A degraded node passes, since the anomaly may be the reason.

    Args:
        loaded: whether a load has to run.
        cut_off: nodes that an anomaly of the case may make unreachable.
        asked_s: when the anomalies of the case were requested; None where it has none.

    Raises:
        InvalidCaseError: the tick makes the case invalid.
    """
    reason = exclusion.nodes_lost(snapshot.nodes, cut_off)
    if asked_s is not None:
        reason = reason or exclusion.aborted(snapshot.events, asked_s)
    if reason:
        raise InvalidCaseError(reason)
    if not loaded:
        return
    if not any(status.state is WorkloadState.RUNNING for status in snapshot.workloads):
        states = "; ".join(": ".join(filter(None, (status.state, status.detail))) for status in snapshot.workloads)
        problems = "".join(f"; {problem}" for problem in snapshot.workload_problems)
        raise InvalidCaseError(f"the load stopped: it is {states or 'gone'}{problems}")


def is_loaded(snapshot: Snapshot, nodes: Sequence[str]) -> bool:
    """Whether clients report from every node."""
    return any(set(status.figures) >= set(nodes) for status in snapshot.workloads)


def check_active(active: Sequence[Injection], ours: Sequence[Injection]) -> None:
    """Refuse injections that ended by themselves or that another console added.

    Raises:
        InvalidCaseError: the active injections are not those that the labels would name.
    """
    state = {injection.id: injection.state for injection in active}
    for injection in ours:
        found = state.get(injection.id)
        if found is not InjectionState.ACTIVE:
            what = "has ended by itself" if found is None else f"is {found}"
            raise InvalidCaseError(f"{injection.anomaly} {what}", where=injection.node)
    known = {injection.id for injection in ours}
    for injection in active:
        if injection.id not in known:
            raise InvalidCaseError(f"{injection.owner} injected {injection.anomaly} meanwhile", where=injection.node)


def check_cleared(cleared: Sequence[Injection], ours: Sequence[Injection]) -> None:
    """Refuse a clearing that was not verified.

    Raises:
        InvalidCaseError: an injection may still be there.
    """
    state = {injection.id: injection for injection in cleared}
    for injection in ours:
        found = state.get(injection.id)
        if found is None or found.state is not InjectionState.CLEARED:
            detail = "" if found is None else f": it is {': '.join(filter(None, (found.state, found.detail)))}"
            raise InvalidCaseError(f"{injection.anomaly} could not be cleared{detail}", where=injection.node)


def check_asked(unasked: Sequence[str], nodes: Collection[str]) -> None:
    """Refuse an incomplete list of injections: one of `nodes`, or Kubernetes for it, did not answer.

    Raises:
        UnreachableError: names the nodes that did not answer.
    """
    if silent := [each for each in unasked if each.partition(" ")[0] in {*nodes, PLACE}]:
        raise UnreachableError(
            f"{'; '.join(silent)}: an injection may still be there", hint="it ends by itself at its deadline"
        )
