"""The history of benchmark runs, each with the injections of the audit log that overlap it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.recording import audit_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from distdiag_core.recording.audit_log import AuditRecord
    from distdiag_core.workloads.clients.run_log import PastRun


@dataclass(frozen=True, slots=True)
class PastInjection:
    """An injection that was made from this machine; times in seconds since the epoch.

    Attributes:
        ended_s: when it was cleared; else its deadline.
    """

    id: str
    anomaly: str
    node: str
    severity: str
    began_s: float
    ended_s: float


@dataclass(frozen=True, slots=True)
class RunWithInjections:
    """A run, and the injections that overlap it."""

    run: PastRun
    injections: tuple[PastInjection, ...]


def beside_injections(runs: Sequence[PastRun], cluster: str) -> tuple[RunWithInjections, ...]:
    """The runs on a cluster, each with the injections that overlap it.

    Raises:
        DataError: the audit log cannot be read.
    """
    injections = injections_of(entry.record for entry in audit_log.read(cluster=cluster).entries) if runs else ()
    return tuple(RunWithInjections(run, tuple(each for each in injections if _overlap(each, run))) for run in runs)


def injections_of(acts: Iterable[AuditRecord]) -> tuple[PastInjection, ...]:
    """What was injected, by the acts of the audit log in their order."""
    found: dict[str, PastInjection] = {}
    for act in acts:
        match act.what:
            case "inject":
                found |= {each.id: each for each in _injected(act)}
            case "clear" | "abort":
                _end(found, [str(name) for name in act.parameters.get("ids", ())], act)
            case "clear all":
                _end(found, tuple(found), act)
    return tuple(found.values())


def _injected(act: AuditRecord) -> Iterator[PastInjection]:
    parameters = act.parameters
    duration_s = parameters.get("duration_s")
    if act.result != "done" or not isinstance(duration_s, (int, float)):
        return
    anomaly, severity = str(parameters.get("anomaly")), str(parameters.get("severity"))
    until_s = act.began_s + act.duration_s + duration_s
    for name, node in zip(parameters.get("ids", ()), act.nodes, strict=False):
        yield PastInjection(str(name), anomaly, node, severity, act.began_s, until_s)


def _end(found: dict[str, PastInjection], names: Iterable[str], act: AuditRecord) -> None:
    ended_s = act.began_s + act.duration_s
    for name in names:
        before = found.get(name)
        if before is not None and before.ended_s > ended_s:
            found[name] = PastInjection(name, before.anomaly, before.node, before.severity, before.began_s, ended_s)


def _overlap(injection: PastInjection, run: PastRun) -> bool:
    return injection.ended_s > run.began_s and (run.ended_s is None or injection.began_s < run.ended_s)
