"""The types of what verbs print with `--json`, by verb; each is tested on real output where the verb is tested."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from distdiag_core.anomalies.advice_catalogue import Advice
from distdiag_core.anomalies.injection import Injection, Plan
from distdiag_core.anomalies.presets import InjectionPreset
from distdiag_core.campaign.runner import Outcome
from distdiag_core.campaign.schedule import PlannedCase
from distdiag_core.cli.output import plain
from distdiag_core.cluster.status import NodeState
from distdiag_core.cluster.tenants import Tenant
from distdiag_core.dataset.case import Case
from distdiag_core.dataset.statistics import Statistics
from distdiag_core.diagnosis.detection.impact import ClusterImpact, Impact, MetricChange
from distdiag_core.diagnosis.detection.ranking import RootCause
from distdiag_core.diagnosis.evaluation.summary import Evaluation
from distdiag_core.diagnosis.model.model import Training
from distdiag_core.doctor.report import Check
from distdiag_core.experiments.experiment import ExperimentResult
from distdiag_core.experiments.report import Difference as ExperimentDifference
from distdiag_core.incidents.incident import Incident, Verdict
from distdiag_core.incidents.validation import Validation
from distdiag_core.lab.status import LabStatus
from distdiag_core.models.model_fit import LackingMetrics
from distdiag_core.models.model_registry import ModelFacts
from distdiag_core.obdiag.evidence import ObdiagEvidence
from distdiag_core.obdiag.sysstat_archive import SysstatHistory
from distdiag_core.operations.compound_injection import PartStatus
from distdiag_core.operations.parameters import ParameterReport
from distdiag_core.operations.run_history import PastInjection
from distdiag_core.operations.session_list import SessionList
from distdiag_core.operations.sessions import SessionEnd
from distdiag_core.operations.top_sql import TopSql
from distdiag_core.recording.audit_log import AuditRecord
from distdiag_core.recording.events import Event
from distdiag_core.recording.stored_incidents import IncidentNote
from distdiag_core.setup.cluster_draft import NodeDraft
from distdiag_core.workloads.benchmark import Finding
from distdiag_core.workloads.clients.run_log import PastRun
from distdiag_core.workloads.control.run_comparison import Difference
from distdiag_core.workloads.workload_status import WorkloadStatus
from tests.pages.command_line import verb_of
from tests.pages.json_schema import UNNAMED, hints_of, mismatches, schema_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.pages.json_schema import Schema


def joined(name: str, base: Any, without: Sequence[str] = (), **more: Any) -> Any:  # noqa: ANN401 - types
    """The fields of a class without some of them, and more."""
    hints = hints_of(base)
    fields = {each.name: hints[each.name] for each in dataclasses.fields(base) if each.name not in without}
    return TypedDict(name, {**fields, **more})  # type: ignore[operator]


def object_of(name: str = UNNAMED, /, **fields: Any) -> Any:  # noqa: ANN401 - types
    """An object with these keys."""
    return TypedDict(name, fields)  # type: ignore[operator]


# As values, which a type checker does not take for types.
LIST: Any = list
_DICT: Any = dict
_NOT_REQUIRED: Any = NotRequired
_NODE_REPORT = object_of("NodeReport", node=str, host=str, watchable=bool, checks=list[Check])
_DOCTOR = object_of(
    "DoctorReport",
    cluster=str,
    watchable=bool,
    nodes=LIST[_NODE_REPORT],
    load_host=_NODE_REPORT,
    servers=Check | None,
    tenants=Check | None,
)
_CHANGE = joined("MetricChange", MetricChange, factor=float)
_IMPACT = object_of("NodeImpact", **dict.fromkeys(hints_of(Impact), _CHANGE | None))
_CAUSE = joined("RootCause", RootCause, ("onset_s",), onset=float, ambiguous=bool, impact=_IMPACT | None)
DIAGNOSIS: dict[str, Any] = {
    "time": float,
    "case": str | None,
    "anomalous": bool,
    "root_causes": LIST[_CAUSE],
    "load_changes": list[str],
    "note": str,
    "impact": joined(
        "WholeImpact",
        ClusterImpact,
        ("whole", "nodes"),
        throughput=_CHANGE | None,
        latency=_CHANGE | None,
        nodes=_DICT[str, _IMPACT],
    )
    | None,
}
"""A diagnosis."""
COURSE: dict[str, Any] = {
    "incident": object_of(id=int, onset=float, nodes=list[str]) | None,
    "validated": Validation,
}
"""What a diagnosis of a cluster has beside that: the incident that goes on, and the hits so far."""
_CASE = joined(
    "CaseFacts",
    Case,
    ("name", "window", "period_s"),
    case=str,
    ticks=int,
    anomalies=list[str],
    nodes=list[str],
    **dict.fromkeys(("start", "end", "period"), float),
)
_INCIDENT = joined(
    "IncidentFacts",
    Incident,
    nodes=list[str],
    duration_s=float,
    impact=str | None,
    notes=list[IncidentNote],
    evidence=list[ObdiagEvidence],
)
_PAST = object_of(
    "PastFigures",
    source=str,
    read=float | None,
    problem=str,
    notes=list[str],
    period_s=float,
    age_s=float | None,
    values=_DICT[str, object_of(value=float, time=float, age_s=float)],
)
NODE: dict[str, Any] = {
    "node": str,
    "zone": str,
    "state": NodeState,
    "late": bool,
    "reasons": list[str],
    "past": _NOT_REQUIRED[_PAST],
    "values": dict[str, float],
}
"""A node at a tick."""
_INJECTED = object_of(
    plan=NotRequired[Plan],
    plans=_NOT_REQUIRED[LIST[joined("LaterPlan", Plan, start_s=float)]],
    injections=NotRequired[list[Injection]],
    parts=NotRequired[list[PartStatus]],
    presets=NotRequired[list[InjectionPreset]],
)
_EVALUATED = {
    name: kind for name, kind in hints_of(Evaluation).items() if name not in ("naming", "misrankings", "untrained")
}
_MEASURED = hints_of(hints_of(Evaluation)["naming"])
_EVALUATION = object_of(
    "EvaluationFacts",
    **_EVALUATED,
    **{name: kind for name, kind in _MEASURED.items() if name not in _EVALUATED},
    f1_by_anomaly=dict[str, float],
    misrankings=hints_of(Evaluation)["misrankings"],
    not_trained_on=list[str],
)
_RUN = joined("RunFacts", PastRun, injections=list[PastInjection])
_MODEL_LIST = object_of(
    "ModelList",
    models=dict[str, Path],
    use=str | None,
    facts=LIST[joined("ListedModel", ModelFacts, ("created",), created=str | None)],
)
_OBDIAG_CALLS = LIST[object_of(verb=str, name=str)]
_STATUSES = object_of("Workloads", workloads=list[WorkloadStatus])


@dataclass(frozen=True, slots=True)
class Shape:
    """What a verb prints with `--json`: one value, or a line for each of something.

    Attributes:
        each: what there is a line of; empty for one value.
    """

    kind: Any
    each: str = ""

    def schema(self) -> Schema:
        """The JSON Schema of the value, or of each line."""
        return schema_of(self.kind)


SHAPES = {
    "advice": Shape(dict[str, Advice]),
    "api": Shape(object_of(url=str, paths=list[str])),
    "audit": Shape(joined("AuditLine", AuditRecord, account=str, host=str, sudo_user=str), "operation"),
    "campaign run": Shape(
        object_of(
            **{name: _NOT_REQUIRED[kind] for name, kind in hints_of(Outcome).items()},
            campaign=NotRequired[str],
            seed=NotRequired[int],
            cases=NotRequired[list[PlannedCase]],
            expected_s=NotRequired[float],
        )
    ),
    "cases advise": Shape(object_of(reasons=list[str], campaign=dict[str, Any])),
    "cases collect": Shape(object_of(finished=int, statistics=Statistics | None)),
    "cases export": Shape(object_of(case=str), "case"),
    "cases import": Shape(object_of(case=str), "case"),
    "cases list": Shape(_CASE, "case"),
    "cases show": Shape(_CASE),
    "cases stats": Shape(joined("DatasetStatistics", Statistics, groups=int)),
    "clear": Shape(object_of(injections=list[Injection], seconds=float)),
    "config init": Shape(
        object_of(
            file=Path,
            name=str,
            nodes=list[NodeDraft],
            notes=list[str],
            host_keys=LIST[object_of(host=str, port=int, fingerprint=str, accepted=bool)],
            sql=list[str],
            sudoers=str,
            checks=_DOCTOR | None,
        )
    ),
    "config show": Shape(dict[str, Any]),
    "diagnose": Shape(
        object_of(**DIAGNOSIS, **{name: _NOT_REQUIRED[kind] for name, kind in COURSE.items()}), "tick or case"
    ),
    "doctor": Shape(_DOCTOR),
    "evaluate": Shape(_EVALUATION),
    "experiment compare": Shape(
        object_of(
            first=ExperimentResult, second=ExperimentResult, unlike=list[str], differences=list[ExperimentDifference]
        )
    ),
    "experiment list": Shape(object_of(experiments=list[ExperimentResult])),
    "experiment run": Shape(ExperimentResult),
    "experiment show": Shape(ExperimentResult),
    "export": Shape(
        object_of(
            **dict.fromkeys(("out", "start", "end", "cluster", "url"), NotRequired[str]),
            **dict.fromkeys(("ticks", "rows"), NotRequired[int]),
            **dict.fromkeys(("nodes", "metrics"), NotRequired[list[str]]),
        )
    ),
    "graph export": Shape(object_of(out=Path, nodes=int, time=float, anomalous=bool)),
    "incidents list": Shape(
        object_of(recording=Path, incidents=LIST[_INCIDENT], validated=object_of(right=int, total=int))
    ),
    "incidents note": Shape(object_of(incident=int, note=IncidentNote)),
    "incidents report": Shape(object_of(incident=int, report=str, out=Path | None, charts=list[Path])),
    "incidents show": Shape(object_of(**hints_of(_INCIDENT), verdicts=list[Verdict])),
    "incidents summary": Shape(object_of(out=Path, incidents=int)),
    "info": Shape(dict[str, str]),
    "inject": Shape(_INJECTED),
    "injections": Shape(object_of(injections=list[Injection])),
    "lab status": Shape(LabStatus),
    "lab up": Shape(LabStatus),
    "models": Shape(_MODEL_LIST),
    "models compare": Shape(_DICT[str, object_of(**hints_of(_EVALUATION), cases_trained_on=int)]),
    "models list": Shape(_MODEL_LIST),
    "models show": Shape(
        object_of(
            name=str,
            anomalies=list[str],
            metrics=list[str],
            training=Training,
            thresholds=_DICT[str, object_of(past=float, level=float)],
            look_alikes=object_of(anomalies=list[str], metrics=list[str], missing=list[str]) | None,
            evaluation=dict[str, Any],
            warning=str,
            lacking=list[LackingMetrics],
        )
    ),
    "obdiag check": Shape(list[ObdiagEvidence]),
    "obdiag list": Shape(_DICT[str, _OBDIAG_CALLS]),
    "obdiag rca": Shape(list[ObdiagEvidence]),
    "obdiag sysstat": Shape(LIST[joined("TsarHistory", SysstatHistory, period_s=float)]),
    "parameters": Shape(ParameterReport),
    "record": Shape(joined("EventLine", Event, ("time_s", "data"), time=float), "event"),
    "replay": Shape(
        object_of(
            runs=LIST[object_of(run=str, path=str, ticks=int, start=float, lasted_s=int, incidents=int, problem=str)]
        )
    ),
    "serve": Shape(object_of(url=str, host=str, port=int)),
    "sessions kill": Shape(SessionEnd),
    "sessions list": Shape(SessionList),
    "sessions top-sql": Shape(TopSql),
    "tenants": Shape(object_of(view=str, limits=str, tenants=LIST[joined("TenantFacts", Tenant, watched=bool)])),
    "train": Shape(object_of(model=Path, anomalies=list[str], cases=int, windows=int, seconds=float)),
    "watch": Shape(object_of(time=float, simulated=bool, **NODE), "node and tick"),
    **{
        f"workload check {kind}": Shape(object_of(holds=bool, nodes=dict[str, list[Finding]]))
        for kind in ("sysbench", "tpcc", "tpch")
    },
    "workload compare": Shape(
        object_of(
            before=_RUN,
            after=_RUN,
            unlike=list[str],
            differences=LIST[joined("RunDifference", Difference, change=float, percent=float)],
        )
    ),
    "workload history": Shape(object_of(runs=LIST[_RUN])),
    "workload status": Shape(object_of(workloads=list[WorkloadStatus], problems=list[str])),
    "workload stop": Shape(_STATUSES),
    **{
        f"workload {verb} {kind}": Shape(_STATUSES)
        for verb in ("prepare", "start", "cleanup")
        for kind in ("sysbench", "tpcc", "tpch")
    },
}


def mismatches_of_facts(verb: str, facts: object) -> list[str]:
    """Where what a verb would print with `--json` is not of its shape."""
    return list(mismatches(plain(facts), SHAPES[verb].schema()))


def mismatches_of(arguments: Sequence[str], printed: str) -> list[str]:
    """Where what a command line printed on stdout with `--json` is not of its shape."""
    verb = verb_of(arguments)
    # A group that lists where it is called alone, or with what it lists.
    shape = SHAPES.get(verb) or SHAPES[f"{verb} list"]
    lines = [json.loads(line) for line in printed.split("\n") if line]
    found = [f"{len(lines)} values instead of one"] if not shape.each and len(lines) != 1 else []
    return [*found, *(f"{verb}: {each}" for line in lines for each in mismatches(line, shape.schema()))]
