"""Keeps asking the nodes which injections are on them, and tells what began and what ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.anomalies.injector import Injector
    from distdiag_core.recording.events import Level
    from distdiag_core.recording.journal import Journal

# Another console's injections, and those that end by their deadline, show up within this time.
_ASK_EVERY_S = 5.0


class InjectionWatch:
    """What is active anywhere in the cluster, as the nodes last said."""

    def __init__(self, injector: Injector, journal: Journal, catalogue: AnomalyCatalogue) -> None:
        self._injector = injector
        self._journal = journal
        self._catalogue = catalogue
        self._known: dict[str, Injection] = {}
        self._running = False
        self._asked = 0
        self._answered = 0

    @property
    def known(self) -> tuple[Injection, ...]:
        """The injections of the last answer, the oldest first."""
        return tuple(sorted(self._known.values(), key=lambda injection: (injection.started_s, injection.id)))

    async def run(self) -> None:
        """Ask now and then, until cancelled."""
        self._running = True
        while True:
            try:
                await self.refresh()
            except DistdiagError as error:
                self._journal.note("error", str(error), level="warning")
            await asyncio.sleep(_ASK_EVERY_S)

    async def catch_up(self) -> None:
        """Ask now, unless nobody watches: a verb that ends after its act need not wait for all nodes once more."""
        if self._running:
            await self.refresh()

    async def refresh(self) -> tuple[Injection, ...]:
        """Ask now; the answer, even where a newer one is known already."""
        self._asked += 1
        question = self._asked
        active = await self._injector.active()
        # The loop and the verbs ask at the same time: an old answer that comes late would end what has just begun.
        if question > self._answered:
            self._answered = question
            self._learn({injection.id: injection for injection in active})
        return active

    def _learn(self, found: dict[str, Injection]) -> None:
        before, self._known = self._known, found
        for injection in found.values():
            earlier = before.get(injection.id)
            if earlier is None or earlier.state is not injection.state:
                self._tell(injection)
        for injection in before.values():
            if injection.id not in found:
                self._tell_gone(injection)

    def _tell(self, injection: Injection) -> None:
        text = (
            f"{self._catalogue.label(injection.anomaly)} {injection.severity} on {injection.node} is {injection.state}"
        )
        if injection.detail:
            text = f"{text}: {injection.detail}"
        level: Level = "error" if injection.state is InjectionState.ORPHANED else "warning"
        self._journal.note("injection", text, level=level, node=injection.node, injection=_facts(injection))

    def _tell_gone(self, injection: Injection) -> None:
        text = f"{self._catalogue.label(injection.anomaly)} on {injection.node} has ended"
        facts = _facts(injection) | {"state": InjectionState.CLEARED.value}
        self._journal.note("injection", text, node=injection.node, injection=facts)


def _facts(injection: Injection) -> dict[str, str | float]:
    return {
        "id": injection.id,
        "anomaly": injection.anomaly,
        "severity": injection.severity,
        "state": injection.state.value,
        "started_s": injection.started_s,
        "deadline_s": injection.deadline_s,
        "owner": injection.owner,
    }
