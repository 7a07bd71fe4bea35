"""The entry point of `distdiag`: the command line of the core, with the console as what it does without a verb."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from distdiag_core.cli.main import main as command_line

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(command_line(open_console))


def open_console(target: Target) -> None:
    """Fill the terminal with the console of the cluster that was asked for."""
