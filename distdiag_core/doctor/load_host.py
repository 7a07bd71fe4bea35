"""The programs that benchmarks need, on the host that their clients run on."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from distdiag_core.doctor.report import Check, Result
from distdiag_core.errors import ConfigError, DistdiagError
from distdiag_core.workloads.benchmark_registry import BENCHMARKS
from distdiag_core.workloads.workload_settings import WorkloadSettings

if TYPE_CHECKING:
    from distdiag_core.cluster.cluster import Cluster
    from distdiag_core.cluster.shell import Shell

_ASK_S = 10.0


def check_here() -> tuple[Check, ...]:
    """A check of each benchmark on this machine."""
    return tuple(map(_benchmark, BENCHMARKS.names()))


def _benchmark(name: str) -> Check:
    try:
        BENCHMARKS.get(name).require()
    except ConfigError as error:
        return Check(name, Result.LIMITED, error.what, (f"the workload {name} is off",), (error.hint,))
    return Check(name, Result.PASSED, "what its clients need is installed")


async def check_generator(cluster: Cluster, name: str) -> tuple[Check, ...]:
    """A check of distdiag on the node that the cluster file names; it checks the benchmarks there itself."""
    command = cluster.settings.section(WorkloadSettings).command
    shell: Shell = cluster.node(name).shell
    try:
        result = await shell.run(f"command -v {shlex.quote(command)}", timeout_s=_ASK_S)
    except DistdiagError as error:
        return (Check("distdiag", Result.LIMITED, error.what, ("no workload can be started",)),)
    if result.status == 0:
        return (Check("distdiag", Result.PASSED, result.stdout.strip()),)
    fix = f"install distdiag on {name}, and name its path by workload.command in the cluster file"
    return (Check("distdiag", Result.LIMITED, f"{command} is not found", ("no workload can be started",), (fix,)),)
