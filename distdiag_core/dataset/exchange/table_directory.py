"""Directories of tables, such as a file a day in a directory a month, and the names of their cases."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.exchange import table_files
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_dataset(directory: Path) -> bool:
    """Whether `directory` is a case or has one, so that its other directories should be cases, too."""
    if case_directory.is_case(directory):
        return True
    return any(case_directory.is_case(path) for path in case_directory.directories(directory))


def tables_in(directory: Path) -> dict[Path, str]:
    """The tables below `directory` in the order of their paths, each with a name for its case that no other one has.

    A case is called for the path of its file: `2023-11/14.csv` becomes `2023-11-14`. Where two would have one
    name, they get the extension as well, and where that is the same, a number.

    Raises:
        DataError: a directory cannot be read.
    """
    paths = sorted(_files(directory))
    short = {path: _joined((*path.relative_to(directory).parts[:-1], table_files.stem(path))) for path in paths}
    # Some file systems do not tell upper from lower case.
    times = Counter(name.casefold() for name in short.values())
    full = {path: _joined(path.relative_to(directory).parts) for path in paths}
    wanted = {path: full[path] if times[name.casefold()] > 1 else name for path, name in short.items()}
    return _unique(wanted)


def _files(directory: Path) -> Iterable[Path]:
    def refuse(error: OSError) -> None:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(error.filename)) from error

    for parent, directories, names in os.walk(directory, onerror=refuse):
        directories[:] = [name for name in directories if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if not name.startswith(".") and table_files.is_table_name(path):
                yield path


def _joined(parts: Iterable[str]) -> str:
    return "-".join(parts)


def _unique(wanted: dict[Path, str]) -> dict[Path, str]:
    taken: set[str] = set()
    names: dict[Path, str] = {}
    for path, name in wanted.items():
        number, unique = 2, name
        while unique.casefold() in taken:
            number, unique = number + 1, f"{name}-{number}"
        taken.add(unique.casefold())
        names[path] = unique
    return names
