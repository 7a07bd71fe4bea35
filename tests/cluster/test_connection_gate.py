"""Many links at once: dead nodes keep no live one waiting, and what broke together is not made anew together."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from distdiag_core.cluster.connection_gate import ConnectionGate
from distdiag_core.cluster.link import keep
from distdiag_core.cluster.status import Link, LinkState
from distdiag_core.errors import UnreachableError
from tests.metrics.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Sequence

_AT_ONCE = 32


class Answering:
    """The link of a node that connects after some time, and breaks when it is told to."""

    notes: tuple[str, ...] = ()

    def __init__(self, takes_s: float, *, dead: bool = False) -> None:
        self._takes_s, self._dead = takes_s, dead
        self.tried_s: list[float] = []
        self.up_s: list[float] = []
        self.breaks = asyncio.Event()

    async def open(self) -> None:
        self.tried_s.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._takes_s)
        if self._dead:
            raise UnreachableError("timed out")

    async def lost(self) -> str:
        await self.breaks.wait()
        self.breaks.clear()
        return "the connection broke"

    async def close(self) -> None:
        """Nothing is held."""

    def changed(self, link: Link) -> None:
        if link.state is LinkState.UP:
            self.up_s.append(asyncio.get_running_loop().time())


async def _keep_for(links: Sequence[Answering], seconds: float, *, break_after_s: float | None = None) -> float:
    """Keep the links for some time, through one gate, all broken at once meanwhile; when it began."""
    gate, loop = ConnectionGate(_AT_ONCE), asyncio.get_running_loop()
    begin_s = loop.time()
    async with asyncio.TaskGroup() as tasks:
        kept = [tasks.create_task(keep(link, link.changed, gate)) for link in links]
        if break_after_s is not None:
            await asyncio.sleep(break_after_s)
            for link in links:
                link.breaks.set()
        await asyncio.sleep(begin_s + seconds - loop.time())
        for each in kept:
            each.cancel()
    return begin_s


def test_no_more_than_the_gate_allows_are_in_their_first_half_second() -> None:
    links = [Answering(0.1) for _ in range(100)]
    run(_keep_for(links, 5.0))
    tried_s = sorted(link.tried_s[0] for link in links)
    assert all(later - earlier >= 0.1 for earlier, later in zip(tried_s, tried_s[_AT_ONCE:], strict=False))
    assert all(len(link.up_s) == 1 for link in links)


def test_two_hundred_dead_nodes_keep_no_live_one_waiting_for_their_timeouts() -> None:
    dead, live = [Answering(10.0, dead=True) for _ in range(200)], [Answering(0.1) for _ in range(10)]
    begin_s = run(_keep_for([*dead, *live], 120.0, break_after_s=60.0))
    # In order of the cluster file all dead ones are before them: 32 every half second.
    assert all(link.up_s[0] - begin_s < 4.0 for link in live)
    assert all(link.up_s[1] - begin_s - 60.0 < 6.0 for link in live)


def test_links_that_broke_together_come_back_spread_the_same_way_for_the_same_seed() -> None:
    def scenario() -> list[float]:
        random.seed(1)
        links = [Answering(0.1) for _ in range(100)]
        begin_s = run(_keep_for(links, 40.0, break_after_s=20.0))
        return sorted(link.tried_s[1] - begin_s - 20.0 for link in links)

    again_s = scenario()
    assert len(again_s) == 100
    busiest = max(sum(start <= each < start + 0.1 for each in again_s) for start in again_s)
    assert busiest <= 15
    assert again_s[-1] < 2.5
    assert again_s == scenario()


def test_a_link_that_breaks_alone_comes_back_at_once() -> None:
    link = Answering(0.1)
    begin_s = run(_keep_for([link], 40.0, break_after_s=20.0))
    assert link.tried_s[1] - begin_s - 20.0 <= 0.25
