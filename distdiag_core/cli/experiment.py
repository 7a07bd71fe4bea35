"""`distdiag experiment`: a benchmark and anomalies as one named run, and what the anomalies cost."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.anomaly_options import anomaly_options, request_of
from distdiag_core.cli.options import DURATION, as_json, permission
from distdiag_core.cli.output import emit, put, say, table
from distdiag_core.cli.run import run as run_to_end
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.errors import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.campaign.load import Load
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.experiments.experiment import ExperimentPlan, ExperimentResult
    from distdiag_core.operations.gate import Permission
    from distdiag_core.workloads.benchmark_options import Option

_KIND = "sysbench"


class _WithBenchmark(click.Command):
    """A command with --load, which takes the options of that benchmark beside its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse them, with the options of the benchmark that they name."""
        from distdiag_core.workloads import benchmark_registry

        kind = _named_load(args)
        ctx.meta[__name__] = kind if kind in benchmark_registry.names() else _KIND
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own options, then those of the benchmark."""
        from distdiag_core.cli.workload_options import flag_of

        return [*super().get_params(ctx), *map(flag_of, _options_of(ctx.meta.get(__name__, _KIND)))]


def _named_load(args: Sequence[str]) -> str:
    """The value of --load among arguments that are not parsed yet; empty without it."""
    for each, following in zip_longest(args, args[1:], fillvalue=""):
        if each == "--load":
            return following
        if each.startswith("--load="):
            return each.partition("=")[2]
    return ""


def _options_of(kind: str) -> tuple[Option, ...]:
    from distdiag_core.workloads import benchmark_options, benchmark_registry

    return benchmark_options.described(benchmark_registry.benchmark(kind).options)


@click.group(cls=VerbGroup)
def experiment() -> None:
    """Run a benchmark and anomalies as one named run, and see what the anomalies cost."""


@experiment.command(cls=_WithBenchmark)
@anomaly_options
@click.option("--name", default="", metavar="NAME", help="Of the run; without it, made from the anomalies.")
@click.option(
    "--load",
    "kind",
    default=_KIND,
    show_default=True,
    metavar="KIND",
    help="The benchmark, whose options are taken too.",
)
@click.option("--script", default="", metavar="NAME", help="One of its scripts; without it, the first.")
@click.option("--threads", type=click.IntRange(min=1), default=4, show_default=True, help="Clients a node.")
@click.option("--rate", type=click.IntRange(min=0), default=0, help="Transactions a second and node; 0: no limit.")
@click.option("--before", "before_s", type=DURATION, default="30s", show_default=True, help="Stable load before.")
@click.option(
    "--after", "after_s", type=DURATION, default="30s", show_default=True, help="Load after the last anomaly."
)
@permission
@as_json
@click.pass_obj
def run(
    target: Target,
    /,
    *,
    permission: Permission,
    as_json: bool,
    name: str,
    before_s: float,
    after_s: float,
    **wanted: Any,  # noqa: ANN401 - the options that say what
) -> None:
    """Start the load, wait until it is stable, inject, and report throughput and latency before, during and after.

    The load replaces any that runs, is prepared where its tables are missing, and is stopped at the end. Ctrl-C ends
    both; whatever happens, the anomalies end at their deadlines.
    """
    from distdiag_core.experiments import experiment_files
    from distdiag_core.experiments.experiment import ExperimentPlan

    settings = target.settings_to_change(permission)
    load = load_of(wanted)
    request = request_of(settings, **wanted)
    first = request.parts[0].request
    name = experiment_files.free_name(name or request.name or f"{first.anomaly}-{load.kind}")
    plan = ExperimentPlan(name, load, request, before_s, after_s)
    result = run_to_end(_run(settings, plan, permission))
    experiment_files.write(result)
    _show(result, as_json=as_json)
    say(f"kept as {result.name}: `distdiag experiment show {result.name}`")
    if result.problem:
        raise CommandFailedError(result.problem)


def load_of(wanted: dict[str, Any]) -> Load:
    """The load of values of the command line, which are taken out, with the options that are not as usual.

    Raises:
        ConfigError: there is no such benchmark or script, or a value is out of bounds.
    """
    from distdiag_core.campaign.load import Load
    from distdiag_core.errors import ConfigError
    from distdiag_core.workloads import benchmark_registry

    values = {key: wanted.pop(key) for key in ("kind", "script", "threads", "rate")}
    # The options of an unknown benchmark are those of the usual one.
    known = _options_of(values["kind"] if values["kind"] in benchmark_registry.names() else _KIND)
    chosen = {each.name: wanted.pop(each.name) for each in known}
    try:
        return Load(
            **values, options={each.name: chosen[each.name] for each in known if chosen[each.name] != each.default}
        )
    except ValueError as error:
        raise ConfigError(str(error)) from error


async def _run(settings: ClusterSettings, plan: ExperimentPlan, permission: Permission) -> ExperimentResult:
    from distdiag_core.experiments.experiment_runner import ExperimentRunner
    from distdiag_core.runtime.runtime import Runtime

    async with Runtime(settings, record=True, permission=permission) as runtime:
        return await ExperimentRunner(plan, runtime, say).run()


@experiment.command("list")
@as_json
def list_all(*, as_json: bool) -> None:
    """The experiments that were run from this machine, the newest first."""
    from distdiag_core.experiments import experiment_files, report

    found = experiment_files.read_all()
    if as_json:
        emit({"experiments": found})
        return
    if not found:
        say("there was no experiment yet")
        return
    rows = [
        (each.name, report.when(each.began_s), each.cluster, each.load, str(len(each.parts)), each.problem or "-")
        for each in found
    ]
    table(("name", "began", "cluster", "load", "anomalies", "not as planned"), rows)


@experiment.command()
@click.argument("name", metavar="NAME")
@click.option("--markdown", is_flag=True, help="The report as Markdown.")
@as_json
def show(name: str, *, markdown: bool, as_json: bool) -> None:
    """The report of an experiment: what each anomaly cost, and planned against real."""
    from distdiag_core.experiments import experiment_files, report

    result = experiment_files.read(name)
    if markdown and not as_json:
        put(report.markdown(result), nl=False)
    else:
        _show(result, as_json=as_json)


@experiment.command()
@click.argument("first", metavar="NAME")
@click.argument("second", metavar="NAME")
@as_json
def compare(first: str, second: str, *, as_json: bool) -> None:
    """Two experiments side by side: throughput and latency before, during and after."""
    from distdiag_core.experiments import experiment_files, report

    pair = experiment_files.read(first), experiment_files.read(second)
    found, unlike = report.differences(*pair), report.unlike(*pair)
    if as_json:
        emit({"first": pair[0], "second": pair[1], "unlike": unlike, "differences": found})
        return
    for each in unlike:
        say(f"not alike: {each}")
    table(("figure", first, second, "%"), report.difference_rows(found))


def _show(result: ExperimentResult, *, as_json: bool) -> None:
    from distdiag_core.experiments import report

    if as_json:
        emit(result)
        return
    put(f"{result.name}: {result.load} on {result.cluster}, {report.when(result.began_s)}")
    put()
    table(report.COST_HEADER, report.cost_rows(result))
    put()
    table(report.PART_HEADER, report.part_rows(result))
