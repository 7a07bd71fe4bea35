"""Lookup of the cases that the verbs on cases name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.cli.output import say
from distdiag_core.errors import ConfigError, DataError, DistdiagError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case


def path_of(case: str) -> Path:
    """The directory of a case, from its name in the dataset or its path.

    Raises:
        ConfigError: there is no such case.
    """
    from distdiag_core import places
    from distdiag_core.dataset.case_files import case_directory

    for path in (places.cases_dir() / case, Path(case)):
        if case_directory.is_case(path):
            return path
    raise ConfigError("there is no such case", where=case, hint="`distdiag cases list` shows what there is")


def has_dataset() -> bool:
    """Whether there is a case in the dataset of this machine."""
    from distdiag_core import places
    from distdiag_core.dataset.case_files import case_directory

    directory = places.cases_dir()
    return directory.is_dir() and bool(case_directory.directories(directory))


def outlines(directory: Path | None) -> list[Case]:
    """The cases in `directory`, or in the dataset, without their metrics; unreadable ones are named on stderr.

    Raises:
        ConfigError: there are none.
    """
    from distdiag_core import places
    from distdiag_core.dataset.case_files import case_directory

    where = directory or places.cases_dir()
    found = [case for path in paths_in(where) if (case := _read_or_note(case_directory.outline, path))]
    if not found:
        raise ConfigError("there are no cases that can be read", where=str(where))
    return found


def paths_in(where: Path) -> list[Path]:
    """The case directories in `where`.

    Raises:
        ConfigError: there are none.
    """
    from distdiag_core.dataset.case_files import case_directory

    try:
        return list(case_directory.found(case_directory.dataset(where)))
    except DataError as error:
        raise ConfigError(error.what, where=error.where, hint=error.hint) from error


def _read_or_note(read: Callable[[Path], Case], path: Path) -> Case | None:
    try:
        return read(path)
    except DistdiagError as error:
        say(f"note: left out: {error}")
        return None
