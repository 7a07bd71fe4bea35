"""One node of two falls silent, over real SSH: the other is seen at every tick."""

from __future__ import annotations

import asyncio
import math
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.ssh import SshShell
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.sources.host.remote_host import HostSource
from tests.cluster.conftest import SshServer
from tests.ports import free_port

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Frame

pytestmark = pytest.mark.skipif(not Path("/proc/stat").exists(), reason="needs /proc")

_USAGE = "host.cpu.usage"
_TICKS = 4


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, SshServer]:
    """Two of them, by the name of the node; without an SSH configuration, a key or an agent of the user."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    made = {}
    for name in ("n1", "n2"):
        made[name] = SshServer(tmp_path / name, free_port())
        made[name].directory.mkdir()
        made[name].make_keys()
    return made


def _shows(frame: Frame, node: str) -> bool:
    return node not in frame.late and not math.isnan(frame.value(node, _USAGE))


def _shows_all(frame: Frame) -> bool:
    return all(_shows(frame, node) for node in frame.nodes)


async def test_the_others_are_seen_at_every_tick(servers: dict[str, SshServer]) -> None:
    async with AsyncExitStack() as lasting:
        await lasting.enter_async_context(asyncio.timeout(100))
        sources = {}
        for name, server in servers.items():
            await lasting.enter_async_context(server.listening())
            shell = SshShell(server.settings())
            await shell.open()
            lasting.push_async_callback(shell.close)
            sources[name] = (HostSource(shell, interface="lo"),)
        sampler = await lasting.enter_async_context(Sampler(catalogue.load().of(("host",)), sources))
        frames = aiter(sampler)
        while not _shows_all(await anext(frames)):
            pass
        servers["n2"].fall_silent()
        # A tick in a row that shows the one and lacks the other; a busy machine may need more than one try.
        row: list[Frame] = []
        while len(row) < _TICKS:
            frame = await anext(frames)
            row = [*row, frame] if _shows(frame, "n1") and frame.late == {"n2"} else []
            if not all(later.time_s - earlier.time_s == pytest.approx(1.0) for earlier, later in pairwise(row)):
                row = []
        assert all(math.isnan(frame.value("n2", _USAGE)) for frame in row)
