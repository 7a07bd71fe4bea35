"""The safety rules: which injections are refused, for every front end alike."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import SEVERITIES, InjectionState
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.errors import ConfigError, RefusedError, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from distdiag_core.anomalies.catalogue import Anomaly, AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection, InjectionRequest
    from distdiag_core.cluster.inventory import ClusterSettings

# A shorter one ends before its effect can be proved.
_LEAST_DURATION_S = 1.0


def anomaly_of(request: InjectionRequest, catalogue: AnomalyCatalogue) -> Anomaly:
    """The anomaly of a request.

    Raises:
        ConfigError: the catalogue has none of that name.
    """
    anomaly = catalogue.get(request.anomaly)
    if anomaly is None:
        known = ", ".join(anomaly.name for anomaly in catalogue.anomalies)
        raise ConfigError(f"no anomaly is called {quoted(request.anomaly)}", hint=f"known anomalies: {known}")
    return anomaly


def with_default_nodes(request: InjectionRequest, anomaly: Anomaly, cluster: ClusterSettings) -> InjectionRequest:
    """The request; with all nodes where it names none and the scope of the anomaly is the cluster."""
    if request.nodes or anomaly.scope == "node":
        return request
    return replace(request, nodes=tuple(node.name for node in cluster.nodes))


def check_request(request: InjectionRequest, cluster: ClusterSettings) -> None:
    """The rules that do not depend on what is active.

    Raises:
        ConfigError: the request is invalid.
        RefusedError: a rule of the cluster file forbids it.
    """
    if not request.nodes:
        raise ConfigError(
            "no node is named",
            where=request.anomaly,
            hint=f"name one: {request.anomaly}@{cluster.nodes[0].name}; several with commas between",
        )
    for node in request.nodes:
        cluster.node(node)
        if request.nodes.count(node) > 1:
            raise ConfigError(f"{node} is named twice", where=request.anomaly)
    if request.severity not in SEVERITIES:
        raise ConfigError(
            f"no severity is called {quoted(request.severity)}", hint=f"there are: {', '.join(SEVERITIES)}"
        )
    if not (math.isfinite(request.duration_s) and request.duration_s >= _LEAST_DURATION_S):
        raise ConfigError(f"the duration must be {_LEAST_DURATION_S:g} s or more, not {request.duration_s:g} s")
    _check_protection(request, cluster)


def _check_protection(request: InjectionRequest, cluster: ClusterSettings) -> None:
    protect = cluster.section(Protection)
    if cluster.read_only:
        raise _refused(
            cluster, "read_only", "nothing may be done to this cluster", "set it to false to allow injections"
        )
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
    """The rules that depend on the `active` injections, with the `silent` nodes taken for lost.

    Raises:
        RefusedError: it is off by default, one of the nodes has an orphaned injection, or too many nodes would be
            affected.
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
    affected = {*request.nodes, *silent, *(injection.node for injection in active)}
    if len(affected) > most:
        what = f"{len(affected)} nodes would be affected at once, more than {most}"
        raise _refused(cluster, "protect.max_nodes", f"{what}: {_names(affected, silent)}")


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
    """The rule where the cluster file gives none: a majority of the nodes is never cut off.

    Of one or two nodes no majority survives the loss of one; there, one may be cut off, or nothing could be injected.
    """
    if not _cuts_off(request.anomaly, catalogue):
        return
    cut_off = {*request.nodes, *silent, *(each.node for each in active if _cuts_off(each.anomaly, catalogue))}
    most = max(1, (len(cluster.nodes) - 1) // 2)
    if len(cut_off) > most:
        what = f"{len(cut_off)} of {len(cluster.nodes)} nodes could be cut off at once, more than {most}"
        what = f"{what}: {_names(cut_off, silent)}"
        raise _refused(cluster, "protect.max_nodes", what, "set it to how many nodes may be affected at once")


def _names(nodes: Iterable[str], silent: Collection[str]) -> str:
    return ", ".join(f"{node} (gives no answer)" if node in silent else node for node in sorted(nodes))


def _cuts_off(name: str, catalogue: AnomalyCatalogue) -> bool:
    anomaly = catalogue.get(name)
    # The worst is assumed of an anomaly that is not in the catalogue, or whose lease is damaged.
    return anomaly is None or anomaly.cuts_off


def _refused(cluster: ClusterSettings, key: str, what: str, hint: str = "") -> RefusedError:
    return RefusedError(what, where=f"cluster {cluster.name}, key {key}", hint=hint)
