"""The cases of the dataset as they are on file, without their figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Case


@dataclass(frozen=True, slots=True)
class CaseSummaries:
    """The newest case first; of those that cannot be read, why."""

    cases: tuple[Case, ...]
    damaged: tuple[str, ...]


def read() -> CaseSummaries:
    """Read the summaries of all cases of the dataset, which may take seconds.

    Raises:
        DataError: the directory of the dataset cannot be read.
    """
    directory = places.cases_dir()
    found: list[Case] = []
    damaged: list[str] = []
    for path in case_directory.directories(directory) if directory.is_dir() else ():
        try:
            found.append(case_directory.outline(path))
        except DistdiagError as error:
            damaged.append(str(error))
    found.sort(key=lambda case: float(case.window.times_s[-1]), reverse=True)
    return CaseSummaries(tuple(found), tuple(damaged))
