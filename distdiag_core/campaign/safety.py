"""Whether the rules of the cluster file let every case of a plan pass, before the first one is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies import rules
from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.campaign.schedule import requests
from distdiag_core.errors import ConfigError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import InjectionRequest
    from distdiag_core.campaign.schedule import PlannedCase
    from distdiag_core.cluster.inventory import ClusterSettings


def check(cases: Iterable[PlannedCase], cluster: ClusterSettings, catalogue: AnomalyCatalogue) -> None:
    """Let a plan pass whose cases are all allowed; the nodes are not asked.

    Raises:
        ConfigError: a case names a node or an anomaly that is not there.
        RefusedError: a case is not allowed, be it only because of what it has injected already.
    """
    for case in cases:
        active: list[Injection] = []
        for request in requests(case):
            try:
                rules.anomaly_of(request, catalogue)
                rules.check_request(request, cluster)
                rules.check_state(request, cluster, catalogue, active)
            except RefusedError as error:
                raise RefusedError(f"case {case.name}: {error.what}", where=error.where, hint=error.hint) from error
            except ConfigError as error:
                raise ConfigError(f"case {case.name}: {error.what}", where=error.where, hint=error.hint) from error
            active.extend(_as_active(request))


def _as_active(request: InjectionRequest) -> Iterator[Injection]:
    for node in request.nodes:
        yield Injection("", request.anomaly, node, request.severity, InjectionState.ACTIVE, 0.0, 0.0, "")
