"""The last injection that was confirmed on a cluster from this machine, as the audit log has it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from distdiag_core.anomalies import notation
from distdiag_core.anomalies.compound import CompoundPart, CompoundRequest
from distdiag_core.anomalies.injection import InjectionRequest, severity_of
from distdiag_core.errors import ConfigError
from distdiag_core.recording import audit_log

if TYPE_CHECKING:
    from distdiag_core.recording.audit_log import AuditRecord


def last(cluster: str) -> CompoundRequest | None:
    """What was injected last, also where it failed; None where nothing was, or only what was refused.

    Raises:
        DataError: the audit log cannot be read.
    """
    for entry in reversed(audit_log.read(cluster=cluster).entries):
        if entry.record.result != "refused" and (found := _request(entry.record)) is not None:
            return found
    return None


def _request(record: AuditRecord) -> CompoundRequest | None:
    """The request of a record; None for a record of another kind, of a part of a whole, or of a later release."""
    parameters = record.parameters
    match record.what, parameters:
        case "inject compound", {"parts": [*parts]}:
            with suppress(ConfigError):
                read = (notation.parse(str(each), (), "high", 0.0) for each in parts)
                return CompoundRequest(tuple(read), str(parameters.get("preset", "")))
        case "inject", {"anomaly": str(anomaly), "duration_s": float() | int() as duration_s}:
            if "act" not in parameters:
                severity = severity_of(str(parameters.get("severity")))
                return CompoundRequest((CompoundPart(InjectionRequest(anomaly, record.nodes, severity, duration_s)),))
        case _:
            pass
    return None
