"""One object of Chaos Mesh: as we write it, and what it means to us as the API server has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from distdiag_core.anomalies.injection import SEVERITIES, Injection, InjectionState, Severity
from distdiag_core.anomalies.manifest import Kind
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.anomalies.injection import InjectionRequest

RESOURCES = {kind: f"{kind.lower()}.chaos-mesh.org" for kind in get_args(Kind)}
OURS = "app.kubernetes.io/managed-by=distdiag"
# While it says true, Chaos Mesh does nothing about the object.
PAUSE = "experiment.chaos-mesh.org/pause"
ID = "distdiag/id"
NODE = "distdiag/node"
CLUSTER = "distdiag/cluster"
_ANOMALY = "distdiag/anomaly"
_SEVERITY = "distdiag/severity"
_OWNER = "distdiag/owner"
_DEADLINE = "distdiag/deadline"

# Its controller reacts within a second or two; one that is this late is not coming.
_GRACE_S = 10
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
            "annotations": {_ANOMALY: request.anomaly, CLUSTER: cluster, NODE: node, PAUSE: "true"},
        },
        "spec": dict(spec),
    }


def owned(manifest: Mapping[str, Any], owner: str, deadline_s: float) -> dict[str, Any]:
    """The same with what is known only when it begins."""
    deadline = datetime.fromtimestamp(deadline_s, UTC).isoformat(timespec="milliseconds")
    annotations = manifest["metadata"]["annotations"] | {_OWNER: owner, _DEADLINE: deadline}
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}


@dataclass(frozen=True, slots=True)
class ChaosObject:
    """What the API server has.

    Attributes:
        created_s, deadline_s, deleted_s: seconds since the epoch; deleted is one that only waits for its finalizers.
        phase: what Chaos Mesh is at: Run or Stop.
        failure: what last failed on its pods, and has not succeeded since.
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
        """Of the injection."""
        return self.labels.get(ID) or self.name.removeprefix("distdiag-")

    @property
    def reference(self) -> str:
        """As kubectl wants it."""
        return f"{RESOURCES[self.kind]}/{self.name}"

    @property
    def paused(self) -> bool:
        """It does nothing, and will do nothing until somebody lets it go on."""
        return self.annotations.get(PAUSE) == "true"

    def ended(self, now_s: float) -> bool:
        """Its time is up and its effect is gone; Chaos Mesh leaves the object as a record."""
        recovered = self.phase == "Stop" and self.conditions.get("AllRecovered", False)
        return self.deleted_s is None and recovered and (not self.paused or now_s >= self.deadline_s)

    def injection(self, node: str, now_s: float) -> Injection:
        """What it is to us, on `node`."""
        state, detail = self._state(now_s)
        severity = self.labels.get(_SEVERITY)
        return Injection(
            id=self.id,
            anomaly=self.annotations.get(_ANOMALY) or "unknown",
            node=node,
            severity=_severity(severity),
            state=state,
            started_s=self.created_s,
            deadline_s=self.deadline_s,
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
        """How far it has come, for one that is to be active."""
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
        """Why it is still there, and what to do."""
        why = f"; {self.failure}" if self.failure else ""
        patch = f"kubectl patch {self.reference} --type=merge -p '{_NO_FINALIZERS}'"
        return (
            f"deleted {late_s:.0f} s ago, but its finalizer chaos-mesh/records holds it{why}; see that chaos-daemon "
            f"runs on the host of the pod; where the pod is gone, and the effect with it, remove the finalizer: {patch}"
        )


def read(item: Mapping[str, Any]) -> ChaosObject:
    """An object as `kubectl get -o json` prints it.

    Raises:
        DataError: that is not what it is.
    """
    try:
        metadata, status = item["metadata"], item.get("status") or {}
        experiment = status.get("experiment") or {}
        created_s = _time_s(metadata["creationTimestamp"])
        annotations = metadata.get("annotations") or {}
        deleted = metadata.get("deletionTimestamp")
        return ChaosObject(
            kind=next(kind for kind in RESOURCES if kind == item["kind"]),
            name=metadata["name"],
            labels=metadata.get("labels") or {},
            annotations=annotations,
            selector=item["spec"]["selector"],
            created_s=created_s,
            deadline_s=_deadline_s(annotations.get(_DEADLINE), created_s, item["spec"].get("duration")),
            deleted_s=None if deleted is None else _time_s(deleted),
            conditions={each["type"]: each["status"] == "True" for each in status.get("conditions") or ()},
            phase=experiment.get("desiredPhase", ""),
            failure=_failure(experiment.get("containerRecords") or ()),
        )
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, StopIteration) as error:
        raise DataError(f"not an object of Chaos Mesh: {str(item)[:80]}", where="the answer of kubectl") from error


def _time_s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _deadline_s(text: str | None, created_s: float, duration: object) -> float:
    if text is not None:
        try:
            return _time_s(text)
        except ValueError:
            pass
    # One whose annotation was lost; Chaos Mesh itself goes by the duration.
    seconds = _SECONDS.fullmatch(str(duration))
    return created_s + (int(seconds[1]) if seconds else 0)


def _failure(records: Any) -> str:  # noqa: ANN401 - what an answer may hold
    for record in records:
        events = record.get("events") or ()
        if events and events[-1]["type"] == "Failed":
            last = events[-1]
            return (
                f"{str(last['operation']).lower()} failed on {record.get('id', 'its pod')}: {last.get('message', '')}"
            )
    return ""


def _severity(text: str | None) -> Severity:
    # The worst, where a damaged object does not say.
    return next((severity for severity in SEVERITIES if severity == text), "high")
