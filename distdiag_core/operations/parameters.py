"""The parameters of the nodes when they are asked for: which node differs from its peers, and what changed lately."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.cluster.account import account_of
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.connection_gate import ConnectionGate
from distdiag_core.cluster.link import keep
from distdiag_core.errors import DistdiagError
from distdiag_core.operations import node_parameters, parameter_comparison, parameter_history
from distdiag_core.operations.parameter_watch import ParameterWatch
from distdiag_core.recording.journal import Journal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.node import Node
    from distdiag_core.operations.node_parameters import NodeParameters
    from distdiag_core.operations.parameter_comparison import Parameter, ParameterChange

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class ParameterReport:
    """The parameters of a cluster at one moment.

    Attributes:
        read_s: seconds since the epoch, of the wall clock.
        nodes: those that were read and are compared.
        parameters: by name.
        changes: what was noticed since the files of it began, the newest first.
        notes: what could not be read, with the statement that grants it; a sentence each.
    """

    read_s: float
    nodes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    changes: tuple[ParameterChange, ...] = ()
    notes: tuple[str, ...] = ()

    def changes_of(self, node: str, name: str = "") -> tuple[ParameterChange, ...]:
        """The changes of a node, or of one parameter of it, the newest first."""
        return tuple(each for each in self.changes if each.node == node and name in ("", each.name))


class Parameters:
    """The parameters of the nodes, read over the SQL connection of each node when they are asked for."""

    def __init__(self, nodes: Cluster, journal: Journal) -> None:
        self._nodes = nodes
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self.watch = ParameterWatch(nodes, journal)

    async def report(self) -> ParameterReport:
        """The parameters of all nodes; one that cannot be read is left out, with a note.

        Raises:
            DistdiagError: no node can be read; the error of the first.
        """
        answers = await asyncio.gather(*map(self._read, self._nodes.nodes))
        read = [answer for answer in answers if not isinstance(answer, DistdiagError)]
        errors = [answer for answer in answers if isinstance(answer, DistdiagError)]
        if errors and not read:
            raise errors[0]
        unkept = await self._keep(read)
        changes, damaged = await asyncio.to_thread(self._changes)
        compared = parameter_comparison.comparable(read)
        notes = (*map(str, errors), *_left_out(read, compared), *dict.fromkeys((*unkept, *damaged)))
        nodes = tuple(each.node for each in compared)
        return ParameterReport(time.time(), nodes, parameter_comparison.compare(read), changes, notes)

    async def _read(self, node: Node) -> NodeParameters | DistdiagError:
        async with self._gate:
            try:
                return await node_parameters.read(node.database, account_of(node.settings))
            except DistdiagError as error:
                return error

    async def _keep(self, read: Sequence[NodeParameters]) -> list[str]:
        """Enter what was read; what cannot be kept, a sentence each."""
        changed: list[ParameterChange] = []
        problems = []
        for found in read:
            try:
                changed += await self.watch.enter(found)
            except DistdiagError as error:
                problems.append(str(error))
        self.watch.note(changed)
        return problems

    def _changes(self) -> tuple[tuple[ParameterChange, ...], tuple[str, ...]]:
        """The changes that are kept of all nodes, the newest first, and which files are damaged."""
        found: list[ParameterChange] = []
        damaged = []
        for node in self._nodes.nodes:
            try:
                found += parameter_history.changes(self._nodes.settings.name, node.settings.name)
            except DistdiagError as error:
                damaged.append(str(error))
        return tuple(sorted(found, key=lambda each: -each.noticed_s)), tuple(damaged)


def _left_out(read: Sequence[NodeParameters], compared: Sequence[NodeParameters]) -> list[str]:
    return [f"{each.node} is not compared: it was read by {each.source}" for each in read if each not in compared]


@asynccontextmanager
async def connect_parameters(settings: ClusterSettings) -> AsyncGenerator[Parameters]:
    """`Parameters` without a running console, over a connection to the database of every node."""
    nodes = Cluster(settings)
    gate = ConnectionGate(_AT_ONCE)
    links = [asyncio.create_task(keep(node.database, lambda _: None, gate)) for node in nodes.nodes]
    try:
        yield Parameters(nodes, Journal())
    finally:
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)
