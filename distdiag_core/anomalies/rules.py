"""What may not be done to a cluster, whatever front end asks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import SEVERITIES, InjectionState
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.errors import ConfigError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from distdiag_core.anomalies.catalogue import Anomaly, AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection, InjectionRequest
    from distdiag_core.cluster.inventory import ClusterSettings

# Shorter, and it is over before its effect can be proved.
_LEAST_DURATION_S = 1.0


def anomaly_of(request: InjectionRequest, catalogue: AnomalyCatalogue) -> Anomaly:
    """The anomaly that is asked for.

    Raises:
        ConfigError: there is none of that name.
    """
    anomaly = catalogue.get(request.anomaly)
    if anomaly is None:
        known = ", ".join(anomaly.name for anomaly in catalogue.anomalies)
        raise ConfigError(f"no anomaly is called {request.anomaly!r}", hint=f"known anomalies: {known}")
    return anomaly


def on_its_nodes(request: InjectionRequest, anomaly: Anomaly, cluster: ClusterSettings) -> InjectionRequest:
    """The request with all nodes where none is named, if the anomaly is one of the whole cluster."""
    if request.nodes or anomaly.scope == "node":
        return request
    return replace(request, nodes=tuple(node.name for node in cluster.nodes))


def check_request(request: InjectionRequest, cluster: ClusterSettings) -> None:
    """Let pass what makes sense and is allowed whatever else is going on.

    Raises:
        ConfigError: it makes no sense.
        RefusedError: a rule of the cluster file forbids it.
    """
    if not request.nodes:
        raise ConfigError("no node is named", where=request.anomaly)
    for node in request.nodes:
        cluster.node(node)
        if request.nodes.count(node) > 1:
            raise ConfigError(f"{node} is named twice", where=request.anomaly)
    if request.severity not in SEVERITIES:
        raise ConfigError(f"no severity is called {request.severity!r}", hint=f"there are: {', '.join(SEVERITIES)}")
    if not (math.isfinite(request.duration_s) and request.duration_s >= _LEAST_DURATION_S):
        raise ConfigError(f"the duration must be {_LEAST_DURATION_S:g} s or more, not {request.duration_s:g} s")
    _check_protection(request, cluster)


def _check_protection(request: InjectionRequest, cluster: ClusterSettings) -> None:
    protect = cluster.section(Protection)
    if cluster.read_only:
        raise _refused(cluster, "read_only", "nothing may be done to this cluster", "set it to false to allow trouble")
    for node in set(request.nodes) & set(protect.nodes):
        raise _refused(cluster, "protect.nodes", f"{node} is never to be touched")
    if SEVERITIES.index(request.severity) > SEVERITIES.index(protect.max_severity):
        raise _refused(cluster, "protect.max_severity", f"{request.severity} is more than {protect.max_severity}")
    if request.duration_s > protect.max_duration_s:
        what = f"{request.duration_s:g} s is longer than {protect.max_duration_s:g} s"
        raise _refused(cluster, "protect.max_duration_s", what)


def check_state(
    request: InjectionRequest,
    cluster: ClusterSettings,
    catalogue: AnomalyCatalogue,
    active: Iterable[Injection],
    silent: Collection[str] = (),
) -> None:
    """Let pass what is allowed beside the injections that are `active`, with the nodes that are `silent` perhaps lost.

    Raises:
        RefusedError: it is off by default, an orphan is on one of the nodes, or too many nodes would be in trouble.
    """
    _check_allowed(request, cluster, catalogue)
    active = tuple(active)
    if not _cuts_off(request.anomaly, catalogue):
        silent = ()
    for injection in active:
        if injection.state is InjectionState.ORPHANED and injection.node in request.nodes:
            raise RefusedError(
                f"{injection.id} ({injection.anomaly}) was left behind: {injection.detail}",
                where=f"{injection.node}: rule on orphans",
                hint=f"clear {injection.id} first",
            )
    most = cluster.section(Protection).max_nodes
    if most is None:
        _check_majority(request, cluster, catalogue, active, silent)
        return
    troubled = {*request.nodes, *silent, *(injection.node for injection in active)}
    if len(troubled) > most:
        what = f"{len(troubled)} nodes would be in trouble at once, more than {most}"
        raise _refused(cluster, "protect.max_nodes", f"{what}: {_names(troubled, silent)}")


def _check_allowed(request: InjectionRequest, cluster: ClusterSettings, catalogue: AnomalyCatalogue) -> None:
    if anomaly_of(request, catalogue).off_by_default and request.anomaly not in cluster.section(Protection).allow:
        what = f"{request.anomaly} is off by default, and not among what is allowed"
        raise _refused(cluster, "protect.allow", what, f"add {request.anomaly} to it to allow it")


def _check_majority(
    request: InjectionRequest,
    cluster: ClusterSettings,
    catalogue: AnomalyCatalogue,
    active: Iterable[Injection],
    silent: Collection[str],
) -> None:
    """What the cluster file leaves open: a majority of the nodes is never cut off.

    Of one or two nodes no majority survives the loss of any; there, one may be cut off, or nothing could ever be tried.
    """
    if not _cuts_off(request.anomaly, catalogue):
        return
    cut_off = {*request.nodes, *silent, *(each.node for each in active if _cuts_off(each.anomaly, catalogue))}
    most = max(1, (len(cluster.nodes) - 1) // 2)
    if len(cut_off) > most:
        what = f"{len(cut_off)} of {len(cluster.nodes)} nodes could be cut off at once, more than {most}"
        what = f"{what}: {_names(cut_off, silent)}"
        raise _refused(cluster, "protect.max_nodes", what, "set it to how many nodes may be in trouble at once")


def _names(nodes: Iterable[str], silent: Collection[str]) -> str:
    return ", ".join(f"{node} (gives no answer)" if node in silent else node for node in sorted(nodes))


def _cuts_off(name: str, catalogue: AnomalyCatalogue) -> bool:
    anomaly = catalogue.get(name)
    # Of one that only another console knows, or whose lease is damaged, the worst is assumed.
    return anomaly is None or anomaly.cuts_off


def _refused(cluster: ClusterSettings, key: str, what: str, hint: str = "") -> RefusedError:
    return RefusedError(what, where=f"cluster {cluster.name}, key {key}", hint=hint)
