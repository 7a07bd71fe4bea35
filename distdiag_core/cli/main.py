"""The command `distdiag`: the options that all verbs share, and the list of verbs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import NoSuchCommand
from click.shell_completion import CompletionItem, add_completion_class

from distdiag_core import __version__
from distdiag_core.cli.bash_words import BashWords
from distdiag_core.cli.global_options import accept_global_options, global_options
from distdiag_core.cli.options import Target
from distdiag_core.cli.run import exit_code_of
from distdiag_core.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cli.options import ServeRequest

# Each is a command of that name in the module of that name. With its line in the help, which imports none of them.
_VERBS = {
    "info": "Versions, and every place where distdiag keeps files.",
    "config": "Check a cluster file, or show its values in force.",
    "doctor": "What each node lacks, what that costs, and how to get it.",
    "lab": "A real OceanBase cluster on this machine, for trying.",
    "watch": "Print every tick: the figures that matter most, or JSON.",
    "record": "Record and diagnose a cluster without a console.",
    "inject": "Make an anomaly happen on nodes, until its deadline.",
    "injections": "What is active anywhere in the cluster.",
    "clear": "End injections, by their ids or all of them.",
    "audit": "Show what was done from this machine, and by whom.",
    "tenants": "The tenants that the account sees; which are watched.",
    "sessions": "The sessions of a node's database; end one.",
    "parameters": "Database parameters: which nodes differ, what changed.",
    "workload": "Prepare, start, watch, stop and compare benchmarks.",
    "experiment": "A benchmark and anomalies as one run, and what they cost.",
    "cases": "The dataset that models are trained on.",
    "train": "Train a model on cases.",
    "models": "The models there are, and which one is in use.",
    "evaluate": "Accuracy of a model on cases that it has not seen.",
    "diagnose": "Which node suffers from what, the likeliest cause first.",
    "advice": "What to look at about an anomaly, and what usually helps.",
    "obdiag": "Checks and root cause scenes of obdiag, as evidence.",
    "incidents": "What went wrong in a run, and what it cost.",
    "graph": "The compound anomaly graph of a recorded tick, as a file.",
    "replay": "A recording in the console; `replay example` works anywhere.",
    "export": "A part of a recording as a table; metrics for Prometheus.",
    "api": "What is seen of a cluster as JSON, by HTTP; read-only.",
    "serve": "The console in a browser; also a replay.",
    "campaign": "Record labelled cases by a file of scenarios.",
    "completion": "The script by which bash, zsh or fish completes all this.",
}


class _Verbs(click.Group):
    """The verbs, imported when needed, so that the program starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"distdiag_core.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return accept_global_options(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb of a command line; the error about one that does not exist names those that are like it."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand:
            raise NoSuchCommand(args[0], possibilities=_VERBS, ctx=ctx) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        """Completions of a verb or an option; the verbs are not imported for them."""
        verbs = [CompletionItem(name, help=what) for name, what in _VERBS.items() if name.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(
    cls=_Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=global_options(),
    epilog="--cluster, --config and --read-only may also stand after the verb.",
)
@click.version_option(__version__, prog_name="distdiag")
@click.pass_context
def distdiag(ctx: click.Context) -> None:
    """Watch a distributed OceanBase cluster, inject anomalies and name root causes. Without a verb: the console."""
    if ctx.invoked_subcommand is None:
        ctx.obj.open_console(ctx.obj)


def _no_server(_: ServeRequest) -> None:
    raise UnsupportedError("this program has no console for browsers")


def main(
    open_console: Callable[[Target], None],
    arguments: list[str] | None = None,
    serve_console: Callable[[ServeRequest], None] = _no_server,
) -> int:
    """Run a command line and return its exit code.

    Args:
        open_console, serve_console: open the screen here and in browsers; the core imports neither.
    """

    def command() -> None:
        add_completion_class(BashWords, "bash")
        keywords: dict[str, Any] = {"prog_name": "distdiag", "standalone_mode": False}
        distdiag.main(arguments, obj=Target(open_console, serve_console), **keywords)

    return exit_code_of(command)
