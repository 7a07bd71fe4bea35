"""The cost of a console on one node: processor time of its SSH sessions, and execution time of its query.

Both come from the accounting of the node, and bound the cost more closely than throughputs, which vary.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.node import Node

# The session of this command is identified by the parent of its shell, and excluded.
_STAT = 'echo "$PPID $(getconf CLK_TCK)"; cat /proc/[0-9]*/stat 2>/dev/null'
_PARENT, _TICKS = 1, slice(11, 15)
# The audit of the engine is a ring buffer; the mean of the statements in it stands for all.
_QUERIES = """
    SELECT AVG(execute_time) FROM oceanbase.GV$OB_SQL_AUDIT
    WHERE query_sql LIKE 'SELECT name, value, %%V$SYSSTAT%%' AND query_sql NOT LIKE '%%AVG%%'"""


@dataclass(frozen=True, slots=True)
class Accounting:
    """Processor time used on a node up to one moment.

    Attributes:
        at_s: the moment, by the monotonic clock of this machine.
        watching_s: of SSH sessions, without the one of this command.
        all_s: of all processes, those included.
    """

    at_s: float
    watching_s: float
    all_s: float


async def accounting(node: Node) -> Accounting:
    """Read the accounting of a node."""
    head, *stats = (await node.shell.run(_STAT)).stdout.splitlines()
    ours, per_s = (int(each) for each in head.split())
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    sessions: set[int] = set()
    for pid, name, fields in map(_parsed, stats):
        parents[pid], ticks[pid] = int(fields[_PARENT]), sum(map(int, fields[_TICKS]))
        if name == "sshd":
            sessions.add(pid)
    # The listener is the parent of all sessions; its time includes that of ended sessions.
    listeners = {pid for pid in sessions if parents[pid] not in sessions}
    watching = [
        pid for pid in ticks if (line := set(_ancestors(pid, parents))) & (sessions - listeners) and ours not in line
    ]
    return Accounting(time.monotonic(), sum(ticks[pid] for pid in watching) / per_s, sum(ticks.values()) / per_s)


async def query_s(node: Node) -> float:
    """Mean execution time in the engine of the query of a tick; NaN where the audit has none."""
    ((mean_us,),) = await node.database.query(_QUERIES)
    return math.nan if mean_us is None else float(str(mean_us)) / 1e6


def _parsed(stat: str) -> tuple[int, str, list[str]]:
    before, _, after = stat.rpartition(")")
    pid, _, name = before.partition(" (")
    return int(pid), name, after.split()


def _ancestors(pid: int, parents: dict[int, int]) -> Iterable[int]:
    """A process and its ancestors."""
    while pid in parents:
        yield pid
        pid = parents[pid]
