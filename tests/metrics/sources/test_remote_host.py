"""Source `host` with its real program in a real shell of this machine."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import DataError, UnreachableError
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.sources.host.remote_host import HostSource

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from distdiag_core.cluster.local import LocalProcess

pytestmark = pytest.mark.skipif(not Path("/proc/stat").exists(), reason="needs /proc")


@pytest.fixture
async def source() -> AsyncIterator[HostSource]:
    host = HostSource(LocalShell("n1"), interface="lo")
    yield host
    await host.close()
    assert not _programs()


def _programs() -> list[psutil.Process]:
    """The programs that this process has begun on its node."""
    return [child for child in psutil.Process().children() if "distdiag-host" in child.cmdline()]


async def test_one_program_answers_every_tick(source: HostSource) -> None:
    readings = [await source.read() for _ in range(3)]
    (program,) = _programs()
    assert [reading.clock_s for reading in readings] == sorted(reading.clock_s for reading in readings)
    assert await source.read()
    assert _programs() == [program]


class NodeWithoutPython(LocalShell):
    """A node on which the shell answers."""

    @asynccontextmanager
    async def process(self, command: str) -> AsyncGenerator[LocalProcess]:
        async with super().process(re.sub("python3|platform-python", "no-such", command)) as program:
            yield program


@pytest.mark.parametrize("node", [LocalShell, NodeWithoutPython])
async def test_the_program_finds_the_figures_of_the_catalogue(node: type[LocalShell]) -> None:
    source = HostSource(node("n1"), interface="lo")
    values = (await source.read()).values
    (program,) = _programs()
    assert program.name().startswith("python") == (node is LocalShell)
    await source.close()
    # Which disk and which pressure figures there are is up to the machine, and whether a connection is in use.
    absent = ("disk.", "pressure.", "tcp.round_trip")
    wanted = {key for key in catalogue.load().keys("host") if not key.startswith(absent)}
    assert wanted <= set(values)


async def test_a_program_that_is_killed_is_begun_again_by_the_reading_after(source: HostSource) -> None:
    await source.read()
    (program,) = _programs()
    os.kill(program.pid, signal.SIGKILL)
    # Wait for its end, but leave it to the shell to collect it.
    with suppress(ChildProcessError):
        await asyncio.to_thread(os.waitid, os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(UnreachableError, match=r"^n1: host: the program"):
        await source.read()
    assert (await source.read()).values["cpu.total"] > 0
    assert program.pid not in {other.pid for other in _programs()}


async def test_a_question_that_is_cancelled_leaves_nothing_behind(source: HostSource) -> None:
    await source.read()
    (program,) = _programs()
    os.kill(program.pid, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await source.read()
    assert not _programs()
    assert (await source.read()).values["cpu.total"] > 0


class OddNode(LocalShell):
    """A node on which quite another program answers."""

    def __init__(self, script: str) -> None:
        super().__init__("n1")
        self._script = script

    @asynccontextmanager
    async def process(self, command: str) -> AsyncGenerator[LocalProcess]:
        async with super().process(self._script) as program:
            yield program


_HELLO = "echo 'cpus=1 device=sda interface=eth0'; echo 'end 0'"


@pytest.mark.parametrize(
    ("script", "error", "complaint"),
    [
        ("exit 3", UnreachableError, "n1: host: the program"),
        ("echo 'no such shell'; echo 'end 0'; cat", DataError, "n1: host: it does not say what it is"),
        (f'{_HELLO}; read -r tick; echo "end $tick"; cat', DataError, "n1: /proc/uptime: field 1 is missing"),
        (
            f"{_HELLO}; read -r tick; echo '/proc/uptime:soon'; echo \"end $tick\"; cat",
            DataError,
            "n1: /proc/uptime: 'soon' is not a number",
        ),
    ],
)
async def test_an_odd_node_gets_a_plain_complaint(script: str, error: type[Exception], complaint: str) -> None:
    host = HostSource(OddNode(script))
    with pytest.raises(error) as caught:
        await host.read()
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_the_disk_and_the_interface_are_found_out_on_the_node() -> None:
    shell = LocalShell("n1")
    said = await shell.run(HostSource(shell)._command, stdin="")
    hello, end = said.stdout.splitlines()
    assert end == "end 0"
    assert " device=/" not in hello
    interfaces = {name for name in psutil.net_if_stats() if name != "lo"}
    assert hello.rpartition("interface=")[2] in interfaces | {""}
