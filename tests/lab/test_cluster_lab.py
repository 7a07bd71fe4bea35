"""Real sshd, real engine: what they answer, and what is seen when they go and come back."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.status import NodeState
from distdiag_core.errors import SqlError, TimedOutError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.cluster.inventory import ClusterSettings

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]

# The engine needs some seconds to start, and more when the machine is busy.
BOUND_S = 100.0


@pytest.fixture
def settings() -> ClusterSettings:
    return inventory.load(inventory.find("lab"))


async def until(cluster: Cluster, node: str, state: NodeState) -> str:
    """Wait for a state of a node; the reason that it gives."""
    changed = asyncio.Event()
    cluster.on_change(lambda _status: changed.set())
    async with asyncio.timeout(BOUND_S):
        while cluster.node(node).status.state is not state:
            changed.clear()
            await changed.wait()
    return cluster.node(node).status.reason


@contextmanager
def cut_off(host: str) -> Iterator[None]:
    """Drop every packet between this machine and a node."""
    rules = (("INPUT", "-s", host, "-j", "DROP"), ("OUTPUT", "-d", host, "-j", "DROP"))
    for rule in rules:
        subprocess.run(["iptables", "-I", *rule], check=True)
    try:
        yield
    finally:
        for rule in rules:
            subprocess.run(["iptables", "-D", *rule], check=True)


async def test_engine_answers(settings: ClusterSettings) -> None:
    async with Cluster(settings) as cluster:
        database = cluster.nodes[0].database
        assert await database.query("SELECT %s, NULL, '50%%'", ("größer 50%",)) == [("größer 50%", None, "50%")]
        assert await database.query("SELECT '50%'") == [("50%",)]
        with pytest.raises(SqlError, match=r"n1: sql: SELEC 1: .*syntax") as caught:
            await database.query("SELEC 1")
        assert caught.value.code == 1064


async def test_an_unanswered_query_times_out_and_the_next_is_answered(settings: ClusterSettings) -> None:
    async with Cluster(settings) as cluster:
        name = settings.nodes[0].name
        await until(cluster, name, NodeState.UP)
        with pytest.raises(TimedOutError, match=r"no answer within 0\.2 s"):
            await cluster.node(name).database.query("SELECT SLEEP(60)", timeout_s=0.2)
        await until(cluster, name, NodeState.DEGRADED)
        await until(cluster, name, NodeState.UP)
        assert await cluster.node(name).database.query("SELECT 2") == [(2,)]


async def test_a_wrong_password_is_reported_without_the_password(settings: ClusterSettings) -> None:
    node = settings.nodes[0]
    assert node.sql is not None
    wrong = replace(node, sql=replace(node.sql, password_command="echo opensesame", password_env=None))
    async with Cluster(replace(settings, nodes=(wrong,))) as cluster:
        reason = await until(cluster, node.name, NodeState.DEGRADED)
        assert reason.startswith("sql: access denied for the user root; the password is from password_command")
        with pytest.raises(UnreachableError, match="access denied"):
            await cluster.node(node.name).database.query("SELECT 1")


async def test_sshd_that_passes_on_no_signals_still_ends_programs(settings: ClusterSettings) -> None:
    async with Cluster(settings) as cluster:
        shell = cluster.nodes[0].shell
        async with shell.process("trap '' TERM; echo $$; while :; do sleep 0.1; done") as program:
            pid = int(await program.read_line() or 0)
            assert (await shell.run(f"kill -0 {pid}")).status == 0
        assert (await shell.run(f"kill -0 {pid}")).status != 0


@pytest.mark.timeout(3 * BOUND_S)
async def test_engine_that_dies_degrades_its_node_alone(settings: ClusterSettings) -> None:
    victim, other = settings.nodes[-1], settings.nodes[0]
    assert victim.start_command is not None
    async with Cluster(settings) as cluster:
        for node in settings.nodes:
            await until(cluster, node.name, NodeState.UP)
        shell = cluster.node(victim.name).shell
        await shell.run("pkill -KILL -f observer.py")
        try:
            assert (await until(cluster, victim.name, NodeState.DEGRADED)).startswith("sql: ")
            assert await cluster.node(other.name).database.query("SELECT 1") == [(1,)]
        finally:
            await shell.run(victim.start_command, timeout_s=60)
        await until(cluster, victim.name, NodeState.UP)


@pytest.mark.timeout(3 * BOUND_S)
async def test_node_that_is_cut_off_is_down_and_comes_back(settings: ClusterSettings) -> None:
    victim, other = settings.nodes[-1], settings.nodes[0]
    async with Cluster(settings) as cluster:
        for node in settings.nodes:
            await until(cluster, node.name, NodeState.UP)
        with cut_off(victim.host):
            reason = await until(cluster, victim.name, NodeState.DOWN)
            assert "timed out" in reason
            assert (await cluster.node(other.name).shell.run("echo here")).stdout == "here\n"
            assert cluster.node(other.name).status.state is NodeState.UP
        await until(cluster, victim.name, NodeState.UP)
