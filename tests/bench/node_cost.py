"""What a console takes of one node: processor time of all that its SSH connections run there, and of its questions.

Both are read from the node's own books, so that they bound the cost more closely than throughputs do, which vary.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.node import Node

# The connection that asks is told by the parent of its shell, and is left out.
_LOOK = 'echo "$PPID $(getconf CLK_TCK)"; cat /proc/[0-9]*/stat 2>/dev/null'
_PARENT, _TICKS = 1, slice(11, 15)
# The engine forgets old statements; the mean of those that it still knows stands for all.
_QUESTIONS = """
    SELECT AVG(execute_time) FROM oceanbase.GV$OB_SQL_AUDIT
    WHERE query_sql LIKE 'SELECT name, value, %%V$SYSSTAT%%' AND query_sql NOT LIKE '%%AVG%%'"""


@dataclass(frozen=True, slots=True)
class Books:
    """The processor time that was used on a node up to one moment.

    Attributes:
        at_s: the moment, by our monotonic clock.
        watching_s: by sessions of SSH, other than the one that asks.
        all_s: by all processes, those included.
    """

    at_s: float
    watching_s: float
    all_s: float


async def books(node: Node) -> Books:
    """How they stand now."""
    head, *stats = (await node.shell.run(_LOOK)).stdout.splitlines()
    ours, per_s = (int(each) for each in head.split())
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    sessions: set[int] = set()
    for pid, name, fields in map(_parsed, stats):
        parents[pid], ticks[pid] = int(fields[_PARENT]), sum(map(int, fields[_TICKS]))
        if name == "sshd":
            sessions.add(pid)
    # The listener is the root of all sessions; its own time is that of sessions that have ended.
    listeners = {pid for pid in sessions if parents[pid] not in sessions}
    watching = [
        pid for pid in ticks if (line := set(_line(pid, parents))) & (sessions - listeners) and ours not in line
    ]
    return Books(time.monotonic(), sum(ticks[pid] for pid in watching) / per_s, sum(ticks.values()) / per_s)


async def question_s(node: Node) -> float:
    """The mean time that the engine takes to answer the console's question of a tick; NaN where it remembers none."""
    ((mean_us,),) = await node.database.query(_QUESTIONS)
    return math.nan if mean_us is None else float(str(mean_us)) / 1e6


def _parsed(stat: str) -> tuple[int, str, list[str]]:
    before, _, after = stat.rpartition(")")
    pid, _, name = before.partition(" (")
    return int(pid), name, after.split()


def _line(pid: int, parents: dict[int, int]) -> Iterable[int]:
    """A process, its parent, and so on."""
    while pid in parents:
        yield pid
        pid = parents[pid]
