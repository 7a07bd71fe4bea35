"""Source `obdiag`: the history that tsar has kept on the nodes, collected by `obdiag gather sysstat`.

Its figures are minutes old at best, so that none of them is of a tick: `operations.past_figures` collects them now and
then, and they become the backfill of the recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from distdiag_core.metrics import catalogue
from distdiag_core.metrics.source import SOURCES, SourceKind
from distdiag_core.obdiag.tsar_figures import METRICS

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.metrics.source import SourceContext

NAME = "obdiag"


def _metrics(_cluster: ClusterSettings) -> tuple[Metric, ...]:
    return tuple(metric for metric in catalogue.load().metrics if metric.name in METRICS)


def _make(context: SourceContext) -> NoReturn:
    raise NotImplementedError(f"{NAME} is read at no tick of {context.node.name}")


SOURCES.register(
    SourceKind(
        NAME,
        "the past hours as tsar has kept them, by obdiag, and nothing of now",
        _make,
        metrics_of=_metrics,
        of_now=False,
        in_place_of=("host",),
    )
)
