"""A watch of the injections on all nodes, with an event in the journal for each that begins, changes or ends."""

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
    """The injections that are active anywhere in the cluster, as the nodes last listed them."""

    def __init__(self, injector: Injector, journal: Journal, catalogue: AnomalyCatalogue) -> None:
        self._injector = injector
        self._journal = journal
        self._catalogue = catalogue
        self._known: dict[str, Injection] = {}

    @property
    def known(self) -> tuple[Injection, ...]:
        """The injections that were published last, the oldest first."""
        return tuple(sorted(self._known.values(), key=lambda injection: (injection.started_s, injection.id)))

    async def run(self) -> None:
        """Ask all nodes every few seconds, until cancelled."""
        while True:
            try:
                await self.refresh()
            except DistdiagError as error:
                self._journal.note("error", str(error), level="warning")
            await asyncio.sleep(_ASK_EVERY_S)

    async def refresh(self) -> tuple[Injection, ...]:
        """Ask all nodes now, and publish their answer: the injections on them."""
        active = await self._injector.active()
        self.publish()
        return active

    def publish(self) -> None:
        """Take over what an operation of the injector found on the nodes, without asking them again."""
        self._update({injection.id: injection for injection in self._injector.last_listed})

    def _update(self, found: dict[str, Injection]) -> None:
        before, self._known = self._known, found
        for injection in found.values():
            earlier = before.get(injection.id)
            if earlier is None or earlier.state is not injection.state:
                self._note_state(injection)
        for injection in before.values():
            if injection.id not in found:
                self._note_end(injection)

    def _note_state(self, injection: Injection) -> None:
        text = (
            f"{self._catalogue.label(injection.anomaly)} {injection.severity} on {injection.node} is {injection.state}"
        )
        if injection.detail:
            text = f"{text}: {injection.detail}"
        level: Level = "error" if injection.state is InjectionState.ORPHANED else "warning"
        self._journal.note("injection", text, level=level, node=injection.node, injection=_event_data(injection))

    def _note_end(self, injection: Injection) -> None:
        text = f"{self._catalogue.label(injection.anomaly)} on {injection.node} has ended"
        facts = _event_data(injection) | {"state": InjectionState.CLEARED.value}
        self._journal.note("injection", text, node=injection.node, injection=facts)


def _event_data(injection: Injection) -> dict[str, str | float]:
    return {
        "id": injection.id,
        "anomaly": injection.anomaly,
        "severity": injection.severity,
        "state": injection.state.value,
        "started_s": injection.started_s,
        "deadline_s": injection.deadline_s,
        "owner": injection.owner,
    }
