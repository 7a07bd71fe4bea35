"""What each list is filtered and sorted by; the names are the headings of its columns, a moment is an age."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from distdiag_core.anomalies.injection import Injection
from distdiag_core.collecting.collecting_status import OpenCase
from distdiag_core.operations.compound_injection import PartStatus
from distdiag_tui.views import cases, heat_map, runs, sources
from distdiag_tui.views.audit import who
from distdiag_tui.views.filtering import Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case
    from distdiag_core.experiments.experiment import ExperimentResult
    from distdiag_core.incidents.incident_files import RecordedIncident
    from distdiag_core.models.model_registry import ModelFacts
    from distdiag_core.operations.parameter_comparison import Parameter
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.operations.session_list import DatabaseSession
    from distdiag_core.recording.audit_log import AuditEntry
    from distdiag_core.recording.events import Event
    from distdiag_core.runtime.live_sources import SourceStatus
    from distdiag_tui.views.filtering import Item
    from distdiag_tui.views.logbook import LogEntry
    from distdiag_tui.views.parameters import NodeAgainstPeers
    from distdiag_tui.views.view_state import ViewState


def _age(view: ViewState, moment_s: Callable[[Item], float], heading: str) -> Field[Item]:
    """How long ago a moment of the wall clock is; the newest has the smallest age."""
    now_s = view.wall_s(view.now_s)
    return Field("age", lambda item: now_s - moment_s(item), "s", heading)


def event_fields(view: ViewState) -> tuple[Field[Event], ...]:
    """Events: kind, node, level and text."""
    return (
        _age(view, lambda event: view.wall_s(event.time_s), "when"),
        Field("kind", lambda event: event.kind),
        Field("node", lambda event: event.node or ""),
        Field("level", lambda event: event.level),
        Field("text", lambda event: event.text),
    )


def log_fields(view: ViewState) -> tuple[Field[LogEntry], ...]:
    """The logbook: events and audited operations alike."""
    return (
        _age(view, lambda entry: entry.wall_s, "when"),
        Field("from", lambda entry: entry.source),
        Field("what", lambda entry: entry.what),
        Field("where", lambda entry: entry.where),
        Field("level", lambda entry: entry.level),
        Field("text", lambda entry: entry.text),
    )


def audit_fields(view: ViewState) -> tuple[Field[AuditEntry], ...]:
    """The audit log."""
    return (
        _age(view, lambda entry: entry.record.began_s, "when"),
        Field("what", lambda entry: entry.record.what),
        Field("where", lambda entry: ", ".join(entry.record.nodes) or "the cluster"),
        Field("result", lambda entry: entry.record.result),
        Field("took", lambda entry: entry.record.duration_s, "s"),
        Field("by", who),
        Field("reason", lambda entry: entry.record.reason),
    )


def incident_fields(view: ViewState) -> tuple[Field[RecordedIncident], ...]:
    """Incidents."""
    return (
        Field("id", lambda each: each.incident.id, "", "#"),
        _age(view, lambda each: view.wall_s(each.incident.onset_s), "onset"),
        Field("lasted", lambda each: each.incident.duration_s, "s"),
        Field("cause", lambda each: view.anomaly_label(each.incident.main_cause.anomaly), heading="root cause"),
        Field("node", lambda each: ", ".join(each.incident.nodes)),
        Field("impact", lambda each: str(each.incident.impact_on() or ""), heading="cluster impact"),
        Field("injected", lambda each: len(each.incident.injections), ""),
        Field("note", lambda each: " ".join(note.text for note in each.notes)),
    )


ListedInjection: TypeAlias = Injection | OpenCase | PartStatus
"""What is injected, what is held back, and a part of a compound injection that no node lists."""


def injection_fields(view: ViewState) -> tuple[Field[ListedInjection], ...]:
    """What is injected, what is held back and what is to come."""

    def of_injection(value: Callable[[Injection], str | float]) -> Callable[[ListedInjection], str | float | None]:
        return lambda each: value(each) if isinstance(each, Injection) else None

    return (
        Field("node", lambda each: None if isinstance(each, OpenCase) else each.node),
        Field("anomaly", lambda each: _injected(view, each)),
        Field("severity", lambda each: None if isinstance(each, OpenCase) else each.severity),
        Field("state", lambda each: "held back" if isinstance(each, OpenCase) else str(each.state)),
        Field("left", of_injection(lambda each: each.deadline_s - view.now_s), "s"),
        Field("by", of_injection(lambda each: each.owner)),
    )


def _injected(view: ViewState, each: ListedInjection) -> str:
    return ", ".join(each.injections) if isinstance(each, OpenCase) else view.anomaly_label(each.anomaly)


def experiment_fields(view: ViewState) -> tuple[Field[ExperimentResult], ...]:
    """Experiments."""
    return (
        _age(view, lambda each: each.began_s, "began"),
        Field("name", lambda each: each.name),
        Field("lasted", lambda each: each.ended_s - each.began_s, "s"),
        Field("load", lambda each: each.load),
        Field("cluster", lambda each: each.cluster),
    )


def run_fields(view: ViewState) -> tuple[Field[RunWithInjections], ...]:
    """Runs of benchmarks: of all nodes together, p95 of the worst."""
    return (
        _age(view, lambda each: each.run.began_s, "began"),
        Field("workload", lambda each: runs.workload_name(each.run)),
        Field("lasted", lambda each: None if each.run.ended_s is None else each.run.ended_s - each.run.began_s, "s"),
        Field("tps", lambda each: sum(totals.tps for totals in runs.totals_of(each.run)), ""),
        Field("p95", lambda each: runs.worst_p95(runs.totals_of(each.run)), "ms"),
        Field("errors", lambda each: sum(totals.errors_per_s for totals in runs.totals_of(each.run)), "", "err/s"),
        Field("injected", lambda each: runs.injected_words(view, each) or "nothing"),
    )


def session_fields() -> tuple[Field[DatabaseSession], ...]:
    """Sessions of a database; `idle` is their state."""
    return (
        Field("id", lambda each: each.id, ""),
        Field("user", lambda each: each.user),
        Field("client", lambda each: each.client),
        Field("command", lambda each: each.command),
        Field("state", lambda each: "idle" if each.idle else each.state or "running"),
        Field("time", lambda each: each.seconds, "s"),
        Field("blocked", lambda each: len(each.blocked_by), ""),
        Field("statement", lambda each: each.statement),
    )


def parameter_fields(found: NodeAgainstPeers) -> tuple[Field[Parameter], ...]:
    """Parameters of a node: `state` is `differs`, `changed` or both."""
    return (
        Field("parameter", lambda each: each.name),
        Field("state", found.state),
        Field("value", found.value),
        Field("peers", found.of_peers),
    )


def source_fields(view: ViewState) -> tuple[Field[SourceStatus], ...]:
    """Sources of the cluster: `read` is `on` or `off`, `now` what each answers."""
    return (
        Field("source", lambda each: each.name),
        Field("read", lambda each: "on" if each.on else "off"),
        Field("metrics", lambda each: float(each.metrics), ""),
        Field("now", lambda each: sources.state_of(view, each)[0]),
    )


def score_fields(view: ViewState) -> tuple[Field[str], ...]:
    """The heat map: a node, and its score for every anomaly."""
    graph = heat_map.graph_of(view)
    if graph is None:
        return ()

    def score(column: int, node: str) -> float:
        return float(graph.confidence[graph.nodes.index(node), column])

    return (
        Field("node", lambda node: node),
        *(Field(name, partial(score, column), "") for column, name in enumerate(graph.anomalies)),
    )


def case_fields(view: ViewState) -> tuple[Field[Case], ...]:
    """Cases of the dataset."""
    return (
        _age(view, lambda case: cases.span_s(case)[0], "began"),
        Field("length", lambda case: cases.span_s(case)[1] - cases.span_s(case)[0], "s"),
        Field("ticks", lambda case: len(case.window), ""),
        Field("case", lambda case: case.name),
        Field("has", lambda case: cases.labels_and_tags(view, case), heading="what it has"),
        Field("group", lambda case: case.group),
        Field("workload", lambda case: case.workload),
        Field("excluded", lambda case: f"excluded {case.excluded}" if case.excluded else ""),
    )


def model_fields(view: ViewState) -> tuple[Field[ModelFacts], ...]:
    """Models on this machine."""
    now_s = view.wall_s(view.now_s)
    return (
        Field("model", lambda facts: facts.name),
        Field("ac1", lambda facts: facts.ac1, "", "AC@1"),
        Field("f1", lambda facts: facts.macro_f1, "", "F1"),
        Field("cases", lambda facts: facts.cases, ""),
        Field("anomalies", lambda facts: len(facts.anomalies), ""),
        Field("age", lambda facts: now_s - facts.created.timestamp() if facts.created else None, "s", "made"),
        Field("state", lambda facts: "in use" if facts.in_use else "damaged" if facts.damage else ""),
    )
