"""`distdiag completion`: what teaches a shell to complete verbs, options, clusters, nodes and anomalies."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from distdiag_core.cli.output import put

# By this variable, click's own for a program of that name, the script asks for completions.
_VARIABLE = "_DISTDIAG_COMPLETE"

_PLACES = {
    "bash": "# Keep it: distdiag completion bash > ~/.local/share/bash-completion/completions/distdiag\n"
    '# or put this into ~/.bashrc: eval "$(distdiag completion bash)"',
    "zsh": "# Keep it: mkdir -p ~/.zfunc && distdiag completion zsh > ~/.zfunc/_distdiag\n"
    "# with this in ~/.zshrc: fpath=(~/.zfunc $fpath); autoload -Uz compinit; compinit",
    "fish": "# Keep it: distdiag completion fish > ~/.config/fish/completions/distdiag.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(tuple(_PLACES)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script by which a SHELL completes distdiag; its last lines say where to put it."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has all three
    put(kind(ctx.find_root().command, {}, "distdiag", _VARIABLE).source().strip("\n"))
    put(_PLACES[shell])
