"""The states of connections from end to end: ten starts on a healthy cluster, and databases that hang and go away."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.metrics import connection
from distdiag_core.runtime.runtime import Runtime
from tests.cluster.certificates import Authority
from tests.cluster.tls_server import TlsServer

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.runtime.snapshot import Snapshot

pytestmark = pytest.mark.usefixtures("own_places")
# On a busy machine; each takes some seconds.
WITHIN_S = 240.0
SOURCES = (("host", "sysstat"), ("host",), ("sysstat",))


class Engine:
    """The database of a node: statistics that grow by a hundred a second, unless it hangs."""

    def __init__(self, directory: Path) -> None:
        self.runs = threading.Event()
        self.runs.set()
        files = Authority(directory).sign("server")
        self.server = TlsServer(files, requires=False, offers=False, answer=self._answer)

    def _answer(self, _connection: socket.socket, statement: str) -> list[tuple[str | int, ...]]:
        self.runs.wait()
        if "SYSSTAT" not in statement:
            return []
        now_us = int(time.monotonic() * 1e6)
        return [(name, now_us // 10_000, now_us) for name in re.findall(r"'([^']*)'", statement)]

    def end(self) -> None:
        """End every connection, and listen no more."""
        self.runs.set()
        self.server.hang_up(self.server._listening)
        for each in self.server.connections:
            self.server.hang_up(each)


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[tuple[Engine, ...]]:
    """Those of n1 and n2."""
    with ExitStack() as running:
        made = Engine(tmp_path), Engine(tmp_path)
        for each in made:
            running.callback(each.runs.set)
            running.enter_context(each.server)
        yield made


def _cluster(engines: tuple[Engine, ...], sources: tuple[str, ...], interval_s: float = 0.2) -> ClusterSettings:
    nodes = tuple(
        NodeSettings(
            f"n{number}",
            "127.0.0.1",
            connection="local",
            ssh=SshSettings(),
            sql=SqlSettings(port=engine.server.port, connect_timeout_s=20.0, read_timeout_s=20.0),
        )
        for number, engine in enumerate(engines, start=1)
    )
    return ClusterSettings("mine", nodes, interval_s=interval_s, sources=sources)


def _accusations(snapshot: Snapshot) -> list[str]:
    """The active root causes, and the alarms in the journal."""
    found = snapshot.diagnosis.root_causes if snapshot.diagnosis is not None else ()
    active = [f"{cause.anomaly} on {cause.node}: {cause.reason}" for cause in found if cause.onset_s is not None]
    return active + [event.text for event in snapshot.events if event.data.get("anomalous")]


async def _start(engines: tuple[Engine, ...], number: int) -> list[str]:
    """The accusations of a console in its first seven seconds, of which a database greets in the fourth alone."""
    sources = SOURCES[number % len(SOURCES)]
    async with Runtime(_cluster(engines, sources, interval_s=0.5)) as runtime:
        watched = [name for name in runtime.catalogue.names if name.startswith("connection.")]
        found: list[str] = []
        while True:
            snapshot = await runtime.next_snapshot()
            found += _accusations(snapshot)
            if snapshot.tick == 7:
                for engine in engines:
                    engine.server.greets.set()
            states = [snapshot.frame.value(node, name) for node in snapshot.frame.nodes for name in watched]
            if snapshot.tick >= 14 and all(state <= connection.ConnectionState.LATE for state in states):
                return found


async def test_ten_starts_on_a_healthy_cluster_accuse_nobody(engines: tuple[Engine, ...]) -> None:
    engines[1].server.greets.clear()
    async with asyncio.timeout(WITHIN_S):
        found = await asyncio.gather(*(_start(engines, number) for number in range(10)))
    assert found == [[]] * 10


async def _reason(runtime: Runtime, node: str, anomaly: str) -> str:
    """The reason of this root cause, once it is named."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            diagnosis = (await runtime.next_snapshot()).diagnosis
            for cause in diagnosis.root_causes if diagnosis is not None else ():
                if (cause.node, cause.anomaly) == (node, anomaly):
                    return cause.reason


async def _until_answering(runtime: Runtime) -> None:
    async with asyncio.timeout(WITHIN_S):
        while (await runtime.next_snapshot()).frame.value("n2", connection.SQL) != connection.ConnectionState.ANSWERS:
            pass


async def test_a_database_that_hangs_and_one_that_is_gone_are_named(engines: tuple[Engine, ...]) -> None:
    async with Runtime(_cluster(engines, ("host", "sysstat"))) as runtime:
        await _until_answering(runtime)
        engines[1].runs.clear()
        assert re.match(r"SQL silent for \d+ s, the host ", await _reason(runtime, "n2", "node_hang"))
        engines[1].runs.set()
        await _until_answering(runtime)
        engines[1].end()
        assert re.match(r"SQL refused\b.* for \d+ s, the host ", await _reason(runtime, "n2", "node_down"))
        snapshot = runtime.snapshot()
    assert snapshot is not None
    assert any("Node hang on n2" in each.text and "SQL silent for " in each.text for each in snapshot.events)
