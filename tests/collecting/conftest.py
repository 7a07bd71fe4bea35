"""A core in memory that collects, with clients on every node."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest
from tests.small_cluster import START_S, SmallCluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def core(tmp_path: Path) -> Iterator[SmallCluster]:
    with collecting_core(tmp_path) as core:
        yield core


def collecting_core(directory: Path, *, start_s: float = START_S) -> SmallCluster:
    """A core whose injections are proved after two ticks."""
    core = SmallCluster(directory, start_s=start_s, injecting_ticks=2)
    core.load(threads=4)
    return core


async def inject(core: SmallCluster, anomaly: str = "cpu_stress", node: str = "n2", for_s: float = 60.0) -> str:
    """Inject through the core; its id, one tick after the proof."""
    plan = await core.injections.plan(InjectionRequest(anomaly, (node,), "high", for_s))
    (injection,) = await core.injections.inject(plan)
    core.tick()
    return injection.id


async def held(
    core: SmallCluster, anomaly: str = "cpu_stress", node: str = "n2", for_s: float = 60.0
) -> asyncio.Task[str]:
    """An injection that has been asked for, and is held back."""
    task = asyncio.create_task(inject(core, anomaly, node, for_s))
    await core.until(lambda: waits(core))
    return task


def waits(core: SmallCluster) -> bool:
    """Whether an injection is held back."""
    status = core.dataset.status()
    return status is not None and any(case.part == "before" for case in status.open)


async def injected(core: SmallCluster, for_s: float = 60.0) -> str:
    """An injection whose case has a stretch of 10 s before it; two ticks after it began."""
    core.dataset.collect_anomalies(on=True)
    core.tick(12)
    injecting = await held(core, for_s=for_s)
    core.tick()
    return await injecting


@contextmanager
def unseen(core: SmallCluster, name: str) -> Iterator[None]:
    """An injection that is on its node, and is listed only from the end of the context on."""
    injection = core.injected.pop(name)
    yield
    core.injected[name] = injection


def clear(core: SmallCluster, name: str) -> None:
    """Clear through the core; gone after two ticks."""
    core.dataset.clearing([name])
    core.tick(2)
    del core.injected[name]
