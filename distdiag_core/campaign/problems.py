"""The problems of a value of a campaign file, all of them named at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"[A-Za-z0-9_.]+(-[A-Za-z0-9_.]+)*")


def refuse(*problems: Iterator[str]) -> None:
    """Raise what they say, if they say anything.

    Raises:
        ValueError: there is a problem; it names all.
    """
    found = [problem for each in problems for problem in each]
    if found:
        raise ValueError("; ".join(found))


def at_least(least: float, **figures: float) -> Iterator[str]:
    """Of the named figures, those that are less."""
    # Written so that NaN, which compares with nothing, is refused as well.
    return (
        f"{name} must be at least {least:g}, not {figure:g}" for name, figure in figures.items() if not figure >= least
    )


def empty(**lists: tuple[object, ...]) -> Iterator[str]:
    """Of the named lists, those that have no entry."""
    return (f"{name} is empty" for name, entries in lists.items() if not entries)


def unfit_names(*names: str) -> Iterator[str]:
    """Of the names, those that a directory cannot safely have."""
    for name in names:
        if not _NAME.fullmatch(name):
            yield f"{name!r} is no name: letters, digits, `_`, `.` and single `-` between them"
