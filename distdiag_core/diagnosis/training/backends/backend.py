"""What a training works with: all at once in memory, unless told otherwise."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.training.backends.memory import in_memory
from distdiag_core.diagnosis.training.row_store import HeldStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.memory import Teach
    from distdiag_core.diagnosis.training.row_store import Store


def _as_it_is(case: Case) -> Case:
    return case


@dataclass(frozen=True, slots=True)
class Means:
    """Where what is learned from is kept meanwhile, and what learns from it.

    Attributes:
        whole: gives a case its figures, for cases that come without them so as not to be held all at once.
        figures: about so many figures are held to find the recipe, those of whole cases; None for all of them.
        store: makes a place for rows.
        teach: makes rows ready to be learned from.
    """

    whole: Callable[[Case], Case] = _as_it_is
    figures: int | None = None
    store: Callable[[], Store] = HeldStore
    teach: Teach = in_memory

    def exemplary(self, cases: Sequence[Case]) -> tuple[Case, ...]:
        """The cases that the recipe is found on, in their order: as many of each kind as `figures` allows."""
        held: dict[int, Case] = {}
        room = self.figures
        for index in _by_turns(cases):
            held[index] = self.whole(cases[index])
            if room is not None:
                room -= held[index].window.values.size
                if room <= 0:
                    break
        return tuple(held[index] for index in sorted(held))


def _by_turns(cases: Sequence[Case]) -> list[int]:
    """The places of all cases, one of each kind by turns; a kind is the anomalies that are in it."""
    kinds: dict[frozenset[str], list[int]] = {}
    for index, case in enumerate(cases):
        kinds.setdefault(frozenset(label.anomaly for label in case.labels), []).append(index)
    turns = itertools.zip_longest(*kinds.values())
    return [index for turn in turns for index in turn if index is not None]
