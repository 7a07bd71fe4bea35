"""An injection that is cleared while it is still on its way to its node never begins there."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.backends.ssh import ssh_backend
from distdiag_core.anomalies.backends.ssh.ssh_backend import SshBackend
from distdiag_core.anomalies.clearing_errors import NotThereError
from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.anomalies.injector import Injector
from distdiag_core.anomalies.listing import Listing
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import CommandFailedError, DataError, TimedOutError
from tests.anomalies.catalogue_data import HARMLESS

if TYPE_CHECKING:
    from distdiag_core.cluster.shell import CommandResult
    from tests.anomalies.conftest import Here


class SlowLink(LocalShell):
    """Holds back what would begin an injection, and can let it arrive after nobody waits for it any more."""

    def __init__(self, node: str, *, gives_up: bool = False) -> None:
        super().__init__(node)
        self._gives_up = gives_up
        self._held: list[tuple[str, str]] = []
        self.holds = asyncio.Event()

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`, unless it begins an injection."""
        if " start " not in command:
            return await super().run(command, stdin=stdin, timeout_s=timeout_s)
        self._held.append((command, stdin))
        self.holds.set()
        if self._gives_up:
            raise TimedOutError(f"no end within {timeout_s:g} s", where=self.node)
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody ends this wait")

    async def let_arrive(self) -> CommandResult:
        """Run on the node what was held back."""
        command, stdin = self._held.pop()
        return await super().run(command, stdin=stdin, timeout_s=30)


def _over(link: SlowLink, here: Here) -> Injector:
    shells = {"n1": link, "n2": LocalShell("n2")}
    return Injector(here.cluster, shells, HARMLESS, lease_directory=str(here.leases))


async def test_clearing_everything_gives_up_what_is_on_its_way(here: Here) -> None:
    link = SlowLink("n1")
    injector = _over(link, here)
    plan = await injector.plan(InjectionRequest("sleep", ("n1",), "low", 60))
    injecting = asyncio.create_task(injector.inject(plan))
    await link.holds.wait()
    assert await injector.clear_all() == ()
    with pytest.raises(CommandFailedError, match="everything was cleared before it had begun"):
        await injecting
    arrived = await link.let_arrive()
    assert (arrived.status, arrived.stderr) == (1, "it was cleared before it had begun\n")
    assert here.left == []


async def test_what_was_undone_after_a_time_out_does_not_begin_afterwards(here: Here) -> None:
    link = SlowLink("n1", gives_up=True)
    injector = _over(link, here)
    plan = await injector.plan(InjectionRequest("sleep", ("n1",), "low", 60))
    with pytest.raises(TimedOutError, match="nothing of it is left on any node"):
        await injector.inject(plan)
    assert (await link.let_arrive()).status == 1
    assert here.left == []


async def test_what_arrives_late_does_not_begin_though_nobody_could_bar_it(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_backend, "_ARRIVAL_S", -1)
    with pytest.raises(CommandFailedError, match=r"n1: sleep by sleepers: .*arrived too late to begin; nothing of it"):
        await here.inject("sleep", "n1")
    assert here.left == []


async def test_a_node_that_does_not_give_its_uptime_gets_no_injection(here: Here) -> None:
    request = InjectionRequest("sleep", ("n1",), "low", 60)
    (step,) = (await here.injector.plan(request)).steps
    leases = SshBackend(LocalShell("n1"), str(here.leases))
    with pytest.raises(DataError, match="n1: sleep by sleepers: the node did not give its uptime"):
        await leases.start(step, request, "me@here", Listing(()))
    assert here.left == []


@pytest.mark.parametrize(("elapsed_s", "starts"), [(100, True), (80, False)])
async def test_the_time_since_the_listing_counts(here: Here, elapsed_s: int, *, starts: bool) -> None:
    request = InjectionRequest("sleep", ("n1",), "low", 60)
    (step,) = (await here.injector.plan(request)).steps
    leases = SshBackend(LocalShell("n1"), str(here.leases))
    uptime_s = (await leases.list()).uptime_s
    assert uptime_s is not None
    listing = Listing((), uptime_s=uptime_s - 100, answered_s=time.monotonic() - elapsed_s)
    if starts:
        await leases.start(step, request, "me@here", listing)
    else:
        with pytest.raises(CommandFailedError, match="arrived too late to begin"):
            await leases.start(step, request, "me@here", listing)
    assert (step.id in here.left, bool(here.left)) == (starts, starts)


async def test_an_interrupt_undoes_and_bars_what_is_on_its_way(here: Here) -> None:
    link = SlowLink("n1")
    injector = _over(link, here)
    plan = await injector.plan(InjectionRequest("sleep", ("n1", "n2"), "low", 60))
    injecting = asyncio.create_task(injector.inject(plan))
    await link.holds.wait()
    injecting.cancel()
    # Another one while it is being undone hurries nothing.
    await asyncio.sleep(0)
    injecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await injecting
    assert (await link.let_arrive()).status == 1
    assert here.left == []
    assert await injector.active() == ()


async def test_what_bars_an_injection_is_no_injection_and_does_not_stay_for_ever(here: Here) -> None:
    with pytest.raises(NotThereError, match="no node has an injection called 1barred00"):
        await here.injector.clear(["1barred00"])
    assert await here.injector.active() == ()
    barred = here.leases / "1barred00"
    assert barred.is_file()
    await here.injector.clear_all()
    assert barred.is_file()
    await LocalShell("n1").run(f"touch -d '16 minutes ago' {barred}")
    await SshBackend(LocalShell("n1"), str(here.leases)).clear_all()
    assert not barred.exists()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../leases"])
async def test_what_cannot_be_a_name_is_never_taken_for_a_place(here: Here, name: str) -> None:
    (injection,) = await here.inject("sleep", "n1")
    with pytest.raises(NotThereError, match="no node has an injection"):
        await here.injector.clear([name])
    assert [each.id for each in await here.injector.active()] == [injection.id]
