"""The state of the recording that is being written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """The file that is being written; `problem` says why rows cannot be written, empty where they can."""

    path: str
    started_s: float
    size_bytes: int
    problem: str = ""
