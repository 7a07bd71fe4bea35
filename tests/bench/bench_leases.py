"""How long a node, which is this machine, takes to list and to end many leases at once.

Run it with `python tests/bench/bench_leases.py [--nobody] [LEASES ...]`; with 100 and with 600 where nothing is given.
One of the leases has a text of 50 MB. Each has a sleeping process, or nothing that lasts. With --nobody, as root: by an
account that may make no cgroups.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shlex
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.anomalies.backends.ssh.ssh_backend import SshBackend
from distdiag_core.anomalies.catalogue import Anomaly, Method
from distdiag_core.anomalies.ids import new_id
from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.anomalies.listing import Listing
from distdiag_core.cluster.inventory import NodeSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from distdiag_core.cluster.shell import CommandResult

_NOBODY = 65534
_AT_ONCE = 8
_TRIES = 10
_HUGE_BYTES = 50_000_000
_UPTIME = Path("/proc/uptime")
_ANOMALIES = tuple(
    Anomaly(
        name=name,
        label=name,
        what=name,
        category="cpu",
        methods=(Method(name=name, setup=("true",), run=run, check=("true",), undo=("true",), gone=("true",)),),
        severities={"low": {}},
    )
    for name, run in (("a process each", "exec sleep 3600"), ("no process", ""))
)


class _NobodysShell(LocalShell):
    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        words = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "sh", "-c", command]
        return await super().run(shlex.join(words), stdin=stdin, timeout_s=timeout_s)


class _Node:
    def __init__(self, leases: Path, shell: LocalShell) -> None:
        self.leases = leases
        self.backend = SshBackend(shell, str(leases))

    async def arm(self, anomaly: Anomaly, count: int) -> None:
        request = InjectionRequest(anomaly.name, ("n1",), "low", 3600)
        settings = NodeSettings(name="n1", host="127.0.0.1", connection="local")
        step = await self.backend.plan(request, anomaly, settings, new_id(time.time()))
        limit = asyncio.Semaphore(_AT_ONCE)

        async def start() -> None:
            async with limit:
                now = Listing((), uptime_s=_uptime_s())
                await self.backend.start(replace(step, id=new_id(time.time())), request, "bench", now)

        await asyncio.gather(*(start() for _ in range(count)))

    async def clean(self) -> None:
        """End what is left, which may take more than one command."""
        for _ in range(_TRIES):
            with suppress(DistdiagError):
                if not (await self.backend.clear_all()).after.injections:
                    return

    async def measure(self, what: str, count: int) -> None:
        began_s, began_cpu_s = time.monotonic(), _cpu_s()
        listed = len((await self.backend.list()).injections)
        list_s, list_cpu_s = time.monotonic() - began_s, _cpu_s() - began_cpu_s
        huge = next(self.leases.glob("*/")) / "progress"
        huge.write_bytes(b"x" * _HUGE_BYTES)
        began_s = time.monotonic()
        await self.backend.list()
        huge_s = time.monotonic() - began_s
        began_s, began_cpu_s = time.monotonic(), _cpu_s()
        cleared = await self.backend.clear_all()
        clear_s, clear_cpu_s = time.monotonic() - began_s, _cpu_s() - began_cpu_s
        sys.stdout.write(
            f"{count} leases, {what}: {listed} listed in {list_s:.2f} s, {list_cpu_s:.2f} s of a "
            f"processor, {huge_s:.2f} s with a text of 50 MB; "
            f"{len(cleared.before) - len(cleared.after.injections)} ended in {clear_s:.2f} s, "
            f"{clear_cpu_s:.2f} s of a processor; load {os.getloadavg()[0]:.1f}\n"
        )


def _uptime_s() -> int:
    return int(float(_UPTIME.read_text(encoding="ascii").split()[0]))


def _cpu_s() -> float:
    """Of all programs so far, whose parents have waited for them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _main(counts: list[int], shell: LocalShell) -> None:
    with tempfile.TemporaryDirectory() as directory:
        if isinstance(shell, _NobodysShell):
            os.chown(directory, _NOBODY, _NOBODY)
        for count in counts:
            for anomaly in _ANOMALIES:
                node = _Node(Path(directory) / "leases", shell)
                try:
                    await node.arm(anomaly, count)
                    await node.measure(anomaly.name, count)
                finally:
                    await node.clean()


def main() -> None:
    """Print a line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("leases", nargs="*", type=int, default=[100, 600])
    parser.add_argument("--nobody", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(_main(arguments.leases, _NobodysShell("n1") if arguments.nobody else LocalShell("n1")))


if __name__ == "__main__":
    main()
