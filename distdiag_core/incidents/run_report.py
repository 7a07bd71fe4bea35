"""Report of a whole run as files: what was measured and what went wrong, with the report of each incident beside it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.errors import DataError
from distdiag_core.incidents import report_files
from distdiag_core.incidents.evidence_charts import injected, lines_of
from distdiag_core.incidents.incident_files import incidents_of
from distdiag_core.incidents.report import cell, table, when
from distdiag_core.incidents.validation import validation_of
from distdiag_core.metrics.figures import figure
from distdiag_core.svg import time_chart
from distdiag_core.svg.time_chart import Moment, Panel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.incidents.incident_files import RecordedIncident
    from distdiag_core.recording.reader import Recording

# Of each line the first that was recorded.
_CHARTED = (
    ("host.cpu.usage",),
    ("host.memory.used",),
    ("host.pressure.io.some",),
    ("host.network.bytes_out",),
    ("workload.tps", "sysstat.trans_commit_count", "mysql_status.transactions"),
    ("workload.p95", "sysstat.trans_latency", "mysql_status.transaction_latency"),
)
# Of the last ones, so that their names stay readable.
_MOST_BARS = 12


def write(recording: Recording, anomalies: AnomalyCatalogue, out: Path) -> int:
    """Write a report to `out`, and its chart and the reports of incidents to `NAME-run` beside it; how many these are.

    The report is written last and replaces one that is there.

    Raises:
        DataError: the recording is damaged or has no tick, or the files cannot be written.
    """
    recording.require_ticks()
    found = incidents_of(recording)
    directory = out.with_name(f"{out.stem}-run")
    try:
        directory.mkdir(exist_ok=True)
        (directory / "overview.svg").write_text(_overview(recording, found, anomalies), encoding="utf-8")
        for each in found:
            report_files.write(each, recording, anomalies, directory / f"incident-{each.incident.id}.md")
        lines = _page(recording, found, anomalies, directory.name)
        fresh = out.with_name(f".new-{out.name}")
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        fresh.replace(out)
    except OSError as error:
        raise DataError(f"the report cannot be written: {error.strerror}", where=str(out)) from error
    return len(found)


def _overview(recording: Recording, found: Sequence[RecordedIncident], anomalies: AnomalyCatalogue) -> str:
    """The figures of the whole run; of its frames only what is charted is kept in memory."""
    names = recording.meta.catalogue.names
    firsts = (next((name for name in either if name in names), None) for either in _CHARTED)
    charted = [name for name in firsts if name is not None] or list(names[:1])
    columns = [names.index(name) for name in charted]
    times_s: list[float] = []
    values = []
    offset_s = 0.0
    for frame in recording.frames():
        # The clock of the run goes forward, which an axis of time needs.
        times_s.append(frame.time_s)
        values.append(frame.values[:, columns])
        offset_s = frame.clock_offset_s
    stacked = np.stack(values, axis=-1)
    panels = []
    for place, column in enumerate(columns):
        metric = recording.meta.metrics[column]
        series = tuple(lines_of(stacked[:, place], recording.meta.node_names))
        panels.append(Panel(metric.label, series, partial(_figure, unit=metric.unit)))
    bars = {each.id: each for recorded in found for each in recorded.incident.injections}
    return time_chart.svg(
        f"{recording.meta.cluster}, {when(times_s[0], offset_s)} to {when(times_s[-1], offset_s)}",
        np.array(times_s) + offset_s,
        panels,
        lambda time_s: time.strftime("%H:%M:%S", time.localtime(time_s)),
        stretches=tuple(injected(list(bars.values())[-_MOST_BARS:], anomalies, offset_s)),
        moments=[Moment(each.incident.onset_s + offset_s, f"incident {each.incident.id}") for each in found],
    )


def _figure(value: float, unit: str) -> str:
    return figure(value, unit)


def _page(
    recording: Recording, found: Sequence[RecordedIncident], anomalies: AnomalyCatalogue, beside: str
) -> Iterator[str]:
    begun_s, ended_s = recording.require_ticks()
    offset_s = next(recording.frames(ended_s, ended_s)).clock_offset_s
    zone = time.strftime("%Z", time.localtime(ended_s + offset_s))
    yield f"# Run on {cell(recording.meta.cluster)}, {when(begun_s, offset_s)}"
    yield ""
    yield f"- Nodes: {', '.join(map(cell, recording.meta.node_names))}"
    yield f"- From {when(begun_s, offset_s)} to {when(ended_s, offset_s)} {zone}, {len(recording.ticks()[0]):,} ticks"
    yield f"- Recording: {cell(recording.path.name)}"
    validation = validation_of(recording.events())
    if validation.total:
        yield f"- Known injections that the diagnosis named: {validation.right} of {validation.total}"
    yield ""
    yield f"![Figures of the run]({report_files.link(beside, 'overview.svg')})"
    yield ""
    yield "## Incidents"
    yield ""
    if not found:
        yield "None."
        return
    header = ("id", "onset", "lasted", "nodes", "main root cause", "confidence", "cluster impact", "injected")
    yield from table(header, (_row(each, anomalies, offset_s) for each in found))
    yield ""
    for each in found:
        number = each.incident.id
        yield f"- [Incident {number}]({report_files.link(beside, f'incident-{number}.md')})"


def _row(recorded: RecordedIncident, anomalies: AnomalyCatalogue, offset_s: float) -> tuple[str, ...]:
    incident = recorded.incident
    main = incident.main_cause
    injections = ", ".join(f"{anomalies.label(each.anomaly)} on {each.node}" for each in incident.injections)
    return (
        str(incident.id),
        when(incident.onset_s, offset_s),
        f"{incident.duration_s:.0f} s",
        ", ".join(incident.nodes),
        f"{anomalies.label(main.anomaly)} on {main.node}",
        f"{main.highest:.2f}",
        str(incident.impact_on() or "unknown"),
        injections or "-",
    )
