"""The cases that consoles have not finished, noted on the disk, so that a kill loses nothing that was recorded."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import psutil
from annotated_types import Ge, Lt

from distdiag_core.dataset.building.case_timeline import CaseTimeline  # noqa: TC001 - read from a file as well
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The cases that one console has not finished.

    Attributes:
        recording: the file with their ticks.
        pid, born_s: of its process; both tell it from a later process of the same number.
        cases: open ones, and ended ones that are not in the dataset yet.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    cluster: str
    recording: str
    pid: Annotated[int, Ge(1), Lt(2**31)]
    born_s: float
    cases: tuple[CaseTimeline, ...]


class UnfinishedCases:
    """The notes of all consoles of this machine on one cluster, in `directory`; this console writes its own.

    Args:
        recording: of this console; None where it makes no cases.
    """

    def __init__(self, directory: Path, cluster: str, recording: Path | None = None) -> None:
        self._directory = directory
        self._cluster = cluster
        self._recording = recording
        self._pid = os.getpid()
        self._file = directory / f"{cluster}-{self._pid}.json"
        self._written: tuple[CaseTimeline, ...] = ()

    def write(self, cases: tuple[CaseTimeline, ...]) -> None:
        """Note the cases that are unfinished now.

        Raises:
            DataError: the disk refused.
        """
        if cases == self._written:
            return
        note = Unfinished(self._cluster, str(self._recording or ""), self._pid, psutil.Process().create_time(), cases)
        fresh = self._file.with_suffix(".new")
        try:
            if cases:
                self._directory.mkdir(parents=True, exist_ok=True)
                fresh.write_text(json.dumps(asdict(note)), encoding="utf-8")
                fresh.replace(self._file)
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise DataError(f"cannot be written: {error.strerror or error}", where=str(self._file)) from error
        self._written = cases

    def left_behind(self) -> Iterator[tuple[Path, Unfinished]]:
        """The notes of consoles of this cluster that were killed; damaged notes are removed."""
        for path, note in _readable(self._directory, self._cluster):
            if note.cluster == self._cluster and not _lives(note):
                yield path, note


def recordings_needed(directory: Path) -> frozenset[Path]:
    """The recordings that cases are yet to be built from, by the notes of all consoles in `directory`."""
    return frozenset(Path(note.recording) for _, note in _readable(directory) if note.recording)


def _readable(directory: Path, cluster: str = "*") -> Iterator[tuple[Path, Unfinished]]:
    for path in sorted(directory.glob(f"{cluster}-*.json")):
        try:
            yield path, loader.load(path, Unfinished)
        except ConfigError:
            # Where it cannot be removed, it is skipped again next time.
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _lives(note: Unfinished) -> bool:
    with contextlib.suppress(psutil.Error):
        return abs(psutil.Process(note.pid).create_time() - note.born_s) < 1
    return False
