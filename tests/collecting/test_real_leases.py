"""Labels come from leases that are really on a node: this machine, harmlessly."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.errors import DistdiagError
from tests.collecting.conftest import collecting_core, waits
from tests.operations.local_injections import Room

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.anomalies.injection import Injection
    from tests.small_cluster import SmallCluster


class Watched:
    """A core that sees real leases; its collector holds the injections."""

    def __init__(self, directory: Path, core: SmallCluster) -> None:
        self.core = core
        self.room = Room(directory, hold=core.dataset)
        core.dataset.collect_anomalies(on=True)
        core.tick(12)

    async def inject(self, anomaly: str, node: str) -> Injection:
        """Inject for real, once the stretch before it is long enough."""
        plan = await self.room.verbs.plan(InjectionRequest(anomaly, (node,), "low", 60))
        through = asyncio.create_task(self.room.verbs.inject(plan))
        await self.core.until(lambda: waits(self.core) or bool(self.core.injected))
        self.core.tick()
        (injection,) = await through
        await self.refresh()
        return injection

    async def clear(self, injection: Injection) -> None:
        """Clear for real."""
        await self.room.verbs.clear([injection.id])
        await self.refresh()

    async def refresh(self) -> None:
        """Ask the nodes, and let the core see the answer."""
        await self.room.watch.refresh()
        self.core.injected = {each.id: each for each in self.room.watch.known}


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with collecting_core(tmp_path, start_s=time.time()) as core:
        yield Watched(tmp_path, core)


async def test_a_case_says_what_was_on_which_node(watched: Watched) -> None:
    first = await watched.inject("mark", "n2")
    watched.core.tick(5)
    second = await watched.inject("mark", "n1")
    watched.core.tick(5)
    await watched.clear(first)
    await watched.clear(second)
    watched.core.tick(15)

    (case,) = await watched.core.written()
    assert [(label.anomaly, label.node, label.severity) for label in case.labels] == [
        ("mark", "n2", "low"),
        ("mark", "n1", "low"),
    ]
    assert case.labels[0].start_s < case.labels[1].start_s
    assert case.excluded is None


async def test_what_ends_on_the_node_unasked_is_marked(watched: Watched, tmp_path: Path) -> None:
    injection = await watched.inject("mark", "n2")
    watched.core.tick(10)
    # Another console, which this one does not hear of.
    await Room(tmp_path).verbs.clear([injection.id])
    await watched.refresh()
    watched.core.tick(15)

    (case,) = await watched.core.written(excluded=True)
    assert case.excluded == "mark on n2 was ended by somebody else, or by itself"


async def test_an_injection_that_fails_is_no_case(watched: Watched) -> None:
    with pytest.raises(DistdiagError):
        await watched.inject("failing", "n2")
    await watched.refresh()
    assert watched.core.tick(3).open == ()
    await watched.core.write_all()
    assert watched.core.writer.finished == 0
