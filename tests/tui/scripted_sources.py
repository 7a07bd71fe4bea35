"""The sources of a scripted core, and its obdiag."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.obdiag.evidence import Finding, ObdiagEvidence
from tests.tui.call_log import Call
from tests.tui.canned import NOW_S

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from distdiag_core.errors import DistdiagError
    from distdiag_core.obdiag import call as obdiag
    from distdiag_core.runtime.snapshot import Snapshot
    from tests.tui.call_log import CallLog


class ScriptedObdiag:
    """obdiag that finds the same each time.

    Attributes:
        hold: an event that every call waits for, where it is set.
        failure: raised by every scene.
    """

    def __init__(self, log: CallLog) -> None:
        self.hold: asyncio.Event | None = None
        self.failure: DistdiagError | None = None
        self._log = log

    async def run(
        self, call: obdiag.Call, *, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> ObdiagEvidence:
        self._log.add(Call("obdiag.run", call.title, confirmed))
        if tell is not None:
            tell("3 s: Execute Shell command on server n2")
        if self.hold is not None:
            await self.hold.wait()
        if self.failure is not None and call.verb == "rca":
            raise self.failure
        finding = Finding("critical", "[z1] cpu oversold: 64 of 16", "cpu.oversold")
        return ObdiagEvidence(call.verb, call.name, NOW_S, 12.0, (finding,), ("move a unit",), ("3 checks, 2 passed",))


class ScriptedSources:
    """Sources that are on or off from the next tick on."""

    def __init__(self, newest: Callable[[], Snapshot], publish: Callable[[Snapshot], None]) -> None:
        self._newest, self._publish = newest, publish

    def switch(self, name: str, *, on: bool) -> None:
        newest = self._newest()
        sources = tuple(replace(each, on=on) if each.name == name else each for each in newest.sources)
        self._publish(replace(newest, sources=sources, tick=newest.tick + 1))
