"""Two injections on one node that both hand packets to a program: the second would have no effect, and is refused."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
from asyncio.subprocess import DEVNULL
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.catalogue import AnomalyCatalogue
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import CommandFailedError, UnsupportedError
from tests.anomalies.test_packet_delay import needs_queue
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.cluster.shell import CommandResult

pytestmark = needs_queue
_ANOMALIES = ("network_bandwidth", "network_delay")


@dataclass(frozen=True)
class NetworkShell:
    """Runs programs in the network of a process, which has nothing but a loopback interface."""

    node: str
    process: int

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run it to its end."""
        words = ["nsenter", f"--net=/proc/{self.process}/ns/net", "sh", "-c", command]
        return await LocalShell(self.node).run(shlex.join(words), stdin=stdin, timeout_s=timeout_s)


def _by_queue() -> AnomalyCatalogue:
    """The anomalies of the network that can be made by a queue, by that alone."""
    found = []
    for name in _ANOMALIES:
        anomaly = catalogue.load().get(name)
        assert anomaly is not None
        methods = tuple(replace(each, patience_s=2) for each in anomaly.methods if each.name == "nfqueue")
        found.append(replace(anomaly, methods=methods))
    return AnomalyCatalogue(tuple(found))


@pytest.fixture
async def injector(tmp_path: Path) -> AsyncGenerator[Injector]:
    holder = await asyncio.create_subprocess_exec("unshare", "-n", "sleep", "300", stdout=DEVNULL)
    try:
        await until(lambda: _networks(holder.pid), "the network")
        node = NodeSettings("n1", "127.0.0.1", connection="local", interface="lo")
        cluster = ClusterSettings("here", (node,), read_only=False)
        shells = {"n1": NetworkShell("n1", holder.pid)}
        injector = Injector(cluster, shells, _by_queue(), lease_directory=str(tmp_path / "leases"))  # type: ignore[arg-type] # it only runs to the end
        yield injector
        await injector.clear_all()
    finally:
        holder.kill()
        await holder.wait()


def _networks(process: int) -> bool:
    """Whether it has a network of its own by now."""
    words = ["readlink", f"/proc/{process}/ns/net", "/proc/self/ns/net"]
    read = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
    return len(set(read)) == 2


def _request(anomaly: str) -> InjectionRequest:
    return InjectionRequest(anomaly, ("n1",), "low", 60)


async def _only(injector: Injector) -> Injection:
    (active,) = await injector.active()
    assert (active.state, active.detail) == (InjectionState.ACTIVE, "by nfqueue")
    return active


@pytest.mark.parametrize("anomaly", _ANOMALIES)
async def test_a_second_one_of_a_kind_is_refused_with_the_reason(injector: Injector, anomaly: str) -> None:
    (first,) = await injector.inject(await injector.plan(_request(anomaly)))
    with pytest.raises(UnsupportedError, match="packets go to a queue there already"):
        await injector.plan(_request(anomaly))
    assert (await _only(injector)).id == first.id
    await injector.clear([first.id])
    await injector.inject(await injector.plan(_request(anomaly)))


@pytest.mark.parametrize("anomaly", _ANOMALIES)
async def test_a_second_one_that_was_planned_before_is_undone_and_spares_the_first(
    injector: Injector, anomaly: str
) -> None:
    plans = [await injector.plan(_request(anomaly)) for _ in range(2)]
    (first,) = await injector.inject(plans[0])
    # Which of the two is seen first depends on how busy the machine is.
    failed = r"(its effect does not show|it ended at once).*nothing of it is left"
    with pytest.raises(CommandFailedError, match=failed):
        await injector.inject(plans[1])
    assert (await _only(injector)).id == first.id
