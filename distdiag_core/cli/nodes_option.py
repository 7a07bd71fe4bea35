"""The option `--node` of the verbs that take some nodes of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli import completed_values

if TYPE_CHECKING:
    from collections.abc import Callable


def nodes_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option `--node`, which may be repeated, given to the command as `nodes`."""
    return click.option(
        "--node", "nodes", shell_complete=completed_values.nodes, multiple=True, metavar="NODE", help=help_text
    )
