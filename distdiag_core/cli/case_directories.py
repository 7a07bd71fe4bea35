"""How the verbs on cases find what they are told about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.cli.output import say
from distdiag_core.errors import ConfigError, DataError, DistdiagError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case


def path_of(case: str) -> Path:
    """The directory of a case: its name in the dataset, or a path.

    Raises:
        ConfigError: there is none.
    """
    from distdiag_core import places
    from distdiag_core.dataset.case_files import case_directory

    for path in (places.cases_dir() / case, Path(case)):
        if case_directory.is_case(path):
            return path
    raise ConfigError("there is no such case", where=case, hint="`distdiag cases list` shows what there is")


def outlines(directory: Path | None) -> list[Case]:
    """The cases in `directory`, or in the dataset, without their figures; what cannot be read is told.

    Raises:
        ConfigError: there are none.
    """
    from distdiag_core import places
    from distdiag_core.dataset.case_files import case_directory

    where = directory or places.cases_dir()
    found = [case for path in paths_in(where) if (case := _told(case_directory.outline, path))]
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


def _told(read: Callable[[Path], Case], path: Path) -> Case | None:
    try:
        return read(path)
    except DistdiagError as error:
        say(f"note: left out: {error}")
        return None
