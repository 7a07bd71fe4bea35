"""The anomalies of the nodes on the real cluster: each shows from outside, ends on demand, and ends by itself."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState, Severity
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.shell import Shell

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]

T = TypeVar("T")

NODE = "n2"
ANOMALIES = ("cpu_stress", "io_stress", "network_delay")
_LIMIT_S = 90.0

CONSOLE = """
import asyncio, sys
from tests.lab.test_anomalies_lab import bench

async def main(anomaly):
    async with bench() as console:
        injection = await console.inject(anomaly, "medium", 8)
        print(injection.id, flush=True)
        await asyncio.sleep(60)

asyncio.run(main(sys.argv[1]))
"""


@dataclass(frozen=True)
class Bench:
    """One node of the lab, seen from outside, and the injector of anomalies on it."""

    node: NodeSettings
    shell: Shell
    injector: Injector

    async def inject(self, anomaly: str, severity: Severity, duration_s: float) -> Injection:
        """Make it happen."""
        plan = await self.injector.plan(InjectionRequest(anomaly, (NODE,), severity, duration_s))
        (injection,) = await self.injector.inject(plan)
        return injection

    async def said(self, command: str) -> str:
        """What a command on the node prints."""
        return (await self.shell.run(command, timeout_s=30)).stdout

    async def busy(self) -> float:
        """The share of the node's processors that is used, over as long as it takes to use some."""
        first = await self._jiffies()
        last = first
        while sum(last.values()) - sum(first.values()) < 20:
            last = await self._jiffies()
        total = sum(last.values()) - sum(first.values())
        return 1 - (last["idle"] - first["idle"]) / total

    async def _jiffies(self) -> dict[str, int]:
        fields = (await self.said("head -n 1 /proc/stat")).split()
        names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
        return dict(zip(names, map(int, fields[1:]), strict=False))

    async def written(self) -> int:
        """How many writes the node's disk has done."""
        return int((await self.said(f"cat /sys/block/{self.node.device}/stat")).split()[4])

    async def greeting_ms(self) -> float:
        """How long the database takes to say hello to somebody who connects."""
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection(self.node.host, self.node.sql.port if self.node.sql else 0)
        await reader.readexactly(4)
        took_ms = (time.perf_counter() - began) * 1000
        writer.close()
        await writer.wait_closed()
        return took_ms

    async def observer(self) -> str:
        """The process of the database."""
        return (await self.said("pgrep -f observer.p[y]")).strip()

    async def left(self) -> str:
        """What is there of processes, rules, files and leases of ours; empty on a clean node."""
        looks = (
            "pgrep -l 'stress-ng|fio'",
            "pgrep -fl packet_delay.p[y]",
            "iptables-legacy -t mangle -S | grep distdiag",
            "nft list tables | grep distdiag",
            f"tc qdisc show dev {self.node.interface} | grep -e htb -e netem",
            f"ls {self.node.data_dir} | grep distdiag-",
            "find /var/lib/distdiag -mindepth 1 -type d",
            "find /sys/fs/cgroup -name 'distdiag-*' -type d",
        )
        return await self.said("; ".join(looks))


@asynccontextmanager
async def bench() -> AsyncGenerator[Bench]:
    """Reach the lab; what is left on it is ended before and after."""
    settings = inventory.load(inventory.find("lab"))
    async with Cluster(settings) as cluster:
        shells = {node.settings.name: node.shell for node in cluster.nodes}
        injector = Injector(settings, shells, catalogue.load())
        yield Bench(settings.node(NODE), shells[NODE], injector)


@pytest.fixture
async def lab_bench() -> AsyncGenerator[Bench]:
    async with asyncio.timeout(_LIMIT_S), bench() as clean:
        await clean.injector.clear_all()
        yield clean
        await clean.injector.clear_all()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it holds; the test's own bound ends a wait that is in vain."""
    while not await condition():  # noqa: ASYNC110 - what is waited for is on another node
        await asyncio.sleep(0.2)


async def test_cpu_stress_takes_the_processors(lab_bench: Bench) -> None:
    injection = await lab_bench.inject("cpu_stress", "high", 60)
    assert injection.state is InjectionState.ACTIVE
    assert injection.detail == "by stress-ng"
    await until(lambda: _holds(lab_bench.busy, lambda share: share > 0.9))
    assert "stress-ng" in await lab_bench.said("ps -eo comm")
    await cleared(lab_bench, injection)


async def test_io_stress_keeps_the_disk_busy(lab_bench: Bench) -> None:
    injection = await lab_bench.inject("io_stress", "medium", 60)
    before = await lab_bench.written()
    await until(lambda: _holds(lab_bench.written, lambda count: count > before + 1000))
    await cleared(lab_bench, injection)


