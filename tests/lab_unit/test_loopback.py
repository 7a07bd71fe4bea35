"""A loopback lab with one engine and its SSH server, and its complete removal."""

from __future__ import annotations

import os
import signal
import socket
from importlib.util import find_spec
from typing import TYPE_CHECKING

import asyncssh
import pytest

from distdiag_core.cluster import inventory
from distdiag_core.errors import ConfigError, DistdiagError
from distdiag_core.lab import cluster_file, keys, loopback, probe
from distdiag_core.lab.loopback import LoopbackNode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from distdiag_core.lab.status import LabProgress

pytestmark = pytest.mark.skipif(find_spec("pylibseekdb") is None, reason="THE ENGINE IS NOT INSTALLED: distdiag[lab]")


def _exist(*paths: Path) -> bool:
    return any(path.exists() for path in paths)


def _ignore(_progress: LabProgress) -> None:
    """Nobody reads it."""


@pytest.fixture
async def node(lab_dir: Path) -> AsyncIterator[LoopbackNode]:
    """The only node of a loopback lab."""
    await loopback.up(1, _ignore)
    yield LoopbackNode(1)
    await loopback.down(_ignore)
    assert not loopback.processes(lab_dir)
    assert not _exist(lab_dir, cluster_file.path())


async def test_a_loopback_lab_is_a_cluster_that_repairs_itself(node: LoopbackNode, lab_dir: Path) -> None:
    settings = inventory.load(inventory.find("lab"))
    (settings_of_node,) = settings.nodes
    assert settings_of_node.ssh is not None
    assert settings_of_node.sql is not None
    assert (settings_of_node.ssh.port, settings_of_node.sql.port) == (node.ssh_port, node.sql_port)
    assert not await probe.sql("127.0.0.1", node.sql_port, "")

    connection = await asyncssh.connect(
        "127.0.0.1",
        node.ssh_port,
        client_keys=[str(keys.identity(lab_dir))],
        known_hosts=str(keys.known_hosts(lab_dir)),
        config=None,
    )
    async with connection:
        result = await connection.run("pwd; cat; exit 3", input="told\n")
        assert (result.stdout, result.exit_status) == (f"{node.home}\ntold\n", 3)

    for pid in loopback.observers(node):
        os.kill(pid, signal.SIGKILL)
    (before,) = await loopback.status()
    assert (before.ssh, before.sql) == (True, False)
    await loopback.up(1, _ignore)
    (after,) = await loopback.status()
    assert after.healthy


async def test_a_number_of_nodes_out_of_bounds_is_refused(lab_dir: Path) -> None:
    with pytest.raises(ConfigError, match="--nodes"):
        await loopback.up(0, _ignore)
    assert not _exist(cluster_file.path(), lab_dir / "n1")


async def test_a_port_that_somebody_else_has_is_named_at_once(lab_dir: Path) -> None:
    taken = LoopbackNode(2).sql_port
    with (
        socket.create_server(("127.0.0.1", taken)),
        pytest.raises(DistdiagError, match=f"needs port {taken} of this machine, where another program") as caught,
    ):
        await loopback.up(2, _ignore)
    assert "another user" in caught.value.hint
    assert not _exist(cluster_file.path(), lab_dir / "n1")
