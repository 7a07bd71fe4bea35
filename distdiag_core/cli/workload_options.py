"""The options of `distdiag workload`: common ones, and those declared by each benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.global_options import accept_global_options
from distdiag_core.cli.nodes_option import nodes_option
from distdiag_core.cli.options import DURATION, as_json, permission
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.workloads import benchmark_options, benchmark_registry
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.gate import Permission
    from distdiag_core.workloads.benchmark_options import Option

_DEFAULT = WorkloadRequest()


class Kinds(VerbGroup):
    """A verb with one command per benchmark; a benchmark is imported only for its command.

    Args:
        load: the verb puts load on the nodes, and takes all options.
        changes: it changes the databases, so that a production cluster wants to be confirmed.
    """

    def __init__(
        self, verb: str, help_text: str, act: Callable[..., None], *, load: bool = False, changes: bool = True
    ) -> None:
        super().__init__(
            verb, help=help_text, no_args_is_help=True, options_metavar="", subcommand_metavar="KIND [OPTIONS]"
        )
        self._act = act
        self._load = load
        self._changes = changes

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the benchmarks."""
        return list(benchmark_registry.names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command for one benchmark, with the options of the benchmark."""
        if cmd_name not in benchmark_registry.names():
            return None
        own = benchmark_options.described(benchmark_registry.benchmark(cmd_name).options)
        if not self._load:
            own = tuple(each for each in own if each.needs_prepare or (each.for_check and not self._changes))
        return _command(cmd_name, self.help or "", self._act, own, load=self._load, changes=self._changes)


def _command(
    kind: str, help_text: str, act: Callable[..., None], own: tuple[Option, ...], *, load: bool, changes: bool
) -> click.Command:

    def call(
        target: Target,
        /,
        *,
        as_json: bool,
        permission: Permission | None = None,
        **wanted: Any,  # noqa: ANN401 - the options of the benchmark
    ) -> None:
        settings = target.settings() if permission is None else target.settings_to_change(permission)
        act(settings, _asked(settings, kind, own, **wanted), permission, as_json=as_json)

    nodes = nodes_option("Only there; without it: on all nodes.")
    parameters = [*_load(kind), nodes] if load else [nodes]
    command: Any = click.pass_obj(call)
    if changes:
        parameters = [*parameters, permission]
    for decorate in reversed((*parameters, as_json)):
        command = decorate(command)
    made = click.command(kind, help=help_text)(command)
    # Before --node, which is the first of those that every verb has.
    at = len(_load(kind)) if load else 0
    made.params = [*made.params[:at], *map(flag_of, own), *made.params[at:]]
    return accept_global_options(made)


def _load(kind: str) -> list[Callable[..., Any]]:
    scripts = benchmark_registry.benchmark(kind).scripts
    descriptions = "; ".join(f"{name}: {what}" for name, what in scripts.items())
    return [
        click.option(
            "--script",
            type=click.Choice(tuple(scripts)),
            default=next(iter(scripts)),
            show_default=True,
            help=descriptions,
        ),
        click.option(
            "--threads", type=click.IntRange(min=1), default=_DEFAULT.threads, show_default=True, help="Clients a node."
        ),
        click.option(
            "--rate",
            type=click.IntRange(min=0),
            default=0,
            help="Transactions a second and node; 0: as fast as it goes.",
        ),
        click.option("--profile", default="", metavar="NAME", help="A load profile, instead of --threads and --rate."),
        click.option(
            "--from",
            "generators",
            multiple=True,
            metavar="HOST",
            help="A generator of the cluster file, or here; several share the load. Without it: all of the file.",
        ),
        click.option("--for", "for_s", type=DURATION, help="Without it: until it is stopped."),
    ]


def flag_of(each: Option) -> click.Option:
    """An option of a benchmark as one of the command line."""
    flag = f"--{each.name.replace('_', '-')}"
    if each.kind is bool:
        return click.Option([f"{flag}/--no-{flag[2:]}", each.name], default=each.default, help=each.help)
    return click.Option([flag, each.name], type=_type(each), default=each.default, show_default=True, help=each.help)


def _type(each: Option) -> click.ParamType[Any]:
    if each.choices:
        return click.Choice(each.choices)
    if each.kind is int:
        return click.IntRange(_whole(each.least), _whole(each.most))
    if each.kind is float:
        return click.FloatRange(each.least, each.most)
    return click.STRING


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _asked(
    settings: ClusterSettings,
    kind: str,
    own: tuple[Option, ...],
    *,
    nodes: tuple[str, ...],
    for_s: float | None = None,
    **wanted: Any,  # noqa: ANN401 - the options of the benchmark
) -> WorkloadRequest:
    chosen = tuple(settings.node(name).name for name in nodes) or tuple(node.name for node in settings.nodes)
    values = {each.name: wanted.pop(each.name) for each in own}
    benchmark = benchmark_registry.benchmark(kind)
    wanted.setdefault("script", next(iter(benchmark.scripts)))
    made = benchmark_options.from_values(benchmark.options, values)
    return WorkloadRequest(kind=kind, nodes=chosen, options=made, duration_s=for_s, **wanted)
