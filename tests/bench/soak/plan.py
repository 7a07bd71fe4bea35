"""The plan of a soak: what is done when, all of it by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["load", "inject", "rough", "kill", "stall"]

SEVERITIES = ("low", "medium", "high")
# What `distdiag workload start` is given.
LOADS = (
    ("sysbench", "--script", "oltp_read_write", "--threads", "2"),
    ("sysbench", "--script", "oltp_read_only", "--threads", "3", "--rate", "20"),
    ("sysbench", "--script", "oltp_write_only", "--threads", "2", "--rate", "30"),
    ("sysbench", "--script", "oltp_point_select", "--threads", "1"),
    ("sysbench", "--profile", "day-and-night"),
    ("tpcc", "--threads", "2"),
)
ROUGH = ("end the database", "end the SSH server")
# Parts whose figures are followed are killed in the first half alone, so that the second half has whole lives.
FOLLOWED = ("console a", "recorder", "console b", "stalled console")
OTHERS = ("remote program", "lease supervisor", "workload client", "workload supervisor")

# Anomalies that concern every node at once.
_ON_ALL = ("workload_overload",)
_COMPOUND_SHARE = 0.2
_SETTLE_S = 60.0
# Every injection has ended by then, whatever its jitter.
_CALM_S = 120.0
_STALL_S = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """One act of a soak.

    Attributes:
        at_s: seconds since the begin of the run.
        what: the arguments of a load, anomalies in the notation of `distdiag inject`, a part, or a word of `ROUGH`.
        node: where a rough act takes place, or a remote part is killed; the number of a node from 0.
        lasts_s: of an injection or a stall.
    """

    at_s: float
    kind: Kind
    what: tuple[str, ...]
    node: int = 0
    lasts_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two acts of a kind."""

    load_s: float = 300.0
    inject_s: float = 120.0
    rough_s: float = 900.0
    kill_s: float = 180.0
    stall_s: float = 600.0

    @classmethod
    def of(cls, seconds: float) -> Pace:
        """The pace of a run: short ones have some of everything too."""
        usual = cls()
        return cls(
            min(usual.load_s, seconds / 3),
            min(usual.inject_s, max(60.0, seconds / 4)),
            min(usual.rough_s, seconds / 2),
            min(usual.kill_s, max(20.0, seconds / 12)),
            min(usual.stall_s, seconds / 2),
        )


def plan(seed: int, seconds: float, nodes: Sequence[str], anomalies: Sequence[str]) -> tuple[Step, ...]:
    """The steps of a run in the order of their times; the same for the same arguments."""
    chance = random.Random(seed)  # noqa: S311 - a plan, no secret
    pace = Pace.of(seconds)
    settle_s, calm_s = min(_SETTLE_S, seconds / 10), min(_CALM_S, seconds / 3)
    busy = (settle_s, seconds - calm_s)
    steps = [
        *_loads(chance, seconds - calm_s, pace.load_s),
        *_injections(chance, busy, pace, nodes, anomalies),
        *_rough(chance, busy, pace.rough_s, len(nodes)),
        *_kills(chance, busy, pace.kill_s, seconds / 2, len(nodes)),
        *_stalls(busy, pace.stall_s),
    ]
    return tuple(sorted(steps, key=lambda step: (step.at_s, step.kind)))


def _times(start_s: float, end_s: float, every_s: float) -> Iterator[float]:
    at_s = start_s
    while at_s < end_s:
        yield at_s
        at_s += every_s


def _loads(chance: random.Random, end_s: float, every_s: float) -> Iterator[Step]:
    last = None
    for at_s in _times(0.0, end_s, every_s):
        last = chance.choice([load for load in LOADS if load != last])
        yield Step(at_s, "load", last)


def _injections(
    chance: random.Random, busy: tuple[float, float], pace: Pace, nodes: Sequence[str], anomalies: Sequence[str]
) -> Iterator[Step]:
    for at_s in _times(*busy, pace.inject_s):
        lasts_s = float(chance.randint(20, min(60, int(pace.inject_s / 2))))
        first = chance.choice(anomalies)
        chosen = [first]
        if first not in _ON_ALL and chance.random() < _COMPOUND_SHARE:
            chosen.append(chance.choice([each for each in anomalies if each != first and each not in _ON_ALL]))
        places = chance.sample(list(nodes), len(chosen)) if len(nodes) >= len(chosen) else [nodes[0]] * len(chosen)
        what = tuple(_notation(chance, name, place, lasts_s) for name, place in zip(chosen, places, strict=True))
        yield Step(at_s + chance.uniform(0.0, pace.inject_s / 8), "inject", what, lasts_s=lasts_s)


def _notation(chance: random.Random, anomaly: str, node: str, lasts_s: float) -> str:
    severity = chance.choice(SEVERITIES)
    place = "" if anomaly in _ON_ALL else f"@{node}"
    return f"{anomaly}{place}:{severity}/{lasts_s:.0f}s"


def _rough(chance: random.Random, busy: tuple[float, float], every_s: float, nodes: int) -> Iterator[Step]:
    for number, at_s in enumerate(_times(busy[0] + every_s / 2, busy[1], every_s)):
        yield Step(at_s, "rough", (ROUGH[number % len(ROUGH)],), node=chance.randrange(nodes))


def _kills(
    chance: random.Random, busy: tuple[float, float], every_s: float, half_s: float, nodes: int
) -> Iterator[Step]:
    early = [part for pair in zip(FOLLOWED, OTHERS, strict=True) for part in pair]
    turns = {True: 0, False: 0}
    for at_s in _times(busy[0] + every_s / 3, busy[1], every_s):
        # What is started anew shortly before the half would still be filling its history after it.
        is_early = at_s < half_s - every_s
        parts = early if is_early else OTHERS
        part = parts[turns[is_early] % len(parts)]
        yield Step(at_s + chance.uniform(0.0, every_s / 4), "kill", (part,), node=chance.randrange(nodes))
        turns[is_early] += 1


def _stalls(busy: tuple[float, float], every_s: float) -> Iterator[Step]:
    for at_s in _times(busy[0] + every_s / 4, busy[1], every_s):
        yield Step(at_s, "stall", ("stalled console",), lasts_s=min(_STALL_S, every_s / 2))
