"""The rooms wired together, on this machine as a node whose database is not there."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.cluster.status import LinkState, NodeState
from distdiag_core.errors import ConfigError, RefusedError
from distdiag_core.recording.reader import Recording
from distdiag_core.runtime.runtime import Runtime
from distdiag_core.runtime.thread import CoreThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.runtime.snapshot import Snapshot

WITHIN_S = 20.0
# The discard service: nothing listens there.
NO_DATABASE = SqlSettings(port=9)


def cluster(**changes: object) -> ClusterSettings:
    """One node: this machine."""
    here = NodeSettings("here", "127.0.0.1", connection="local", ssh=SshSettings(), sql=NO_DATABASE)
    return ClusterSettings("mine", (here,), interval_s=0.2, **changes)  # type: ignore[arg-type]


async def until(runtime: Runtime, condition: Callable[[Snapshot], bool]) -> Snapshot:
    """The first snapshot that meets `condition`."""
    async with asyncio.timeout(WITHIN_S):
        while not condition(snapshot := await runtime.next_snapshot()):
            pass
    return snapshot


@pytest.mark.usefixtures("own_places")
async def test_a_node_without_its_database_is_degraded_and_still_watched() -> None:
    async with Runtime(cluster()) as runtime:
        snapshot = await until(runtime, lambda seen: seen.nodes[0].sql.state is LinkState.DOWN)
        snapshot = await until(runtime, lambda seen: not math.isnan(seen.frame.value("here", "host.memory.used")))

    assert snapshot.nodes[0].state is NodeState.DEGRADED
    assert "refused" in snapshot.nodes[0].reason
    assert any(event.kind == "node" and "degraded" in event.text for event in snapshot.events)


@pytest.mark.usefixtures("own_places")
async def test_ticks_are_counted_published_and_kept() -> None:
    seen: list[Snapshot] = []
    async with Runtime(cluster()) as runtime:
        runtime.subscribe(seen.append)
        await until(runtime, lambda snapshot: snapshot.tick >= 5)

    assert [snapshot.tick for snapshot in seen] == list(range(seen[0].tick, seen[0].tick + len(seen)))
    assert len(seen[-1].window) == seen[-1].tick
    assert not seen[-1].window.values.flags.writeable


@pytest.mark.usefixtures("own_places")
async def test_what_is_seen_is_recorded() -> None:
    async with Runtime(cluster(), record=True) as runtime:
        last = await until(runtime, lambda snapshot: snapshot.tick >= 5)
        assert last.recording is not None
        path = Path(last.recording.path)

    with Recording(path) as recording:
        span = recording.span()
        assert span is not None
        assert span[1] >= last.frame.time_s - 1e-3
        assert any(event.kind == "node" for event in recording.events())


@pytest.mark.usefixtures("own_places")
async def test_refusals_come_from_the_core() -> None:
    request = InjectionRequest("cpu_stress", ("here",), "low", 5)
    async with Runtime(cluster(), sampling=False) as runtime:
        with pytest.raises(RefusedError, match="read_only"):
            await runtime.injections.plan(request)
    async with Runtime(cluster(read_only=False), sampling=False) as runtime:
        with pytest.raises(ConfigError, match="nobody"):
            await runtime.injections.plan(InjectionRequest("cpu_stress", ("nobody",), "low", 5))


@pytest.mark.usefixtures("own_places")
async def test_an_error_of_the_body_comes_out_as_it_is() -> None:
    with pytest.raises(ConfigError, match="mine alone"):
        async with Runtime(cluster()):
            raise ConfigError("mine alone")


@pytest.mark.usefixtures("own_places")
def test_the_core_runs_in_a_thread_and_takes_verbs() -> None:
    core = CoreThread(lambda: Runtime(cluster()))
    core.start(lambda _: None)
    try:
        request = InjectionRequest("cpu_stress", ("here",), "low", 5)
        snapshot = core.submit(lambda runtime: runtime.next_snapshot()).result(WITHIN_S)
        refused = core.submit(lambda runtime: runtime.injections.plan(request))
        with pytest.raises(RefusedError):
            refused.result(WITHIN_S)
    finally:
        core.stop()

    assert snapshot.frame.nodes == ("here",)
    assert core.finished.result(WITHIN_S) is None


def test_a_core_that_cannot_begin_says_why() -> None:
    def broken() -> Runtime:
        raise ConfigError("no such thing")

    core = CoreThread(broken)

    with pytest.raises(ConfigError, match="no such thing"):
        core.start(lambda _: None)


@pytest.mark.usefixtures("own_places")
async def test_what_is_not_calm_is_not_collected() -> None:
    async with Runtime(cluster(), record=True) as runtime:
        await until(runtime, lambda seen: seen.nodes[0].state is NodeState.DEGRADED)
        runtime.dataset.collect_normal(on=True)
        snapshot = await until(runtime, lambda seen: bool(seen.collecting and seen.collecting.normal.running))
        runtime.dataset.collect_anomalies(on=True)
        switched = await until(runtime, lambda seen: bool(seen.collecting and seen.collecting.anomalies))

    assert snapshot.collecting is not None
    assert "here is degraded" in snapshot.collecting.normal.waiting
    assert switched.collecting is not None
    status = runtime.dataset.status()
    assert status is not None
    assert (status.normal.running, status.finished_cases) == (False, 0)


@pytest.mark.usefixtures("own_places")
async def test_names_that_the_node_does_not_have_are_noted_once_beside_its_other_reasons() -> None:
    here = replace(cluster().nodes[0], data_dir="/no/such", interface="eth77")
    async with Runtime(replace(cluster(), nodes=(here,))) as runtime:
        first = await until(runtime, lambda seen: len(seen.reasons("here")) >= 3)
        last = await until(runtime, lambda seen: seen.tick >= first.tick + 3)

    assert [reason.partition(":")[0] for reason in last.reasons("here")] == ["sql", "data_dir", "interface"]
    for name in ("data_dir: the node has no directory '/no/such'", "interface: the node has no 'eth77'"):
        assert len([event for event in last.events if name in event.text]) == 1
