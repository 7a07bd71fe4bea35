"""Objects of Chaos Mesh: made for injections, and read from the API server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from distdiag_core.anomalies.injection import Injection, InjectionState, severity_of
from distdiag_core.anomalies.manifest import Kind
from distdiag_core.errors import DataError
from distdiag_core.metrics import clock
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.anomalies.injection import InjectionRequest

RESOURCES = {kind: f"{kind.lower()}.chaos-mesh.org" for kind in get_args(Kind)}
OURS = "app.kubernetes.io/managed-by=distdiag"
# While its value is true, Chaos Mesh does nothing about the object.
PAUSE_ANNOTATION = "experiment.chaos-mesh.org/pause"
ID = "distdiag/id"
NODE = "distdiag/node"
CLUSTER = "distdiag/cluster"
_ANOMALY = "distdiag/anomaly"
_SEVERITY = "distdiag/severity"
_OWNER = "distdiag/owner"
_DEADLINE = "distdiag/deadline"

# The controller reacts within a second or two; one that is this late no longer does.
_GRACE_S = 10
_WHERE = "an object of Chaos Mesh in the answer of kubectl"
_NO_FINALIZERS = '{"metadata":{"finalizers":null}}'
_SECONDS = re.compile(r"([0-9]{1,9})s", re.ASCII)


def manifest(
    request: InjectionRequest, cluster: str, node: str, name: str, kind: Kind, spec: Mapping[str, Any]
) -> dict[str, Any]:
    """The object for an injection called `name`. It is paused, so that one that arrives late does nothing."""
    return {
        "apiVersion": "chaos-mesh.org/v1alpha1",
        "kind": kind,
        "metadata": {
            "name": f"distdiag-{name}",
            "labels": {**dict([OURS.split("=")]), ID: name, _SEVERITY: request.severity},
            "annotations": {_ANOMALY: request.anomaly, CLUSTER: cluster, NODE: node, PAUSE_ANNOTATION: "true"},
        },
        "spec": dict(spec),
    }


def owned(manifest: Mapping[str, Any], owner: str, deadline_s: float) -> dict[str, Any]:
    """A manifest with the owner and the deadline, which are known only when the injection starts."""
    deadline = datetime.fromtimestamp(deadline_s, UTC).isoformat(timespec="milliseconds")
    annotations = manifest["metadata"]["annotations"] | {_OWNER: owner, _DEADLINE: deadline}
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}


@dataclass(frozen=True, slots=True)
class ChaosObject:
    """An object of an injection on the API server.

    Attributes:
        created_s, deadline_s, deleted_s: seconds since the epoch; a deleted one still waits for its finalizers.
        phase: desired by Chaos Mesh: Run or Stop.
        failure: the last operation that failed on its pods and has not succeeded since.
    """

    kind: Kind
    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    selector: Mapping[str, Any]
    created_s: float
    deadline_s: float
    deleted_s: float | None
    conditions: Mapping[str, bool]
    phase: str
    failure: str

    @property
    def id(self) -> str:
        """The id of the injection."""
        return self.labels.get(ID) or self.name.removeprefix("distdiag-")

    @property
    def reference(self) -> str:
        """Its name on a command line of kubectl."""
        return f"{RESOURCES[self.kind]}/{self.name}"

    @property
    def paused(self) -> bool:
        """It has no effect until it is resumed."""
        return self.annotations.get(PAUSE_ANNOTATION) == "true"

    def ended(self, now_s: float) -> bool:
        """Its duration has passed and its effect is gone; Chaos Mesh keeps the object as a record."""
        recovered = self.phase == "Stop" and self.conditions.get("AllRecovered", False)
        return self.deleted_s is None and recovered and (not self.paused or now_s >= self.deadline_s)

    def injection(self, node: str, now_s: float) -> Injection:
        """The injection on `node` that it is."""
        state, detail = self._state(now_s)
        return Injection(
            id=self.id,
            anomaly=self.annotations.get(_ANOMALY) or "unknown",
            node=node,
            severity=severity_of(self.labels.get(_SEVERITY, "")),
            state=state,
            started_s=clock.of_wall_s(self.created_s),
            deadline_s=clock.of_wall_s(self.deadline_s),
            owner=self.annotations.get(_OWNER) or "unknown",
            detail=detail,
        )

    def _state(self, now_s: float) -> tuple[InjectionState, str]:
        if self.deleted_s is not None:
            late_s = now_s - self.deleted_s
            return (InjectionState.ORPHANED, self.stuck(late_s)) if late_s > _GRACE_S else (InjectionState.CLEARING, "")
        if now_s > self.deadline_s + _GRACE_S:
            why = self.failure or "the controller of Chaos Mesh may not be running"
            return InjectionState.ORPHANED, f"its deadline passed {now_s - self.deadline_s:.0f} s ago: {why}"
        if now_s >= self.deadline_s:
            return InjectionState.CLEARING, ""
        return InjectionState.ACTIVE, self.progress()

    def progress(self) -> str:
        """How far Chaos Mesh has come with an object that is to be active."""
        if self.paused:
            return "paused: it does nothing until somebody resumes it"
        if self.conditions.get("AllInjected"):
            return f"by {self.kind}"
        if not self.conditions:
            return "Chaos Mesh has not taken it up: its controller may not be running"
        if not self.conditions.get("Selected"):
            return "Chaos Mesh finds no pod for it"
        return f"not on its pod: {self.failure}" if self.failure else "not on its pod yet"

    def stuck(self, late_s: float) -> str:
        """Why a deleted object still exists, and what to do about it."""
        why = f"; {self.failure}" if self.failure else ""
        patch = f"kubectl patch {self.reference} --type=merge -p '{_NO_FINALIZERS}'"
        return (
            f"deleted {late_s:.0f} s ago, but its finalizer chaos-mesh/records holds it{why}; see that chaos-daemon "
            f"runs on the host of the pod; where the pod is gone, and the effect with it, remove the finalizer: {patch}"
        )


@dataclass(frozen=True, slots=True)
class _Metadata:
    name: str
    creationTimestamp: str
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    deletionTimestamp: str | None = None


@dataclass(frozen=True, slots=True)
class _Spec:
    selector: dict[str, Any]
    duration: Any = None


@dataclass(frozen=True, slots=True)
class _Condition:
    type: str
    status: str


@dataclass(frozen=True, slots=True)
class _Event:
    type: str
    operation: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Record:
    id: str = "its pod"
    events: tuple[_Event, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Experiment:
    desiredPhase: str = ""
    containerRecords: tuple[_Record, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Status:
    conditions: tuple[_Condition, ...] | None = None
    experiment: _Experiment | None = None


@dataclass(frozen=True, slots=True)
class _Item:
    kind: Kind
    metadata: _Metadata
    spec: _Spec
    status: _Status | None = None


def read(item: Mapping[str, Any]) -> ChaosObject:
    """An object as `kubectl get -o json` prints it.

    Raises:
        DataError: it is malformed.
    """
    found = json_document.checked(item, _Item, where=_WHERE)
    metadata, status = found.metadata, found.status or _Status()
    experiment = status.experiment or _Experiment()
    annotations = metadata.annotations or {}
    try:
        created_s = _time_s(metadata.creationTimestamp)
        deleted_s = None if metadata.deletionTimestamp is None else _time_s(metadata.deletionTimestamp)
        deadline_s = _deadline_s(annotations.get(_DEADLINE), created_s, found.spec.duration)
    except (ValueError, OverflowError) as error:
        raise DataError("is damaged: a time is none", where=_WHERE) from error
    return ChaosObject(
        kind=found.kind,
        name=metadata.name,
        labels=metadata.labels or {},
        annotations=annotations,
        selector=found.spec.selector,
        created_s=created_s,
        deadline_s=deadline_s,
        deleted_s=deleted_s,
        conditions={each.type: each.status == "True" for each in status.conditions or ()},
        phase=experiment.desiredPhase,
        failure=_failure(experiment.containerRecords or ()),
    )


def _time_s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _deadline_s(text: str | None, created_s: float, duration: object) -> float:
    if text is not None:
        try:
            return _time_s(text)
        except ValueError:
            pass
    # Where the annotation was lost, by the duration, as Chaos Mesh does.
    seconds = _SECONDS.fullmatch(str(duration))
    return created_s + (int(seconds[1]) if seconds else 0)


def _failure(records: Iterable[_Record]) -> str:
    for record in records:
        if record.events and record.events[-1].type == "Failed":
            last = record.events[-1]
            return f"{last.operation.lower()} failed on {record.id}: {last.message}"
    return ""
