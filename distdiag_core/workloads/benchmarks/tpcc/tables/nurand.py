"""NURand, the non-uniform random numbers of clause 2.1.6."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale

# Clause 2.1.6.1: valid differences between C of the run and C of the load, for last names.
_VALID_DELTAS = tuple(delta for delta in range(65, 120) if delta not in (96, 112))


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants C of NURand: fixed for a run and the same for all of its terminals."""

    last_name: int
    customer: int
    item: int

    @classmethod
    def of_load(cls, scale: Scale, random: Random) -> Constants:
        """Constants of the load."""
        return cls(*(random.randint(0, a) for a in (scale.a_of_last_names, scale.a_of_customers, scale.a_of_items)))

    def of_run(self, scale: Scale, random: Random) -> Constants:
        """Constants of a run on tables that were loaded with `self`."""
        drawn = Constants.of_load(scale, random)
        valid = [c for c in range(scale.a_of_last_names + 1) if abs(c - self.last_name) in _VALID_DELTAS]
        # At a small scale no difference may be valid.
        return Constants(random.choice(valid) if valid else drawn.last_name, drawn.customer, drawn.item)


def nurand(random: Random, a: int, first: int, last: int, c: int) -> int:
    """NURand(A, x, y): a number from `first` to `last`."""
    return ((random.randint(0, a) | random.randint(first, last)) + c) % (last - first + 1) + first
