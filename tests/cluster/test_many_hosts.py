"""Twelve SSH servers, some of them broken: all others are reached and read, and come back when they broke together."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings
from distdiag_core.cluster.status import LinkState
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import metrics_of, sources_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from distdiag_core.metrics.frame import Frame
    from tests.cluster.conftest import SshServer

_COUNT = 12
# By the place of a server: its host key is another than the known one, it greets nobody, nothing listens.
_WRONG_KEY, _SILENT, _REFUSING = 2, 5, 8
_BROKEN = {_WRONG_KEY, _SILENT, _REFUSING}
_SOUND = [place for place in range(_COUNT) if place not in _BROKEN]
_WITHIN_S = 100.0


async def _until_read(frames: AsyncIterator[Frame]) -> Frame:
    """The first frame with the figures of all sound nodes."""
    async for frame in frames:
        if np.isfinite(frame.values[_SOUND]).any(axis=1).all():
            return frame
    raise AssertionError("the sampler ended")


async def _listen_in_silence(server: SshServer, lasting: AsyncExitStack) -> None:
    """A server that accepts, and says nothing."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    await lasting.enter_async_context(await asyncio.start_server(say_nothing, "127.0.0.1", server.port))


async def test_sound_nodes_are_read_whatever_the_others_do(new_server: Callable[[str], SshServer]) -> None:
    servers = [new_server(f"s{place}") for place in range(_COUNT)]
    other = servers[_WRONG_KEY].known_hosts.read_text("ascii").split()[0]
    servers[_WRONG_KEY].known_hosts.write_text(f"{other} {servers[0].known_hosts.read_text('ascii').partition(' ')[2]}")
    nodes = tuple(replace(server.settings(), name=f"n{place}") for place, server in enumerate(servers))
    settings = ClusterSettings("many", nodes, interval_s=0.5, sources=("host",))
    metrics = metrics_of(settings.sources)
    async with asyncio.timeout(_WITHIN_S), AsyncExitStack() as lasting:
        await _listen_in_silence(servers[_SILENT], lasting)
        for place in (*_SOUND, _WRONG_KEY):
            await lasting.enter_async_context(servers[place].listening())
        cluster = await lasting.enter_async_context(Cluster(settings, sql=False))
        asked = {
            node.settings.name: sources_of(node.settings, settings, metrics, node.shell, node.database)
            for node in cluster.nodes
        }
        frames = aiter(await lasting.enter_async_context(Sampler(metrics, asked, settings.interval_s)))
        frame = await _until_read(frames)
        assert not np.isfinite(frame.values[sorted(_BROKEN)]).any()
        for place in _SOUND:
            servers[place].drop()
        await anext(frames)
        await _until_read(frames)
        states = {place: status.ssh for place, status in enumerate(cluster.statuses())}
    assert all(states[place].state is LinkState.UP for place in _SOUND)
    assert "is not the one in" in states[_WRONG_KEY].reason
    assert "nothing listens" in states[_REFUSING].reason
    assert states[_SILENT].state is not LinkState.UP
