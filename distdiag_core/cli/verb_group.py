"""The base of verbs that have verbs under them."""

from __future__ import annotations

import click

# click cuts what each verb does to one line; whole sentences go on under themselves.
_NO_LIMIT = 10_000


class VerbGroup(click.Group):
    """A group whose help says whole what each of its verbs does."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs in their order, each with the first sentence of its help."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, command) for name, command in commands if command is not None and not command.hidden]
        rows = [(name, command.get_short_help_str(_NO_LIMIT)) for name, command in shown]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
