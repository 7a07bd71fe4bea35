"""`distdiag sessions`: what the sessions of a node's database do, who blocks whom, and the end of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.options import as_json, permission
from distdiag_core.cli.output import emit, say, table
from distdiag_core.cli.run import run
from distdiag_core.cli.verb_group import VerbGroup

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.gate import Permission
    from distdiag_core.operations.session_list import DatabaseSession, SessionList
    from distdiag_core.operations.sessions import SessionEnd
    from distdiag_core.operations.top_sql import SqlStatement, TopSql

# The whole statement is in the JSON.
_SHOWN_CHARS = 120


class _ListedByDefault(VerbGroup):
    """A group whose command is `list` where none is named: `distdiag sessions NODE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and not {*self.commands, "-h", "--help"}.intersection(args):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListedByDefault, options_metavar="", subcommand_metavar="NODE [--json] | top-sql NODE | kill NODE ID")
def sessions() -> None:
    """What the sessions of a node's database do, the longest running first; what took most time; end one."""


@sessions.command("list")
@click.argument("node", shell_complete=completed_values.nodes)
@as_json
@click.pass_obj
def list_sessions(target: Target, node: str, *, as_json: bool) -> None:
    """The sessions of the database of NODE, and who waits for whom; they are asked once."""
    found = run(_listed(target.settings(), node))
    for note in found.notes:
        say(f"note: {note}")
    if as_json:
        emit(found)
    elif found.sessions:
        header = ("ID", "USER", "FROM", "DATABASE", "COMMAND", "SECONDS", "BLOCKED BY", "STATEMENT")
        table(header, [_row(each) for each in found.sessions])
    else:
        say(f"{found.node} has no sessions")


@sessions.command("top-sql")
@click.argument("node", shell_complete=completed_values.nodes)
@as_json
@click.pass_obj
def top_sql(target: Target, node: str, *, as_json: bool) -> None:
    """The statements that took most of the time of the database of NODE; they are asked once."""
    found = run(_top_sql(target.settings(), node))
    for note in found.notes:
        say(f"note: {note}")
    if as_json:
        emit(found)
    elif found.statements:
        say(f"from {found.source}")
        table(("EXECUTIONS", "MEAN MS", "TOTAL MS", "STATEMENT"), [_statement_row(each) for each in found.statements])
    else:
        say(f"{found.source} of {found.node} has no statements")


@sessions.command()
@click.argument("node", shell_complete=completed_values.nodes)
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@click.option("--user", default="", help="Only if it is a session of this user; an id may be of another one by now.")
@click.option("--from", "client", default="", metavar="CLIENT", help="Only if it comes from there, as the list has it.")
@permission
@as_json
@click.pass_obj
def kill(
    target: Target, node: str, number: int, *, user: str, client: str, permission: Permission, as_json: bool
) -> None:
    """End the session ID of the database of NODE; its open transaction is rolled back."""
    settings = target.settings_to_change(permission)

    async def end() -> SessionEnd:
        from distdiag_core.operations.sessions import connect_sessions

        async with connect_sessions(settings, node, permission) as verbs:
            return await verbs.kill(node, number, user=user, client=client)

    ended = run(end())
    if as_json:
        emit(ended)
    said = "has ended" if ended.gone else "is still ending, as one that rolls back does"
    say(f"session {number} of {ended.session.user} {said}")


async def _listed(settings: ClusterSettings, node: str) -> SessionList:
    from distdiag_core.operations.sessions import connect_sessions

    async with connect_sessions(settings, node) as verbs:
        return await verbs.listed(node)


async def _top_sql(settings: ClusterSettings, node: str) -> TopSql:
    from distdiag_core.operations.sessions import connect_sessions

    async with connect_sessions(settings, node) as verbs:
        return await verbs.top_sql(node)


def _row(session: DatabaseSession) -> tuple[str, ...]:
    user = f"{session.user} (distdiag)" if session.own else session.user
    cut = _shortened(session.statement)
    blocked_by = ", ".join(map(str, session.blocked_by))
    seconds = f"{session.seconds:.1f}"
    return str(session.id), user, session.client, session.database, session.command, seconds, blocked_by, cut


def _statement_row(each: SqlStatement) -> tuple[str, ...]:
    return str(each.executions), f"{each.mean_ms:.1f}", f"{each.total_ms:.0f}", _shortened(each.statement)


def _shortened(statement: str) -> str:
    """On one line, as far as it is shown."""
    said = " ".join(statement.split())
    return said if len(said) <= _SHOWN_CHARS else f"{said[: _SHOWN_CHARS - 3]}..."
