"""The safety check of a campaign: every case is checked against the rules of the cluster file before the first one."""

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
    """Refuse a plan with a case that the rules forbid; no node is asked.

    Raises:
        ConfigError: a case names an unknown node or anomaly.
        RefusedError: a case is not allowed, alone or together with its earlier injections.
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
