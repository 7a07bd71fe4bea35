"""Statistics of a dataset on the disk, counted again only for changed cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.dataset import statistics
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.dataset.statistics import CaseCounts, Statistics


class DatasetInventory:
    """The inventory of the case directories in `directory`.

    Attributes:
        problem: why a case could not be counted; empty where all were.
    """

    def __init__(self, directory: Path, balance_points: float = statistics.BALANCE_POINTS) -> None:
        self._directory = directory
        self._points = balance_points
        # By case directory: the time of its last change, and its count.
        self._counts: dict[Path, tuple[int, CaseCounts | None]] = {}
        self._statistics: Statistics | None = None
        self.problem = ""

    def statistics(self) -> Statistics:
        """The statistics of all readable cases.

        Raises:
            DataError: the directory cannot be read.
        """
        changed = self._changed()
        if self._statistics is not None and changed == {path: when for path, (when, _) in self._counts.items()}:
            return self._statistics
        known, self.problem = self._counts, ""
        self._counts = {}
        for path, when in changed.items():
            before = known.get(path)
            self._counts[path] = before if before and before[0] == when and before[1] else (when, self._count(path))
        self._statistics = statistics.total((count for _, count in self._counts.values() if count), self._points)
        return self._statistics

    def _changed(self) -> dict[Path, int]:
        if not self._directory.is_dir():
            return {}
        return {
            path: when
            for path in case_directory.directories(self._directory)
            if (when := case_directory.changed_ns(path))
        }

    def _count(self, path: Path) -> CaseCounts | None:
        try:
            return statistics.count(case_directory.outline(path))
        except DistdiagError as error:
            self.problem = str(error)
            return None
