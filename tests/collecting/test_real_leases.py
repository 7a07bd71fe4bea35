"""Labels come from leases that are really on a node: this machine, harmlessly."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.errors import DistdiagError
from tests.collecting.conftest import Console
from tests.operations.local_injections import Room

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.anomalies.injection import Injection, Plan


class Watched:
    """A console over a room of real leases."""

    def __init__(self, directory: Path) -> None:
        self.room = Room(directory)
        self.console = Console(directory / "cases", start_s=time.time())
        self.console.collector.collect_anomalies(on=True)
        self.console.tick(12)

    async def inject(self, anomaly: str, node: str) -> Injection:
        """As the runtime does it: held back by the collector, made by the injector."""
        plan = await self.room.verbs.plan(InjectionRequest(anomaly, (node,), "low", 60))
        through = asyncio.create_task(self._injected(plan))
        await self.console.turn()
        self.console.tick()
        (injection,) = await through
        await self.refresh()
        return injection

    async def clear(self, injection: Injection) -> None:
        """As the runtime does it."""
        self.console.collector.clearing([injection.id])
        await self.room.verbs.clear([injection.id])
        await self.refresh()

    async def refresh(self) -> None:
        """Ask the nodes, and let the console see the answer."""
        await self.room.watch.refresh()
        self.console.listed = {each.id: each for each in self.room.watch.known}

    async def _injected(self, plan: Plan) -> tuple[Injection, ...]:
        async with self.console.collector.injecting(plan):
            return await self.room.verbs.inject(plan)


async def test_a_case_says_what_was_on_which_node(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    first = await watched.inject("mark", "n2")
    watched.console.tick(5)
    second = await watched.inject("mark", "n1")
    watched.console.tick(5)
    await watched.clear(first)
    await watched.clear(second)
    watched.console.tick(15)

    (case,) = await watched.console.written()
    assert [(label.anomaly, label.node, label.severity) for label in case.labels] == [
        ("mark", "n2", "low"),
        ("mark", "n1", "low"),
    ]
    assert case.labels[0].start_s < case.labels[1].start_s
    assert case.excluded is None


async def test_what_ends_on_the_node_behind_our_back_is_marked(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    injection = await watched.inject("mark", "n2")
    watched.console.tick(10)
    await watched.room.verbs.clear([injection.id])
    await watched.refresh()
    watched.console.tick(15)

    (case,) = await watched.console.written(excluded=True)
    assert case.excluded == "mark on n2 was ended by somebody else, or by itself"


async def test_an_injection_that_fails_is_no_case(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with pytest.raises(DistdiagError):
        await watched.inject("failing", "n2")
    await watched.refresh()
    assert watched.console.tick(3).open == ()
    await watched.console.keeper_catches_up()
    assert watched.console.keeper.finished == 0
