"""`distdiag replay`: a recording in the console."""

from __future__ import annotations

from dataclasses import replace as replaced
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say, table
from distdiag_core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cli.options import Target


@click.command()
@click.argument("what", shell_complete=completed_values.recordings, metavar="[FILE|RUN|example]", required=False)
@click.option("--list", "listing", is_flag=True, help="List the runs that were recorded on this machine.")
@as_json
@click.pass_obj
def replay(target: Target, what: str | None, *, listing: bool, as_json: bool) -> None:
    """See a recording in the console: nothing can be changed there.

    RUN is the name of a run, or of a cluster for its newest run; without it: the newest run of all. `example`
    is a recording that ships: two incidents on a cluster of three nodes. A FILE may be packed by xz. In the console,
    space stands still or goes on, . and , step, > and < jump to what happened, ] and [ change the speed.
    """
    from distdiag_core.recording import recordings
    from distdiag_core.recording.reader import Recording

    if listing:
        _list(as_json=as_json)
        return
    if as_json:
        raise ConfigError("--json goes with --list", hint="`distdiag watch --json` prints figures, live")
    cluster = target.cluster if what is None else None
    with recordings.opened(recordings.find(what, cluster)) as path:
        # What is wrong with it is said before the terminal is taken.
        with Recording(path) as recording:
            recording.require_ticks()
        target.open_console(replaced(target, recording=path))


def _list(*, as_json: bool) -> None:
    from distdiag_core.recording import recordings

    runs = [_facts(path) for path in recordings.of_machine()]
    if as_json:
        emit({"runs": runs})
    elif runs:
        header = ("RUN", "TICKS", "LASTED", "INCIDENTS", "PROBLEM")
        table(header, [tuple(str(each[key]) for key in _COLUMNS) for each in runs])
    else:
        say("no run was recorded on this machine; `distdiag replay example` shows one that ships")


_COLUMNS = ("run", "ticks", "lasted_s", "incidents", "problem")


def _facts(path: Path) -> dict[str, Any]:
    """The facts of one run; of a damaged one, why it cannot be seen."""
    from distdiag_core.recording.reader import Recording

    facts: dict[str, Any] = {"run": path.stem, "path": str(path)}
    try:
        with Recording(path) as recording:
            begun_s, ended_s = recording.require_ticks()
            facts |= {"ticks": len(recording.ticks()[0]), "start": begun_s, "lasted_s": round(ended_s - begun_s)}
            return facts | {"incidents": len(recording.incidents()), "problem": ""}
    except DataError as error:
        return facts | {"ticks": 0, "start": None, "lasted_s": 0, "incidents": 0, "problem": error.what}
