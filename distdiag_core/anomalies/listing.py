"""Listings of injections: the answer of one place, and the newest answers of all places of a cluster merged."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.errors import DistdiagError
from distdiag_core.metrics import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class Listing:
    """The injections of one place at one time.

    Attributes:
        incomplete: why some may be missing; empty where all are listed.
        uptime_s: of the node, when it answered; None where it did not say, and for a place that is no node.
        answered_s: when the answer arrived, by the monotonic clock of this machine.
    """

    injections: tuple[Injection, ...]
    incomplete: str = ""
    uptime_s: int | None = None
    answered_s: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Cleared:
    """The injections of one place before some or all of them were cleared, and after that."""

    before: tuple[Injection, ...]
    after: Listing


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest answer of a place: a listing, or the error, with the injections of the last listing before it."""

    question: int
    injections: tuple[Injection, ...]
    answer: Listing | DistdiagError

    @property
    def unasked(self) -> str:
        return self.answer.incomplete if isinstance(self.answer, Listing) else str(self.answer)


class ClusterListing:
    """The newest listing of each place. An answer that arrives after a newer one is dropped.

    Args:
        places: the name of each node's place. Other consoles may have other names for a node.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._known: dict[str, _Known] = {}
        self._questions = 0

    def ask(self) -> int:
        """The number of a new question, which orders the answers."""
        self._questions += 1
        return self._questions

    def note(self, place: str, question: int, answer: Listing | DistdiagError) -> None:
        """Take in the answer of `place`.

        Where it is an error, what the place listed last is kept: up to its deadline, or for good where it is orphaned.
        """
        known = self._known.get(place)
        if known is not None and known.question > question:
            return
        if isinstance(answer, Listing):
            injections = tuple(self._named(place, injection) for injection in answer.injections)
        else:
            now_s = clock.now_s()
            injections = tuple(
                replace(injection, detail=f"as last seen: {answer}")
                for injection in (known.injections if known is not None else ())
                if injection.deadline_s > now_s or injection.state is InjectionState.ORPHANED
            )
        self._known[place] = _Known(question, injections, answer)

    def add(self, place: str, injection: Injection) -> None:
        """Take in an injection that was proved active at `place`, which does not answer since."""
        known = self._known[place]
        self._known[place] = replace(known, injections=(*known.injections, injection))

    def newest(self, place: str) -> Listing:
        """The newest listing of `place`.

        Raises:
            DistdiagError: the newest answer is an error.
        """
        answer = self._known[place].answer
        if isinstance(answer, DistdiagError):
            raise answer
        return answer

    @property
    def injections(self) -> tuple[Injection, ...]:
        """All injections, ordered by id. Nodes on one machine list the same ones."""
        found = {each.id: each for place in sorted(self._known) for each in self._known[place].injections}
        return tuple(found[name] for name in sorted(found))

    @property
    def unasked(self) -> dict[str, str]:
        """The places whose newest answer is an error or incomplete, each with the reason."""
        return {place: known.unasked for place, known in sorted(self._known.items()) if known.unasked}

    @property
    def silent_nodes(self) -> frozenset[str]:
        """The nodes of which it is not known what is on them."""
        unasked = self.unasked
        return frozenset(node for node, place in self._places.items() if place in unasked)

    def named(self, place: str, injections: Collection[Injection]) -> tuple[Injection, ...]:
        """The injections that `place` listed, each with the name that its node has here."""
        return tuple(self._named(place, injection) for injection in injections)

    def _named(self, place: str, injection: Injection) -> Injection:
        return injection if injection.node in self._places else replace(injection, node=place)
