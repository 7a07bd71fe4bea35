"""The watch over the parameters of the nodes: each is read once a minute, and what has changed becomes an event."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from distdiag_core.cluster.account import account_of
from distdiag_core.cluster.status import LinkState
from distdiag_core.errors import DataError, DistdiagError, SqlError, quoted
from distdiag_core.operations import node_parameters, parameter_history
from distdiag_core.operations.parameter_history import KnownParameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.cluster import Cluster
    from distdiag_core.cluster.node import Node
    from distdiag_core.operations.node_parameters import NodeParameters
    from distdiag_core.operations.parameter_comparison import ParameterChange
    from distdiag_core.recording.journal import Journal

EVERY_S = 60.0
# After a new version of the server there are hundreds.
_MOST_EVENTS = 10

log = logging.getLogger(__name__)


class ParameterWatch:
    """Reads the parameters of nodes, keeps them, and notes in the journal what has changed."""

    def __init__(self, nodes: Cluster, journal: Journal) -> None:
        self._nodes = nodes
        self._journal = journal
        self._cluster = nodes.settings.name
        self._last: dict[str, KnownParameters] = {}
        self._told: set[str] = set()

    async def run(self) -> None:
        """Read one node after the other, so that a hundred of them are no burst of work, until cancelled."""
        while True:
            changed: list[ParameterChange] = []
            for node in self._nodes.nodes:
                await asyncio.sleep(EVERY_S / len(self._nodes.nodes))
                if node.status.sql.state is LinkState.UP:
                    changed += await self._look(node)
            self.note(changed)

    async def enter(self, found: NodeParameters) -> tuple[ParameterChange, ...]:
        """Keep the parameters of a node as they were just read; what has changed since they were last read.

        Raises:
            DataError: they cannot be kept.
        """
        now_s, last = time.time(), self._last.get(found.node)
        changed = await asyncio.to_thread(parameter_history.enter, self._cluster, found, now_s, last)
        self._last[found.node] = KnownParameters(found.source, now_s, found.values)
        return changed

    def note(self, changed: Iterable[ParameterChange]) -> None:
        """Note changes in the journal; the same one on several nodes is one event."""
        alike: dict[tuple[str, str | None, str | None], list[ParameterChange]] = {}
        for each in changed:
            alike.setdefault((each.name, each.before, each.after), []).append(each)
        groups = list(alike.values())
        for group in groups[:_MOST_EVENTS]:
            nodes = [each.node for each in group]
            one = group[0]
            self._journal.note(
                "parameter",
                f"{one.name} on {', '.join(nodes)} is {_said(one.after)}; it was {_said(one.before)}",
                node=nodes[0] if len(nodes) == 1 else None,
                parameter=one.name,
                nodes=nodes,
                before=one.before,
                after=one.after,
                read_s=min(each.read_s for each in group),
            )
        if more := [group[0].name for group in groups[_MOST_EVENTS:]]:
            self._journal.note("parameter", f"{len(more)} more parameters are not what they were", parameters=more)

    async def _look(self, node: Node) -> tuple[ParameterChange, ...]:
        try:
            return await self.enter(await node_parameters.read(node.database, account_of(node.settings)))
        except (SqlError, DataError) as error:
            self._tell(error)
        except DistdiagError as error:
            # The link says it, and is made anew; the next minute comes soon.
            log.info("the parameters of %s: %s", node.settings.name, error)
        return ()

    def _tell(self, error: DistdiagError) -> None:
        """Say once that changes go unnoticed."""
        if error.what not in self._told:
            self._told.add(error.what)
            self._journal.note("action", f"changes of parameters go unnoticed: {error}")


def _said(value: str | None) -> str:
    return "missing" if value is None else quoted(value)
