"""The global options `--cluster`, `--config`, `--read-only` and `--sources`, which stand before or after the verb."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from distdiag_core.cli import completed_values
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target

# In the metadata of a command line, which all its contexts share: the values that it named, by option.
_NAMED = f"{__name__}.named"
_EPILOG = "Global options: see distdiag --help."


def global_options(*, hidden: bool = False) -> list[click.Parameter]:
    """The options; a variable counts once, at the command `distdiag` itself, whose options are not hidden."""

    def variable(name: str) -> str | None:
        return None if hidden else f"DISTDIAG_{name}"

    shared: dict[str, Any] = {"expose_value": False, "callback": _choose, "hidden": hidden}
    return [
        click.Option(
            ["--cluster"],
            metavar="NAME",
            multiple=True,
            envvar=variable("CLUSTER"),
            shell_complete=completed_values.clusters,
            help="The cluster, by name; sim:100 is a simulated one. Several for the console: a,b.",
            **shared,
        ),
        click.Option(
            ["--config"],
            type=click.Path(path_type=Path, dir_okay=False),
            envvar=variable("CONFIG"),
            help="The cluster, by file.",
            **shared,
        ),
        click.Option(["--read-only"], is_flag=True, help="Refuse everything that would touch the cluster.", **shared),
        click.Option(
            ["--sources"],
            metavar="NAMES",
            help="Where metrics come from, with commas between; in place of `sources` of the cluster file.",
            **shared,
        ),
    ]


def accept_global_options(command: click.Command) -> click.Command:
    """Let a verb and its subcommands take the global options too; return the verb.

    What is hidden is started by programs alone and stays as it is.
    """
    if not command.hidden and command.epilog != _EPILOG:
        command.params = [*command.params, *global_options(hidden=True)]
        command.epilog = _EPILOG
    if isinstance(command, click.Group):
        for each in command.commands.values():
            accept_global_options(each)
    return command


def _choose(ctx: click.Context, param: click.Parameter, value: Any) -> None:  # noqa: ANN401 - of any type
    """Put a value into the target of the command line; what the line names outranks variables.

    Raises:
        ConfigError: the line names two clusters.
    """
    if not value:
        return
    target: Target = ctx.obj
    name = str(param.name)
    if ctx.resilient_parsing:
        _choose_so_far(ctx, name, value)
        return
    if name == "read_only":
        ctx.obj = replace(target, read_only=True)
        return
    if name == "sources":
        ctx.obj = replace(target, sources=tuple(filter(None, map(str.strip, value.split(",")))))
        return
    if param.multiple:
        value = ",".join(value)
    named: dict[str, Any] = ctx.meta.setdefault(_NAMED, {})
    if ctx.get_parameter_source(name) is ParameterSource.ENVIRONMENT:
        if not named:
            ctx.obj = replace(target, **{name: value})
        return
    earlier = named.setdefault(name, value)
    if earlier != value:
        raise ConfigError(f"--{name} is given twice, as {earlier} and as {value}", hint="give it once")
    if len(named) > 1:
        raise ConfigError("--cluster and --config both name the cluster", hint="give one of them")
    ctx.obj = replace(target, cluster=named.get("cluster"), config=named.get("config"))


def _choose_so_far(ctx: click.Context, name: str, value: Any) -> None:  # noqa: ANN401 - of any type
    """Put a value into the target of a line that is being typed, whose mistakes are not told yet."""
    if ctx.obj is None:
        return
    if name == "cluster":
        ctx.obj = replace(ctx.obj, cluster=",".join(value), config=None)
    elif name == "config":
        ctx.obj = replace(ctx.obj, cluster=None, config=Path(value))
