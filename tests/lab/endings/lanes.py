"""Plays endings on several nodes at once, one after the other on each."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError
from tests.lab.endings.endings import DISRUPTIVE, ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.lab.endings.victim import Victim

# An anomaly and an ending.
Pair = tuple[str, str]

# What ending it may take after its deadline on a busy machine: processes are ended politely first.
_ENDING_S = 10.0
_SLOW_ENDING_S = {
    "node_down": 45.0,  # its database has to start again
    "too_many_indexes": 20.0,  # each index is dropped by a statement of its own
}
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Outcome:
    """What became of one anomaly under one ending.

    Attributes:
        after_s: how long after it was due it was seen that nothing was left.
        left: what was left, or what went wrong before; empty where all is well.
    """

    after_s: float
    left: str = ""

    def __str__(self) -> str:
        """For the table."""
        return f"FAILED: {self.left}" if self.left else f"clean after {self.after_s:.1f} s"


async def play(pairs: Iterable[Pair], victims: Sequence[Victim], jump: Victim) -> dict[Pair, Outcome]:
    """All of these (anomaly, ending), each on the next node that is free; `jump` stands in where there is one alone."""
    left = deque(pairs)
    outcomes: dict[Pair, Outcome] = {}
    ways_in = asyncio.Lock()

    async def lane(victim: Victim, neighbour: Victim) -> None:
        await victim.prepare()
        while left:
            pair = left.popleft()
            if pair[1] in DISRUPTIVE:
                async with ways_in:
                    outcomes[pair] = await _try(pair, victim, neighbour)
            else:
                outcomes[pair] = await _try(pair, victim, neighbour)

    async with asyncio.TaskGroup() as lanes:
        for index, victim in enumerate(victims):
            neighbour = victims[index - 1] if len(victims) > 1 else jump
            lanes.create_task(lane(victim, neighbour))
    return outcomes


async def _try(pair: Pair, victim: Victim, neighbour: Victim) -> Outcome:
    anomaly, ending = pair
    try:
        before = await victim.look()
        async with ENDINGS[ending](victim, anomaly, neighbour) as due:
            left = "never looked at"
            give_up_s = due.gone_s + _SLOW_ENDING_S.get(anomaly, _ENDING_S)
            while left and time.time() < give_up_s:
                await asyncio.sleep(_LOOK_EVERY_S)
                left = (await victim.look()).against(before)
            now_s = time.time()
            if now_s < due.there_until_s:
                left = f"nothing, {due.there_until_s - now_s:.1f} s before its deadline"
            after_s = now_s - due.gone_s
    except (DistdiagError, AssertionError, ExceptionGroup) as error:
        return Outcome(0, "; ".join(f"{type(each).__name__}: {each}" for each in _errors(error)))
    finally:
        await victim.clear()
    return Outcome(after_s, left)


def _errors(error: Exception) -> Iterator[Exception]:
    """What went wrong: of a group, all that is in it."""
    if not isinstance(error, ExceptionGroup):
        yield error
        return
    for each in error.exceptions:
        yield from _errors(each)
