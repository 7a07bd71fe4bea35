"""The interface of a backfill: a source of past hours, which another program has kept, and no tick has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.obdiag.sysstat_archive import SysstatHistory


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """The figures of one moment by the names of their metrics.

    Attributes:
        time_s: by the wall clock of the node.
    """

    time_s: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class NodeHistory:
    """What was kept of one node.

    Attributes:
        rows: in the order of their times.
        period_s: the usual time between two rows; 0 where it is not known.
        notes: what is missing, and why.
    """

    node: str
    rows: tuple[HistoryRow, ...] = ()
    period_s: float = 0.0
    notes: tuple[str, ...] = ()


class BackfillSource(Protocol):
    """Reads the past hours of all nodes of a cluster at once."""

    name: str
    every_s: float

    async def read(self) -> tuple[NodeHistory, ...]:
        """Collect what is kept now; a moment that was read before may come again.

        Raises:
            DistdiagError: it cannot be collected, or a rule forbids it.
        """


class SysstatGatherer(Protocol):
    """The operation `obdiag gather sysstat` of a running core, which passes the gate and is audited."""

    async def gather_sysstat(self, *, scheduled: bool = False) -> tuple[SysstatHistory, ...]:
        """The history of tsar on every node.

        Raises:
            DistdiagError: it cannot be collected, or a rule forbids it.
        """


@dataclass(frozen=True, slots=True)
class BackfillContext:
    """What a backfill is made from.

    Attributes:
        obdiag: since a backfill may run a program on the nodes only as an operation.
    """

    cluster: ClusterSettings
    obdiag: SysstatGatherer
