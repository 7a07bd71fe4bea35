"""How often a node is asked for one operation, and what two consoles that inject at the same time come to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import DistdiagError, RefusedError, UnreachableError
from tests.anomalies.catalogue_data import HARMLESS

if TYPE_CHECKING:
    from distdiag_core.cluster.shell import CommandResult
    from tests.anomalies.conftest import Here


class CountingShell(LocalShell):
    """Notes the verb of each request to its node."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.verbs: list[str] = []

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`."""
        verbs = [verb for verb in ("list", "start", "clear", "clear_all") if f" {verb}" in command]
        self.verbs.append(verbs[-1] if verbs else "survey")
        return await super().run(command, stdin=stdin, timeout_s=timeout_s)


class Silenced(LocalShell):
    """A node that does not list its injections once one was started."""

    started = False

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`."""
        if self.started and " list" in command:
            raise UnreachableError("no route to host", where=f"{self.node}: ssh")
        result = await super().run(command, stdin=stdin, timeout_s=timeout_s)
        self.started |= " start " in command
        return result


class Meeting(LocalShell):
    """Starts injections when all consoles have listed what there is."""

    def __init__(self, node: str, barrier: asyncio.Barrier) -> None:
        super().__init__(node)
        self._barrier = barrier

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`."""
        if " start " in command:
            await self._barrier.wait()
        return await super().run(command, stdin=stdin, timeout_s=timeout_s)


async def test_a_node_is_asked_three_times_for_an_injection_and_once_for_clearing(here: Here) -> None:
    shells = {name: CountingShell(name) for name in ("n1", "n2")}
    injector = Injector(here.cluster, shells, HARMLESS, lease_directory=str(here.leases))

    def asked() -> dict[str, list[str]]:
        found = {name: list(shell.verbs) for name, shell in shells.items()}
        for shell in shells.values():
            shell.verbs.clear()
        return found

    plan = await injector.plan(InjectionRequest("sleep", ("n1",), "low", 60))
    assert asked() == {"n1": ["list", "survey"], "n2": ["list"]}
    (injection,) = await injector.inject(plan)
    assert asked() == {"n1": ["list", "start", "list"], "n2": ["list", "list"]}
    assert injector.last_listed == (injection,)
    await injector.clear([injection.id])
    assert asked() == {"n1": ["clear"], "n2": ["clear"]}
    assert not injector.last_listed
    await injector.clear_all()
    assert asked() == {"n1": ["clear_all"], "n2": ["clear_all"]}


async def test_an_injection_that_silences_its_node_is_known_none_the_less(here: Here) -> None:
    # The other node is the same machine, and would list it.
    alone = replace(here.cluster, nodes=here.cluster.nodes[:1])
    injector = Injector(alone, {"n1": Silenced("n1")}, HARMLESS, lease_directory=str(here.leases))
    plan = await injector.plan(InjectionRequest("sleep", ("n1",), "low", 60))
    (injection,) = await injector.inject(plan)
    assert (injection.state, "no route to host" in injection.detail) == (InjectionState.ACTIVE, True)
    assert injector.last_listed == (injection,)
    assert [each.id for each in await injector.active()] == [injection.id]


async def test_of_two_consoles_that_inject_at_once_one_gives_way(here: Here) -> None:
    protected = replace(here.cluster, sections=(Protection(max_nodes=1),))
    barrier = asyncio.Barrier(2)

    async def console(node: str) -> DistdiagError | None:
        shells = {name: Meeting(name, barrier) for name in ("n1", "n2")}
        injector = Injector(protected, shells, HARMLESS, lease_directory=str(here.leases))
        plan = await injector.plan(InjectionRequest("sleep", (node,), "low", 60))
        try:
            await injector.inject(plan)
        except DistdiagError as error:
            return error
        return None

    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(console("n1"), console("n2"))
    (refusal,) = [outcome for outcome in outcomes if outcome is not None]
    assert len(await here.injector.active()) == 1
    with pytest.raises(RefusedError, match=r"2 nodes would be affected at once.*nothing of it is left"):
        raise refusal
