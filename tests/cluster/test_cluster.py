"""Nodes together: none delays another, and each says why it is down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.cluster.status import LinkState, NodeState
from distdiag_core.errors import ConfigError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cluster.status import NodeStatus
    from tests.cluster.conftest import SshServer


async def test_dead_node_delays_no_other(server: SshServer, free_port: Callable[[], int]) -> None:
    refused = SqlSettings(port=free_port())
    live = NodeSettings("live", "127.0.0.1", ssh=server.settings().ssh, sql=refused)
    dead = NodeSettings("dead", "127.0.0.1", ssh=SshSettings(port=free_port()), sql=refused)
    changes: asyncio.Queue[NodeStatus] = asyncio.Queue()
    async with asyncio.timeout(30), server.listening(), Cluster(ClusterSettings("c", (live, dead))) as cluster:
        cluster.on_change(changes.put_nowait)
        assert {status.state for status in cluster.statuses()} == {NodeState.CONNECTING}
        assert (await cluster.node("live").shell.run("echo here")).stdout == "here\n"
        with pytest.raises(UnreachableError, match=r"dead: ssh: 127\.0\.0\.1:\d+: refused"):
            await cluster.node("dead").shell.run("true")
        seen: dict[str, NodeStatus] = {}
        while {name: status.state for name, status in seen.items()} != {"live": "degraded", "dead": "down"}:
            status = await changes.get()
            seen[status.node] = status
        assert seen["live"].reason == f"sql: 127.0.0.1:{refused.port}: refused: nothing listens there"
        assert cluster.statuses() == (seen["live"], seen["dead"])
        with pytest.raises(ConfigError, match="no node is called 'n9'"):
            cluster.node("n9")


async def test_this_machine_is_a_node_without_ssh(free_port: Callable[[], int]) -> None:
    here = NodeSettings("here", "127.0.0.1", connection="local", ssh=SshSettings(), sql=SqlSettings(port=free_port()))
    async with Cluster(ClusterSettings("c", (here,))) as cluster:
        assert (await cluster.nodes[0].shell.run("echo here")).stdout == "here\n"
        with pytest.raises(UnreachableError, match="refused"):
            await cluster.nodes[0].database.query("SELECT 1")
        assert cluster.statuses()[0].ssh.state is LinkState.UP


async def test_an_error_inside_ends_the_cluster_and_is_passed_on(free_port: Callable[[], int]) -> None:
    here = NodeSettings("here", "127.0.0.1", connection="local", ssh=SshSettings(), sql=SqlSettings(port=free_port()))
    with pytest.raises(BaseExceptionGroup) as caught:
        async with Cluster(ClusterSettings("c", (here,))):
            raise LookupError("trouble")
    assert caught.group_contains(LookupError)
