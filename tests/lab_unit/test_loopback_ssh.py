"""The SSH server of the loopback lab: a program that its client leaves, or that fails, ends no other."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import asyncssh
import psutil
import pytest

from distdiag_core.lab import keys, probe, programs
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FLOOD = "while :; do echo 0123456789; done"


@pytest.fixture
async def server(lab_dir: Path) -> AsyncIterator[tuple[int, psutil.Process]]:
    """Its port and its process."""
    port = free_port()
    keys.make(lab_dir, {lab_dir / "n1": f"[127.0.0.1]:{port}"})
    words = (sys.executable, "-m", "distdiag_core.lab.loopback_ssh", f"{port}:{lab_dir / 'n1'}")
    process = await asyncio.create_subprocess_exec(*words)
    try:
        await programs.until(
            lambda: probe.ssh("127.0.0.1", port), timeout_s=60, failure="did not begin", where="the server"
        )
        yield port, psutil.Process(process.pid)
    finally:
        process.kill()
        await process.wait()


@pytest.fixture
async def connection(server: tuple[int, psutil.Process], lab_dir: Path) -> AsyncIterator[asyncssh.SSHClientConnection]:
    connected = await asyncssh.connect(
        "127.0.0.1",
        server[0],
        client_keys=[str(keys.identity(lab_dir))],
        known_hosts=str(keys.known_hosts(lab_dir)),
        config=None,
    )
    async with connected:
        yield connected


@pytest.mark.parametrize("command", ["cat", "read -r line", FLOOD, "sleep 0.1; exit 3", "exec >/dev/null 2>&1; cat"])
@pytest.mark.parametrize("lines", [0, 1, 100_000])
async def test_a_program_that_its_client_leaves_ends_alone(
    server: tuple[int, psutil.Process], connection: asyncssh.SSHClientConnection, command: str, lines: int
) -> None:
    process = await connection.create_process(f"echo begun; {command}")
    assert await process.stdout.readline() == "begun\n"
    process.stdin.write("told\n" * lines)
    process.close()
    result = await connection.run("cat; exit 3", input="told\n", timeout=60)
    assert (result.stdout, result.exit_status) == ("told\n", 3)
    await until(lambda: not server[1].children(), "the programs to end")


async def test_a_program_that_does_not_read_gets_its_status_through(connection: asyncssh.SSHClientConnection) -> None:
    result = await connection.run("echo told; exit 4", input="a" * 500_000, timeout=60)
    assert (result.stdout, result.exit_status) == ("told\n", 4)
    assert (await connection.run("echo again", timeout=60)).stdout == "again\n"


async def test_all_of_the_output_comes_before_the_status(connection: asyncssh.SSHClientConnection) -> None:
    result = await connection.run("head -c 3000000 /dev/zero | tr '\\0' x; kill -9 $$", timeout=60)
    assert isinstance(result.stdout, str)
    assert (len(result.stdout), result.exit_status) == (3_000_000, 137)
