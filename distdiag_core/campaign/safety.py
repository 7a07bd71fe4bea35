"""The safety check of a campaign: every case is checked against the rules of the cluster file before the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies import compound
from distdiag_core.anomalies.compound import CompoundRequest
from distdiag_core.campaign.schedule import requests
from distdiag_core.errors import ConfigError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.campaign.schedule import PlannedCase
    from distdiag_core.cluster.inventory import ClusterSettings


def check(cases: Iterable[PlannedCase], cluster: ClusterSettings, catalogue: AnomalyCatalogue) -> None:
    """Refuse a plan with a case that the rules forbid; no node is asked.

    Raises:
        ConfigError: a case names an unknown node or anomaly.
        RefusedError: a case is not allowed, alone or together with its earlier injections.
    """
    for case in cases:
        try:
            compound.check(CompoundRequest.of(*requests(case)), cluster, catalogue)
        except RefusedError as error:
            raise RefusedError(f"case {case.name}: {error.what}", where=error.where, hint=error.hint) from error
        except ConfigError as error:
            raise ConfigError(f"case {case.name}: {error.what}", where=error.where, hint=error.hint) from error
