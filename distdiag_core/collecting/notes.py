"""What is being collected at the moment, noted on the disk, so that a kill loses nothing that the recording has."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import psutil

from distdiag_core.errors import ConfigError, DataError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class OpenLabel:
    """An anomaly that has been there since a tick, and is there up to its deadline at the most."""

    anomaly: str
    node: str
    start_s: float
    deadline_s: float
    severity: str


@dataclass(frozen=True, slots=True)
class OpenStretch:
    """A case that is not finished.

    Attributes:
        start_s: its first tick.
        asked_s: from here on it is not normal any more; None where it is normal all through.
    """

    name: str
    group: str
    start_s: float
    load: str
    asked_s: float | None = None
    labels: tuple[OpenLabel, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What one console has open.

    Attributes:
        recording: where its ticks are; empty where they are nowhere.
        pid, born_s: of its process; both tell it from a later one of the same number.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    cluster: str
    recording: str
    pid: int
    born_s: float
    stretches: tuple[OpenStretch, ...]


class Notes:
    """The notes of all consoles of this machine, in `directory`; this one writes its own."""

    def __init__(self, directory: Path, cluster: str, recording: str) -> None:
        self._directory = directory
        self._cluster = cluster
        self._recording = recording
        self._pid = os.getpid()
        self._file = directory / f"{cluster}-{self._pid}.json"
        self._written: tuple[OpenStretch, ...] = ()

    def write(self, stretches: tuple[OpenStretch, ...]) -> None:
        """Note what is open now.

        Raises:
            DataError: the disk refused.
        """
        if stretches == self._written:
            return
        note = Note(self._cluster, self._recording, self._pid, psutil.Process().create_time(), stretches)
        fresh = self._file.with_suffix(".new")
        try:
            if stretches:
                self._directory.mkdir(parents=True, exist_ok=True)
                fresh.write_text(json.dumps(asdict(note)), encoding="utf-8")
                fresh.replace(self._file)
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise DataError(f"cannot be written: {error.strerror or error}", where=str(self._file)) from error
        self._written = stretches

    def left_behind(self) -> Iterator[tuple[Path, Note]]:
        """The notes of consoles of this cluster that were killed; what is damaged is removed."""
        for path in sorted(self._directory.glob(f"{self._cluster}-*.json")):
            try:
                note = loader.load(path, Note)
            except ConfigError:
                # Where it cannot be removed, it is passed over again next time.
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
                continue
            if note.cluster == self._cluster and not _lives(note):
                yield path, note


def _lives(note: Note) -> bool:
    with contextlib.suppress(psutil.Error):
        return abs(psutil.Process(note.pid).create_time() - note.born_s) < 1
    return False
