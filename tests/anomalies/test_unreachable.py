"""A node that cannot be reached is reported, and keeps nothing from happening on the others."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import CommandFailedError, RefusedError, UnreachableError
from tests.anomalies.catalogue_data import HARMLESS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from distdiag_core.cluster.shell import CommandResult
    from tests.anomalies.conftest import Here


@pytest.fixture
async def injector(tmp_path: Path) -> AsyncGenerator[Injector]:
    """Of a cluster whose second node is switched off."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        sql = SqlSettings(port=port)
        nodes = (
            NodeSettings(name="n1", host="127.0.0.1", connection="local", sql=sql, data_dir=str(tmp_path)),
            NodeSettings(name="n2", host="127.0.0.1", sql=sql, ssh=SshSettings(port=port, user="nobody")),
        )
        cluster = ClusterSettings(name="half", nodes=nodes, read_only=False)
        async with Cluster(cluster) as reached:
            shells = {node.settings.name: node.shell for node in reached.nodes}
            yield Injector(cluster, shells, HARMLESS, lease_directory=str(tmp_path / "leases"))


async def test_the_others_are_injected_listed_and_cleared(injector: Injector) -> None:
    plan = await injector.plan(InjectionRequest("sleep", ("n1",), "low", 60))
    assert any("n2 cannot be asked" in warning and "refused" in warning for warning in plan.warnings)
    (injection,) = await injector.inject(plan)
    assert [each.id for each in await injector.active()] == [injection.id]
    with pytest.raises(UnreachableError, match=r"n2 cannot be asked.*refused.*cleared on the other nodes: 1.*deadline"):
        await injector.clear_all()
    assert await injector.active() == ()


async def test_a_second_node_is_not_cut_off_beside_one_that_is_silent(injector: Injector) -> None:
    with pytest.raises(RefusedError, match=r"more than 1: n1, n2 \(gives no answer\)"):
        await injector.plan(InjectionRequest("cut", ("n1",), "low", 60))


class Vanishing(LocalShell):
    """Begins injections, and says nothing any more after that."""

    gone = False

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`, while the node is there."""
        if self.gone:
            raise UnreachableError("connection lost", where=self.node)
        self.gone = " start " in command
        return await super().run(command, stdin=stdin, timeout_s=timeout_s)


async def test_what_was_proved_is_reported_even_if_the_node_does_not_say_it_again(here: Here) -> None:
    # Only one of the nodes, because these share a directory of leases, and the other would tell.
    cluster = replace(here.cluster, nodes=here.cluster.nodes[:1])
    injector = Injector(cluster, {"n1": Vanishing("n1")}, HARMLESS, lease_directory=str(here.leases))
    plan = await injector.plan(InjectionRequest("sleep", ("n1",), "low", 60))
    (injection,) = await injector.inject(plan)
    assert (injection.node, injection.state, injection.id) == ("n1", InjectionState.ACTIVE, plan.steps[0].id)
    assert injection.detail == "by sleepers; proved, but now n1: connection lost"
    assert injection.deadline_s == injection.started_s + 60


async def test_an_orphan_stays_known_when_its_node_is_silent(here: Here) -> None:
    cluster, shell = replace(here.cluster, nodes=here.cluster.nodes[:1]), Vanishing("n1")
    injector = Injector(cluster, {"n1": shell}, HARMLESS, lease_directory=str(here.leases))
    name = (await here.inject("mark", "n1"))[0].id
    # Its deadline has passed long ago, and nobody is there to keep it.
    os.killpg(here.supervisor(name), signal.SIGKILL)
    (here.leases / name / "duration").write_text("-3600\n", encoding="ascii")
    (orphan,) = await injector.active()
    shell.gone = True
    (known,) = await injector.active()
    assert (known.id, known.state) == (orphan.id, InjectionState.ORPHANED)
    assert known.detail == "as last seen: n1: connection lost"


class Breaking(LocalShell):
    """Breaks while it sends what is to begin: all up to a text arrives, and then the end of the input."""

    last = ""

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command` with what arrives."""
        if " start " in command:
            before, last, _ = stdin.rpartition(self.last)
            stdin = before + last
        return await super().run(command, stdin=stdin, timeout_s=timeout_s)


@pytest.mark.parametrize("last", ["set -u", "\nesac\n", "#=setup\n#:mkdir", "#=check\n", "#=undo\n#:rm", "#=gone\n"])
async def test_half_a_request_begins_nothing(here: Here, last: str) -> None:
    shell = Breaking("n1")
    shell.last = last
    cluster = replace(here.cluster, nodes=here.cluster.nodes[:1])
    injector = Injector(cluster, {"n1": shell}, HARMLESS, lease_directory=str(here.leases))
    plan = await injector.plan(InjectionRequest("mark", ("n1",), "low", 60))
    with pytest.raises(
        CommandFailedError, match=r"n1: .*only a part of the request has arrived; nothing of it is left"
    ):
        await injector.inject(plan)
    assert here.left == []


async def test_what_needs_the_node_itself_fails_with_the_reason(injector: Injector) -> None:
    with pytest.raises(UnreachableError, match=r"n2: ssh: .*refused"):
        await injector.plan(InjectionRequest("sleep", ("n1", "n2"), "low", 60))


async def test_an_injection_that_cannot_be_found_may_be_where_nobody_answers(injector: Injector) -> None:
    with pytest.raises(UnreachableError, match=r"n2 cannot be asked.*not found where nodes could be asked: 0nothing"):
        await injector.clear(["0nothing"])
