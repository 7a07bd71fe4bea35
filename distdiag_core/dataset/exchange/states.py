"""States of a table: which words are normal, which are unknown, and which name an anomaly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.dataset.exchange.columns import Columns
    from distdiag_core.dataset.exchange.notes import Notes

NORMAL = "normal"
JOINED = "+"
# The anomaly of a label that only says that there is one.
ANY_ANOMALY = "anomaly"
_NORMAL_WORDS = frozenset(
    {"normal", "0", "0.0", "false", "f", "no", "n", "none", "ok", "healthy", "benign", "good", "no anomaly",
     "not anomaly", "no_anomaly", "nominal", "regular", "inlier", "non-anomalous", "non-anomaly"}
)  # fmt: skip
_ANY_WORDS = frozenset(
    {
        "1",
        "1.0",
        "true",
        "t",
        "yes",
        "y",
        "anomaly",
        "anomalous",
        "abnormal",
        "outlier",
        "bad",
        "faulty",
        "fault",
        "attack",
    }
)
_TRUTHS = frozenset({"0", "0.0", "false", "f", "no", "n", "1", "1.0", "true", "t", "yes", "y"})
_UNKNOWN_WORDS = frozenset(
    {"nan", "nat", "null", "na", "n/a", "#n/a", "<na>", "?", "-", "unknown", "unlabeled", "unlabelled"}
)
# More different ones are rather a column of texts.
_MOST_ANOMALIES = 200
_LONGEST_NAME = 200
_WANTED = "a state is normal, the names of anomalies joined by +, or 0 and 1"


def check_name(name: str, where: str) -> None:
    """Refuse what cannot be the name of an anomaly.

    Raises:
        DataError: it is empty, a word for what is normal, a number, or cannot be printed.
    """
    word = name.strip().casefold()
    if not word:
        raise DataError("has an anomaly without a name", where=where, hint=_WANTED)
    if word in _NORMAL_WORDS:
        raise DataError(
            f"has {quoted(name)} as the name of an anomaly, which is a word for none", where=where, hint=_WANTED
        )
    if _is_number(word):
        raise DataError(f"has {quoted(name)} as the name of an anomaly, which is a number", where=where, hint=_WANTED)
    if not name.isprintable() or len(name) > _LONGEST_NAME:
        raise DataError(f"has {quoted(name)} as the name of an anomaly, which is too long or no text", where=where)


def note_new(names: Iterable[str], where: str, notes: Notes) -> None:
    """Name the anomalies that no catalogue has."""
    for name in sorted(set(names) - notes.known_anomalies):
        notes.add(f"anomaly {quoted(name)} is new: the catalogue has none of that name", where)


class StateColumn:
    """The states of the rows of a table, as anomalies."""

    def __init__(self, columns: Columns, where: str, notes: Notes) -> None:
        self._where = where
        self._notes = notes
        self._empty_is_normal = columns.is_label
        self._is_inverse = columns.is_inverse
        self._name = "state" if columns.state is None else columns.names[columns.state]
        self._known_as = {_as_written_in_names(name): name for name in notes.known_anomalies}
        self._read: dict[str, tuple[str, ...] | None] = {}

    def anomalies(self, cell: str, where: str) -> tuple[str, ...] | None:
        """The anomalies that a cell names, empty for a normal one; None where it is neither.

        Raises:
            DataError: it is no state.
        """
        if cell not in self._read:
            if len(self._read) >= _MOST_ANOMALIES:
                what = f"has more than {_MOST_ANOMALIES} different values in {quoted(self._name)}"
                raise DataError(what, where=where, hint=_WANTED)
            self._read[cell] = self._anomalies(cell, where)
        return self._read[cell]

    def _anomalies(self, cell: str, where: str) -> tuple[str, ...] | None:
        word = cell.strip().casefold()
        if not word:
            if self._empty_is_normal:
                self._note(cell, NORMAL)
            return () if self._empty_is_normal else None
        if word in _UNKNOWN_WORDS:
            self._note(cell, "neither normal nor an anomaly")
            return None
        is_normal = word in _NORMAL_WORDS
        if is_normal or word in _ANY_WORDS:
            is_normal ^= self._is_inverse and word in _TRUTHS
            if cell != NORMAL:
                self._note(cell, NORMAL if is_normal else f"the anomaly {quoted(ANY_ANOMALY)}")
            return () if is_normal else (ANY_ANOMALY,)
        return tuple(dict.fromkeys(self._named(part, cell, where) for part in cell.split(JOINED)))

    def _named(self, part: str, cell: str, where: str) -> str:
        name = part.strip()
        try:
            check_name(name, where)
        except DataError as error:
            what = f"{self._name} is {quoted(cell)}, which is no state"
            raise DataError(what, where=where, hint=error.hint or _WANTED) from None
        known = self._known_as.get(_as_written_in_names(name), name)
        if known != name:
            self._note(name, f"the anomaly {quoted(known)}")
        return known

    def _note(self, value: str, meaning: str) -> None:
        shown = quoted(value) if value else "an empty cell"
        self._notes.add(f"{quoted(self._name)}: {shown} is read as {meaning}", self._where)


def _as_written_in_names(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.casefold())


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