async def test_network_delay_delays_the_database_and_spares_ssh(lab_bench: Bench) -> None:
    injection = await lab_bench.inject("network_delay", "high", 60)
    # Both the acknowledgement of the connection and the greeting are held back, each for 300 ms less the jitter.
    assert await lab_bench.greeting_ms() > 2 * (300 - 50)
    await until(lambda: _holds(lambda: _timed_ms(lab_bench.said("true")), lambda took_ms: took_ms < 250))
    await cleared(lab_bench, injection)
    await until(lambda: _holds(lab_bench.greeting_ms, lambda took_ms: took_ms < 250))


async def test_traffic_flows_at_once_when_the_packet_delay_dies(lab_bench: Bench) -> None:
    injection = await lab_bench.inject("network_delay", "high", 60)
    await lab_bench.said("pkill -KILL -f packet_delay.py")
    await until(lambda: _holds(lab_bench.greeting_ms, lambda took_ms: took_ms < 250))
    await cleared(lab_bench, injection)


async def test_memory_stress_takes_what_is_free_and_is_killed_before_the_database(lab_bench: Bench) -> None:
    observer = await lab_bench.observer()
    injection = await lab_bench.inject("memory_stress", "high", 60)
    favours = await lab_bench.said("cat $(pgrep stress-ng | sed 's,.*,/proc/&/oom_score_adj,') 2>/dev/null")
    assert set(favours.split()) == {"1000"}
    await cleared(lab_bench, injection)
    assert await lab_bench.observer() == observer


async def test_a_slow_line_slows_the_database_and_spares_ssh(lab_bench: Bench) -> None:
    # Both ways of it at once: the second finds the queueing discipline taken.
    first = await lab_bench.inject("network_bandwidth", "high", 60)
    second = await lab_bench.inject("network_bandwidth", "high", 60)
    assert (first.detail, second.detail) == ("by htb", "by nfqueue")
    await until(lambda: _holds(lambda: _timed_ms(lab_bench.said("true")), lambda took_ms: took_ms < 250))
    await lab_bench.injector.clear([first.id])
    assert [each.id for each in await lab_bench.injector.active()] == [second.id]
    await cleared(lab_bench, second)


async def test_losses_add_up_and_end_one_by_one(lab_bench: Bench) -> None:
    first, second = await lab_bench.inject("network_loss", "low", 60), await lab_bench.inject("network_loss", "low", 60)
    assert (await lab_bench.said("nft list tables")).count("distdiag") == 2
    await lab_bench.injector.clear([first.id])
    assert (await lab_bench.said("nft list tables")).count("distdiag") == 1
    await cleared(lab_bench, second)


async def test_a_hung_database_goes_on_where_it_was(lab_bench: Bench) -> None:
    observer = await lab_bench.observer()
    injection = await lab_bench.inject("node_hang", "high", 60)
    assert (await lab_bench.said(f"cut -d ' ' -f 3 /proc/{observer}/stat")).strip() == "T"
    await cleared(lab_bench, injection)
    assert await lab_bench.greeting_ms() < 60_000
    assert await lab_bench.observer() == observer


async def test_a_killed_database_is_started_again(lab_bench: Bench) -> None:
    observer = await lab_bench.observer()
    injection = await lab_bench.inject("node_down", "high", 60)
    with pytest.raises(ConnectionRefusedError):
        await lab_bench.greeting_ms()
    await cleared(lab_bench, injection)
    assert await lab_bench.greeting_ms() < 60_000
    assert await lab_bench.observer() != observer


@pytest.mark.parametrize("anomaly", ANOMALIES)
async def test_a_killed_console_leaves_a_clean_node_at_the_deadline(lab_bench: Bench, anomaly: str) -> None:
    console = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CONSOLE, anomaly, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert console.stdout is not None
    name = (await console.stdout.readline()).decode().strip()
    console.kill()
    await console.wait()
    assert name in await lab_bench.left()
    await until(lambda: _holds(lab_bench.left, lambda left: left == ""))
    assert await lab_bench.injector.active() == ()


async def test_all_three_on_one_node_end_one_by_one(lab_bench: Bench) -> None:
    begun = [await lab_bench.inject(anomaly, "low", 60) for anomaly in ANOMALIES]
    assert len({injection.id for injection in begun}) == 3
    for number, injection in enumerate(begun, start=1):
        (ended,) = await lab_bench.injector.clear([injection.id])
        assert ended.state is InjectionState.CLEARED
        assert [each.id for each in await lab_bench.injector.active()] == [each.id for each in begun[number:]]
    assert await lab_bench.left() == ""


async def cleared(bench: Bench, injection: Injection) -> None:
    assert injection.id in await bench.left()
    (ended,) = await bench.injector.clear_all()
    assert (ended.id, ended.state) == (injection.id, InjectionState.CLEARED)
    assert await bench.left() == ""


async def _holds(measure: Callable[[], Awaitable[T]], wanted: Callable[[T], bool]) -> bool:
    return wanted(await measure())


async def _timed_ms(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000
