"""Validation problems of a campaign file, all named at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from distdiag_core.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"[A-Za-z0-9_.]+(-[A-Za-z0-9_.]+)*")


def refuse(*problems: Iterator[str]) -> None:
    """Refuse a value that has problems.

    Raises:
        ValueError: names all of them.
    """
    found = [problem for each in problems for problem in each]
    if found:
        raise ValueError("; ".join(found))


def at_least(least: float, **values: float) -> Iterator[str]:
    """The problems of named values below `least`."""
    # Written so that NaN, which compares with nothing, is refused as well.
    return (f"{name} must be at least {least:g}, not {value:g}" for name, value in values.items() if not value >= least)


def empty(**lists: tuple[object, ...]) -> Iterator[str]:
    """The problems of named lists without an entry."""
    return (f"{name} is empty" for name, entries in lists.items() if not entries)


def unfit_names(*names: str) -> Iterator[str]:
    """The problems of names that are unsafe for a directory."""
    for name in names:
        if not _NAME.fullmatch(name):
            yield f"{quoted(name)} is no name: letters, digits, `_`, `.` and single `-` between them"
