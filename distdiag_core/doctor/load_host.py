"""The programs that benchmarks need, on the host that their clients run on."""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING

from distdiag_core.doctor.report import Check, NodeReport, Result
from distdiag_core.errors import ConfigError, DistdiagError
from distdiag_core.workloads.benchmark_registry import BENCHMARKS
from distdiag_core.workloads.workload_settings import WorkloadSettings

if TYPE_CHECKING:
    from distdiag_core.cluster.cluster import Cluster
    from distdiag_core.cluster.local import LocalShell
    from distdiag_core.cluster.pod_shell import PodShell
    from distdiag_core.cluster.ssh import SshShell

_ASK_S = 10.0
_OF_NODE = "distdiag"


def check_here() -> tuple[Check, ...]:
    """A check of each benchmark on this machine."""
    return tuple(map(_benchmark, BENCHMARKS.names()))


def _benchmark(name: str) -> Check:
    try:
        BENCHMARKS.get(name).require()
    except ConfigError as error:
        return Check(name, Result.LIMITED, error.what, (f"the workload {name} is off",), (error.hint,))
    return Check(name, Result.PASSED, "what its clients need is installed")


async def check_generators(cluster: Cluster) -> NodeReport:
    """A check of distdiag on each host that the cluster file names; it checks the benchmarks there itself."""
    wanted = cluster.settings.section(WorkloadSettings)
    if wanted.generator is not None:
        shell = cluster.node(wanted.generator).shell
        return NodeReport("load host", wanted.generator, (await _generator(shell, wanted.command, _OF_NODE),))
    if not wanted.generators:
        return NodeReport("load host", "this machine", check_here())
    checks = await asyncio.gather(
        *(
            _generator(cluster.load_hosts[each.name], each.command or wanted.command, f"distdiag on {each.name}")
            for each in wanted.generators
        )
    )
    return NodeReport("load host", ", ".join(each.name for each in wanted.generators), tuple(checks))


async def _generator(shell: LocalShell | PodShell | SshShell, command: str, title: str) -> Check:
    try:
        if title != _OF_NODE:
            # A node was connected by its own examination.
            await shell.open()
        result = await shell.run(f"command -v {shlex.quote(command)}", timeout_s=_ASK_S)
    except DistdiagError as error:
        return Check(title, Result.LIMITED, error.what, ("no workload can be started from it",), (error.hint,))
    if result.status == 0:
        return Check(title, Result.PASSED, result.stdout.strip())
    fix = f"install distdiag on {shell.node}, and name its path by workload.command in the cluster file"
    return Check(title, Result.LIMITED, f"{command} is not found", ("no workload can be started from it",), (fix,))
