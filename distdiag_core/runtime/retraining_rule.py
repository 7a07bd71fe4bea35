"""Whether it is time to train anew: decided from numbers, and only ever proposed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class RetrainingRule:
    """When to propose it.

    Attributes:
        every_days: on a schedule; 0 for never.
        recent: how many known injections are looked at, the newest ones.
        surprise: how unlikely the misses among them must be, were the model as good as it was found to be.
    """

    every_days: float = 30.0
    recent: int = 20
    surprise: float = 0.01


def proposal(rule: RetrainingRule, age_s: float, ac1: float | None, hits: Sequence[bool]) -> str:
    """Why to train anew, in a sentence; empty where there is no reason.

    Args:
        age_s: of the model.
        ac1: AC@1 of its own evaluation; None where it has none.
        hits: of each known injection, oldest first, whether it was the likeliest root cause.
    """
    recent = hits[-rule.recent :] if rule.recent else ()
    right = sum(recent)
    # Nobody is right every time, whatever an evaluation of few cases says.
    expected = min(ac1 if ac1 is not None else 0.9, 0.97)
    if recent and _at_most(right, len(recent), expected) < rule.surprise:
        return (
            f"of the last {len(recent)} known injections {right} were named first, where {expected:.0%} were expected: "
            "train anew, with cases of what is on now"
        )
    if rule.every_days and age_s > rule.every_days * _DAY_S:
        return f"the model is {age_s / _DAY_S:.0f} days old, the schedule is {rule.every_days:g}: train anew"
    return ""


def _at_most(right: int, trials: int, chance: float) -> float:
    """The chance of at most so many hits."""
    return math.fsum(
        math.comb(trials, hits) * chance**hits * (1 - chance) ** (trials - hits) for hits in range(right + 1)
    )
