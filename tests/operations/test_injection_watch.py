"""The events of injections are what became of them, in whatever order the answers of the nodes arrive."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.local import LocalShell
from distdiag_core.operations.injection_watch import InjectionWatch
from distdiag_core.recording.journal import Journal
from tests.anomalies.catalogue_data import HARMLESS
from tests.anomalies.conftest import cluster_here

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.cluster.shell import CommandResult


class LateAnswers(LocalShell):
    """Keeps back the first answer of the node until it is let go."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self._first = True
        self.answered = asyncio.Event()
        self.let_go = asyncio.Event()

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`."""
        first, self._first = self._first, False
        result = await super().run(command, stdin=stdin, timeout_s=timeout_s)
        if first:
            self.answered.set()
            await self.let_go.wait()
        return result


def _injector(directory: Path, shell: LocalShell) -> Injector:
    cluster = cluster_here(directory)
    one = replace(cluster, nodes=cluster.nodes[:1])
    return Injector(one, {"n1": shell}, HARMLESS, lease_directory=str(directory / "leases"))


async def _inject(injector: Injector) -> Injection:
    plan = await injector.plan(InjectionRequest("mark", ("n1",), "low", 60))
    (injection,) = await injector.inject(plan)
    return injection


def _told(journal: Journal) -> list[tuple[str, str]]:
    """The states that were told, the oldest first, each with the id."""
    facts = [event.data["injection"] for event in reversed(journal.newest_first())]
    return [(fact["id"], fact["state"]) for fact in facts]


async def test_what_begins_and_ends_is_told_once(tmp_path: Path) -> None:
    injector = _injector(tmp_path, LocalShell("n1"))
    journal = Journal()
    watch = InjectionWatch(injector, journal, HARMLESS)
    assert await watch.refresh() == ()
    injection = await _inject(injector)
    await watch.refresh()
    assert [each.id for each in await watch.refresh()] == [injection.id]
    await injector.clear_all()
    await watch.refresh()
    assert watch.known == ()
    assert _told(journal) == [(injection.id, "active"), (injection.id, "cleared")]


async def test_an_old_answer_that_comes_late_ends_nothing(tmp_path: Path) -> None:
    late = LateAnswers("n1")
    journal = Journal()
    watch = InjectionWatch(_injector(tmp_path, late), journal, HARMLESS)
    old = asyncio.create_task(watch.refresh())
    await late.answered.wait()
    console = _injector(tmp_path, LocalShell("n1"))
    injection = await _inject(console)
    try:
        await watch.refresh()
        late.let_go.set()
        assert [each.id for each in await old] == [injection.id]
        assert [each.id for each in watch.known] == [injection.id]
        assert _told(journal) == [(injection.id, "active")]
    finally:
        await console.clear_all()
