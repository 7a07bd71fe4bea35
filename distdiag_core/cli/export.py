"""`distdiag export`: a part of a recording as a table, or what is seen now as metrics for Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.metrics_endpoint import or_served
from distdiag_core.cli.moment import MOMENT
from distdiag_core.cli.nodes_option import nodes_option
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import counted, emit, say
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cli.options import Target
    from distdiag_core.dataset.exchange.recording_table import Columns, Extent


@click.command()
@click.argument("what", shell_complete=completed_values.recordings, metavar="[FILE|RUN|example]", required=False)
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The table, called *.csv, *.csv.gz or *.parquet; one that is there is replaced.",
)
@click.option("--from", "begin", type=MOMENT, help="Not what was before; without it: from the first tick.")
@click.option("--to", "end", type=MOMENT, help="Not what was after; without it: to the last tick.")
@nodes_option("Only this node; may be repeated.")
@click.option(
    "--metric", "metrics", metavar="NAME", multiple=True, help="Only this metric, or those of a pattern: 'host.cpu.*'."
)
@as_json
@click.pass_obj
@or_served
def export(
    target: Target,
    what: str | None,
    out: Path | None,
    begin: Callable[[float], float] | None,
    end: Callable[[float], float] | None,
    nodes: tuple[str, ...],
    metrics: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Write a part of a recording as a table: a row for each tick and node, a column for each metric with its unit.
    With --listen: watch and diagnose a cluster without a console, and serve what is seen to Prometheus.

    RUN is the name of a run, or of a cluster for its newest run; without it: the newest run. A recording that is still
    written, was cut off or is packed by xz can be read as well. Times are written in UTC; an empty cell is unknown. The
    table is written whole or not at all.

    \b
    TIME is one of
      10m                    so long before the last tick
      09:31:12               of this machine's clock, on the day of the last tick or the one before
      2026-11-30T09:31:12Z   with Z or a zone such as +08:00, else of this machine's clock
    """
    from distdiag_core.dataset.exchange import recording_table
    from distdiag_core.recording import recordings
    from distdiag_core.recording.reader import Recording

    if out is None:
        raise ConfigError(
            "nothing says where to",
            hint="-o FILE for a table: `distdiag export example -o example.csv`; --listen HOST:PORT for Prometheus",
        )
    recording_table.check_name(out)
    cluster = target.cluster if what is None else None
    with recordings.opened(recordings.find(what, cluster)) as path, Recording(path) as recording:
        columns = recording_table.Columns.of(recording.meta, nodes, metrics)
        first_s, last_s = recording_table.wall_span(recording)
        window = (begin(last_s) if begin else first_s, end(last_s) if end else last_s)
        if window[0] > window[1]:
            raise ConfigError("--from is after --to", hint="exchange them")
        extent = recording_table.write(recording, columns, out, window, by_wall=True)
    _tell_written(out, columns, extent, as_json=as_json)


def _tell_written(out: Path, columns: Columns, extent: Extent, *, as_json: bool) -> None:
    from distdiag_core.dataset.exchange.recording_table import utc

    start, end = utc(extent.first_s), utc(extent.last_s)
    size = f"{counted(extent.ticks, 'tick')} of {counted(len(columns.nodes), 'node')}"
    say(f"{out} is written: {size}, {counted(len(columns.metrics), 'metric')}, from {start} to {end}")
    if as_json:
        facts = {"ticks": extent.ticks, "rows": extent.ticks * len(columns.nodes), "start": start, "end": end}
        emit({"out": out, **facts, "nodes": columns.names, "metrics": [each.name for each in columns.chosen]})
