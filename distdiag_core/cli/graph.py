"""`distdiag graph`: the compound anomaly graph of a recorded tick as a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.options import DURATION, as_json
from distdiag_core.cli.output import emit, say
from distdiag_core.cli.recording_option import reading, recording_option
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Window

# The past that a diagnosis is given, as in the console.
_HISTORY_S = 600.0


@click.group(cls=VerbGroup)
def graph() -> None:
    """Compound anomaly graph: how likely each anomaly is on each node, and how much the nodes move together."""


@graph.command()
@click.argument("out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@recording_option
@click.option(
    "--before", "before_s", type=DURATION, help="So long before the end of the recording; without it: the end."
)
@click.option(
    "--model", "name", shell_complete=completed_values.models, metavar="NAME", help="Without it: the model in use."
)
@click.option("--most", type=click.IntRange(min=2), help="In an SVG file, only the most involved nodes; 30 without it.")
@as_json
@click.pass_obj
def export(
    target: Target,
    out: Path,
    what: str | None,
    before_s: float | None,
    name: str | None,
    most: int | None,
    *,
    as_json: bool,
) -> None:
    """Write the graph of one tick of a recording, as GraphML or SVG by the ending of FILE."""
    from distdiag_core.models import model_registry

    if out.suffix not in (".graphml", ".svg"):
        raise ConfigError("FILE must end with .graphml or .svg", where=str(out))
    with reading(target, what) as recording:
        _, end_s = recording.span() or (0.0, 0.0)
        end_s -= before_s or 0.0
        window = recording.window(end_s - _HISTORY_S, end_s)
        if not len(window):
            raise DataError("there is no tick at that time", where=str(recording.path), hint="a smaller --before")
        model = model_registry.load(name, recording.meta.catalogue.names)
        diagnosis = _diagnosed(model, window, recording.meta.interval_s)
        offset_s = next((frame.clock_offset_s for frame in recording.frames(end_s - _HISTORY_S, end_s)), 0.0)
        cluster = recording.meta.cluster
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(diagnosis.time_s + offset_s))
    nodes = _write(out, diagnosis, f"{cluster}, {moment}", most or 30)
    if diagnosis.note:
        say(f"note: {diagnosis.note}")
    say(f"{out} is written: {nodes} nodes at {moment}")
    if as_json:
        emit({"out": out, "nodes": nodes, "time": diagnosis.time_s, "anomalous": diagnosis.anomalous})


def _diagnosed(model: Model, window: Window, period_s: float) -> Diagnosis:
    """Diagnosis of the newest tick, as if the ticks before had been diagnosed one by one."""
    from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
    from distdiag_core.metrics.frame import Window

    diagnoser = Diagnoser(model, period_s)
    for end in range(min(diagnoser.lengths.window, len(window)), len(window)):
        diagnoser.observe(Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end]))
    return diagnoser.diagnose(window)


def _write(out: Path, diagnosis: Diagnosis, title: str, most: int) -> int:
    """How many nodes were written.

    Raises:
        DataError: the file cannot be written.
    """
    from distdiag_core.anomalies import catalogue
    from distdiag_core.diagnosis.detection.graph_files import graphml, svg
    from distdiag_core.diagnosis.detection.graph_layout import most_involved

    whole = diagnosis.graph
    if whole is None:
        raise AssertionError("a diagnosis of one tick has its graph")
    shown = whole if out.suffix == ".graphml" else whole.part(most_involved(whole, most))
    left_out = len(whole.nodes) - len(shown.nodes)
    if left_out:
        title = f"{title}; {len(shown.nodes)} of {len(whole.nodes)} nodes, the most involved"
    text = graphml(shown) if out.suffix == ".graphml" else svg(shown, title, catalogue.load().label)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"the graph cannot be written: {error.strerror}", where=str(out)) from error
    return len(shown.nodes)
