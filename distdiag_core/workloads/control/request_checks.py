"""What a request of a workload has to be before anything is done for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError, RefusedError
from distdiag_core.workloads import benchmark_options, benchmark_registry

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.workloads.workload_request import WorkloadRequest


def checked(request: WorkloadRequest, settings: ClusterSettings, *, changes: bool = True) -> WorkloadRequest:
    """The request with the complete options class of its benchmark.

    Args:
        changes: it changes the database.

    Raises:
        ConfigError: it makes no sense.
        RefusedError: it changes a cluster that is read-only.
    """
    if changes and settings.read_only:
        where = f"cluster {settings.name}: read_only"
        raise RefusedError("a workload changes the database", where=where, hint="set read_only to false to allow it")
    benchmark = benchmark_registry.benchmark(request.kind)
    if request.script not in benchmark.scripts:
        known = f"{request.kind} has {', '.join(benchmark.scripts)}"
        raise ConfigError(f"no workload is called {request.kind} {request.script}", hint=known)
    _check_numbers(request)
    for node in request.nodes:
        settings.node(node)
    complete = replace(request, options=request.options_as(benchmark.options))
    benchmark_options.check(complete.options)
    benchmark.check(complete)
    return complete


def _check_numbers(request: WorkloadRequest) -> None:
    if not request.nodes:
        raise ConfigError("no node is named", where="workload")
    if len(set(request.nodes)) < len(request.nodes):
        raise ConfigError("a node is named twice", where="workload")
    if request.threads < 1 or request.rate < 0:
        raise ConfigError("threads must be at least 1, the rate at least 0", where="workload")
    if request.duration_s is not None and not request.duration_s > 0:
        raise ConfigError("the duration must be more than 0", where="workload")
