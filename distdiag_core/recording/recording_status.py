"""How the recording goes, as a screen shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """The recording that is being written; `problem` says why nothing can be written at the moment."""

    path: str
    started_s: float
    size_bytes: int
    problem: str = ""
