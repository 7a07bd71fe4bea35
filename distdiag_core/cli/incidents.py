"""`distdiag incidents`: list, show and report the incidents of a recording, and add notes to them."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import counted, emit, put, say, table
from distdiag_core.cli.recording_option import path_of, reading, recording_option, writable_path
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.incidents.incident_files import RecordedIncident
    from distdiag_core.recording.reader import Recording


@click.group(cls=VerbGroup)
def incidents() -> None:
    """What went wrong in a run: root causes from onset to end, what they cost, and what was injected meanwhile."""


@incidents.command("list")
@recording_option
@as_json
@click.pass_obj
def list_incidents(target: Target, what: str | None, *, as_json: bool) -> None:
    """The incidents of a recording, the oldest first, and how many known injections the diagnosis named."""
    from distdiag_core.incidents.incident_files import incidents_of
    from distdiag_core.incidents.validation import validation_of

    with reading(target, what) as recording:
        found, validation = incidents_of(recording), validation_of(recording.events())
        if as_json:
            facts = {"recording": path_of(recording, what), "incidents": [_facts(each) for each in found]}
            emit(facts | {"validated": {"right": validation.right, "total": validation.total}})
            return
        if found:
            header = ("ID", "ONSET", "LASTED", "NODES", "ROOT CAUSE", "CLUSTER IMPACT", "INJECTED", "NOTES")
            table(header, [_row(each, recording) for each in found])
        else:
            say(f"{path_of(recording, what)}: no incident")
        if validation.total:
            say(str(validation))


@incidents.command()
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@recording_option
@as_json
@click.pass_obj
def show(target: Target, number: int, what: str | None, *, as_json: bool) -> None:
    """Everything that is known of an incident."""

    with reading(target, what) as recording:
        recorded = find(recording, number)
        if as_json:
            verdicts = [asdict(each) for each in recorded.verdicts]
            emit(_facts(recorded) | {"verdicts": verdicts, "notes": recorded.notes})
        else:
            put(_report(recorded, recording), nl=False)


@incidents.command()
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@recording_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to FILE instead of stdout, with charts beside it.",
)
@as_json
@click.pass_obj
def report(target: Target, number: int, what: str | None, out: Path | None, *, as_json: bool) -> None:
    """A report of an incident in Markdown; with --out, charts of the evidence of each root cause lie beside it."""

    charts: tuple[Path, ...] = ()
    with reading(target, what) as recording:
        recorded = find(recording, number)
        if out is None:
            text = _report(recorded, recording)
        else:
            charts = _write_report(recorded, recording, out)
            text = out.read_text(encoding="utf-8")
            say(
                f"{out} is written" + (f", and {counted(len(charts), 'chart')} in {charts[0].parent}" if charts else "")
            )
    if as_json:
        emit({"incident": number, "report": text, "out": out, "charts": charts})
    elif out is None:
        put(text, nl=False)


@incidents.command()
@recording_option
@click.option("--out", required=True, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@as_json
@click.pass_obj
def summary(target: Target, what: str | None, out: Path, *, as_json: bool) -> None:
    """A report of the whole run in Markdown, with charts of its figures and the report of each incident beside it."""
    from distdiag_core.anomalies import catalogue
    from distdiag_core.incidents import run_report

    with reading(target, what) as recording:
        count = run_report.write(recording, catalogue.load(), out)
    say(f"{out} is written, with {counted(count, 'incident')}")
    if as_json:
        emit({"out": out, "incidents": count})


@incidents.command()
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@click.argument("text")
@recording_option
@as_json
@click.pass_obj
def note(target: Target, number: int, text: str, what: str | None, *, as_json: bool) -> None:
    """Add a note to an incident, also while its run goes on."""
    from distdiag_core.cluster import operator
    from distdiag_core.recording.stored_incidents import IncidentNote, add_note

    if not text.strip():
        raise ConfigError("the note is empty", hint='`distdiag incidents note 1 "the disk was replaced"`')
    with reading(target, what) as recording:
        find(recording, number)
        path = writable_path(recording, what)
    written = IncidentNote(time.time(), operator.account(), text)
    add_note(path, number, written)
    if as_json:
        emit({"incident": number, "note": written})
    else:
        say(f"noted on incident {number}")


def find(recording: Recording, number: int) -> RecordedIncident:
    """The incident of that id.

    Raises:
        ConfigError: there is none.
    """
    from distdiag_core.incidents.incident_files import incidents_of

    known = incidents_of(recording)
    for each in known:
        if each.incident.id == number:
            return each
    ids = ", ".join(str(each.incident.id) for each in known)
    raise ConfigError(
        f"there is no incident {number}", where=recording.path.name, hint=f"it has {ids}" if ids else "it has none"
    )


def _report(recorded: RecordedIncident, recording: Recording) -> str:
    from distdiag_core.anomalies import catalogue
    from distdiag_core.incidents.report import report as markdown

    return markdown(recorded, recording, catalogue.load())


def _write_report(recorded: RecordedIncident, recording: Recording, out: Path) -> tuple[Path, ...]:
    from distdiag_core.anomalies import catalogue
    from distdiag_core.incidents import report_files

    return report_files.write(recorded, recording, catalogue.load(), out)


def _facts(recorded: RecordedIncident) -> dict[str, Any]:
    incident = recorded.incident
    impact = incident.impact_on()
    return asdict(incident) | {
        "nodes": incident.nodes,
        "duration_s": incident.duration_s,
        "impact": str(impact) if impact else None,
        "notes": recorded.notes,
        "evidence": recorded.evidence,
    }


def _row(recorded: RecordedIncident, recording: Recording) -> tuple[str, ...]:
    from distdiag_core.incidents.report import outcome, when

    incident, main = recorded.incident, recorded.incident.main_cause
    more = len(incident.causes) - 1
    goes_on = "" if incident.ended_s is not None else "+"
    injected = [f"{each.anomaly} {each.node} {outcome(each)}" for each in incident.injections]
    frame = next(recording.frames(incident.noticed_s, incident.last_s), None)
    return (
        str(incident.id),
        when(incident.onset_s, frame.clock_offset_s if frame else 0.0),
        f"{incident.duration_s:.0f}{goes_on} s",
        ",".join(incident.nodes),
        f"{main.anomaly} {main.node} {main.highest:.2f}{f' and {more} more' if more else ''}",
        str(incident.impact_on() or "unknown"),
        ", ".join(injected) or "-",
        str(len(recorded.notes) or "-"),
    )
