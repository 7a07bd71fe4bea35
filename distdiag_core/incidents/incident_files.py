"""Incidents of a recording: written as plain values, read and validated."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core.errors import ConfigError, DataError
from distdiag_core.incidents.incident import Incident, Verdict, VerdictCause
from distdiag_core.obdiag.evidence import ObdiagEvidence
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.recording.reader import Recording
    from distdiag_core.recording.stored_incidents import IncidentNote, StoredIncident


@dataclass(frozen=True, slots=True)
class RecordedIncident:
    """An incident with its verdicts over time, the notes of operators, and what obdiag found when it was asked."""

    incident: Incident
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[IncidentNote, ...] = ()
    evidence: tuple[ObdiagEvidence, ...] = ()


def incident_data(incident: Incident) -> dict[str, Any]:
    """An incident as plain values, without its id."""
    data = asdict(incident)
    del data["id"]
    return data


def verdict_data(verdict: Verdict) -> list[Any]:
    """The causes of a verdict as plain values."""
    return [asdict(cause) for cause in verdict.causes]


def keep_evidence(path: Path, number: int, author: str, found: ObdiagEvidence) -> None:
    """Add what obdiag found to an incident of the recording at `path`, also while its run goes on.

    Raises:
        DataError: it cannot be written.
    """
    # The first paint of the console imports this module, and does without SQLite.
    from distdiag_core.recording.stored_incidents import add_evidence

    add_evidence(path, number, found.time_s, author, asdict(found))


def incidents_of(recording: Recording, *, whole: bool = True) -> tuple[RecordedIncident, ...]:
    """The incidents of a recording, oldest first.

    Args:
        whole: with their verdicts.

    Raises:
        DataError: it is damaged.
    """
    try:
        return tuple(_read(each, str(recording.path)) for each in recording.incidents(whole=whole))
    except ConfigError as error:
        raise DataError(
            f"holds an incident that cannot be read: {error}", where=str(recording.path), hint="it is damaged"
        ) from error


def _read(stored: StoredIncident, where: str) -> RecordedIncident:
    data = {"id": stored.id, **stored.data} if isinstance(stored.data, dict) else stored.data
    incident = loader.validate(data, Incident, where=where)
    verdicts = (
        Verdict(time_s, loader.validate(causes, tuple[VerdictCause, ...], where=where))
        for time_s, causes in stored.verdicts
    )
    evidence = (loader.validate(found, ObdiagEvidence, where=where) for _, found in stored.evidence)
    return RecordedIncident(incident, tuple(verdicts), stored.notes, tuple(evidence))
