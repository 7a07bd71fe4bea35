"""Roles of the columns of a table, by their names: times, nodes, labels, metrics, and what is left out.

Tables of other programs call the same thing differently, and have columns that are no metrics: the index of a data
frame, the label. A label among the metrics would tell a model the answer, so that it is never one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.exchange.notes import Notes

CASE, TIME, NODE, STATE, ABOUT = COLUMNS = ("case", "timestamp", "node", "state", "about")

# In the order of preference where a table has several.
_TIMES = (
    "timestamp", "timestamps", "ts", "time", "datetime", "date_time", "date", "epoch", "unixtime", "unix_time",
    "unix_timestamp", "event_time", "time_stamp", "_time", "sample_time", "collect_time", "ds",
)  # fmt: skip
_NODES = (
    "node", "host", "hostname", "host_name", "node_name", "nodename", "node_id", "server", "server_name", "svr_ip",
    "instance", "machine", "machine_id", "ip", "pod",
)  # fmt: skip
_CASES = ("case", "case_name", "case_id")
_STATES = ("state", "states")
_LABELS = frozenset(
    {
        "label", "labels", "is_anomaly", "anomaly", "anomalies", "anomalous", "is_anomalous", "class", "classes",
        "anomaly_type", "anomaly_class", "anomaly_name", "anomaly_label", "label_name", "class_label", "target", "y",
        "ground_truth", "groundtruth", "truth", "gt", "fault", "is_fault", "faulty", "fault_type", "fault_name",
        "fault_label", "failure", "is_failure", "failure_type", "outlier", "is_outlier", "abnormal", "is_abnormal",
        "attack", "is_attack", "normal_attack", "normal", "is_normal", "root_cause", "y_true", "y_pred", "prediction",
        "predicted",
    }
)  # fmt: skip
_INVERSE_LABELS = frozenset({"normal", "is_normal"})
_LABEL_WORDS = frozenset({"label", "labels", "anomaly", "anomalies", "anomalous", "outlier", "groundtruth"})
_INDEX = re.compile(
    r"unnamed(_\d+)*|index|level_\d+|_*index_level_\d+_*|row|rows|row_?(id|num|number|no|nr|index)|idx|id|no|nr|record_id"
)
_INDEX_AS_WRITTEN = re.compile(r"\.\.\.\d+|_c0")
# A metric as an exported recording has it: `host.cpu.usage [%]`.
_WITH_UNIT = re.compile(r"(\w+(?:\.\w+)+) \[[^\[\]]+\]")
_UNITS = {
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "ms": "ms", "msec": "ms", "millis": "ms", "milliseconds": "ms", "millisecond": "ms",
    "us": "us", "µs": "us", "μs": "us", "usec": "us", "micros": "us", "microseconds": "us", "microsecond": "us",
    "ns": "ns", "nsec": "ns", "nanos": "ns", "nanoseconds": "ns", "nanosecond": "ns",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions of the columns of a table by their role.

    Attributes:
        names: of all columns, as they are called in messages.
        time_unit: the unit that the name of the column of times has; None where it has none.
        state: the column of states or labels; None where all rows are normal.
        is_label: it is a label of another program, where an empty cell is normal.
        is_inverse: it says whether a row is normal.
        metrics, metric_columns: names and positions of the metrics.
    """

    names: tuple[str, ...]
    time: int
    time_unit: str | None
    node: int
    case: int | None
    state: int | None
    is_label: bool
    is_inverse: bool
    about: int | None
    metrics: tuple[str, ...]
    metric_columns: tuple[int, ...]

    @property
    def used(self) -> set[int]:
        """The positions of all columns that are read."""
        keys = (self.time, self.node, self.case, self.state, self.about)
        return {*self.metric_columns, *(place for place in keys if place is not None)}

    @classmethod
    def of(cls, header: Sequence[str], where: str, notes: Notes) -> Columns:
        """The roles of the columns of a header.

        Raises:
            DataError: a column is missing or repeated, or it is not clear which one is the label.
        """
        return _Roles(header, where, notes).columns()


def is_reserved(name: str) -> bool:
    """Whether a column of that name is a label or an index, and never a metric."""
    word = _canonical(name)
    return word in _LABELS or _has_label_word(word) or _is_index(name)


class _Roles:
    """The roles of a header, given one after the other."""

    def __init__(self, header: Sequence[str], where: str, notes: Notes) -> None:
        # A table of ours has this column, and its names are taken as they are.
        self._ours = ABOUT in header
        self._names = tuple(header) if self._ours else _without_units([name.strip() for name in header])
        self._where = where
        self._notes = notes
        self._words = [_canonical(name) for name in self._names]
        self._free = dict.fromkeys(range(len(header)))

    def columns(self) -> Columns:
        self._check_repeats()
        time, time_unit = self._time()
        node = self._one_of(_NODES)
        if time is None or node is None:
            raise self._missing([name for name, place in ((TIME, time), (NODE, node)) if place is None])
        case, about, state = self._one_of(_CASES), self._one_of((ABOUT,)), self._one_of(_STATES)
        self._leave_out_index()
        label = self._label(state)
        metrics = {self._names[place]: place for place in self._free}
        if not metrics:
            raise DataError("has no column with figures", where=self._where)
        if state is None and label is None and about is None:
            self._notes.add("has no column state or label: every row is taken for normal", self._where)
        is_inverse = label is not None and self._words[label] in _INVERSE_LABELS
        of_state = label if state is None else state
        return Columns(
            self._names, time, time_unit, node, case, of_state, state is None, is_inverse, about,
            tuple(metrics), tuple(metrics.values()),
        )  # fmt: skip

    def _check_repeats(self) -> None:
        repeated = [name for name, times in Counter(self._names).items() if times > 1 and not _is_index(name)]
        if repeated:
            hint = "every column needs a name of its own"
            raise DataError(f"has the column {repeated[0]} twice", where=self._where, hint=hint)

    def _missing(self, wanted: list[str]) -> DataError:
        hint = f"it has: {', '.join(self._names[:10])}" if self._names else "it is empty"
        if any(_is_number(name) for name in self._names):
            hint += "; the first line has to name the columns"
        return DataError(f"has no column {' and no column '.join(wanted)}", where=self._where, hint=hint)

    def _time(self) -> tuple[int | None, str | None]:
        place = self._one_of(_TIMES, exact_only=True)
        if place is not None:
            return place, None
        for index, word in enumerate(self._words):
            stem, _, unit = word.rpartition("_")
            if stem in _TIMES and unit in _UNITS and index in self._free:
                self._take(index, TIME)
                return index, _UNITS[unit]
        return self._one_of(_TIMES), None

    def _one_of(self, words: Sequence[str], *, exact_only: bool = False) -> int | None:
        """The column of the first of these names; the others of them are left out."""
        exact = words[0]
        if exact in self._names:
            place = self._names.index(exact)
        elif exact_only:
            return None
        else:
            found = [(words.index(word), index) for index, word in enumerate(self._words) if word in words]
            place = min((each for each in found if each[1] in self._free), default=(0, -1))[1]
        if place < 0:
            return None
        self._take(place, exact)
        if not self._ours:
            for index in [each for each in self._free if self._words[each] in words]:
                self._leave_out(index, f"is another one beside {quoted(self._names[place])}")
        return place

    def _take(self, place: int, role: str) -> None:
        del self._free[place]
        if self._names[place] != role:
            self._notes.add(f"column {quoted(self._names[place])} is taken for {role}", self._where)

    def _leave_out(self, place: int, why: str) -> None:
        del self._free[place]
        name = f"column {quoted(self._names[place])}" if self._names[place] else f"column {place + 1}, without a name,"
        self._notes.add(f"{name} {why} and is left out", self._where)

    def _leave_out_index(self) -> None:
        for place in [each for each in self._free if _is_index(self._names[each])]:
            self._leave_out(place, "is an index")

    def _label(self, state: int | None) -> int | None:
        exact = [place for place in self._free if self._words[place] in _LABELS]
        alike = [place for place in self._free if place not in exact and _has_label_word(self._words[place])]
        candidates = exact or alike
        if state is None and len(candidates) > 1:
            names = ", ".join(quoted(self._names[place]) for place in candidates)
            hint = "keep one, or call the one that counts state"
            raise DataError(f"has several columns that may be the label: {names}", where=self._where, hint=hint)
        label = candidates[0] if candidates and state is None else None
        if label is not None:
            del self._free[label]
            self._notes.add(f"column {quoted(self._names[label])} is taken for the label", self._where)
        for place in [*exact, *alike]:
            if place != label:
                self._leave_out(place, "looks like a label")
        return label


def _without_units(names: Sequence[str]) -> tuple[str, ...]:
    """The names, those of an exported recording without the units that stand behind them."""
    bare = [found[1] if (found := _WITH_UNIT.fullmatch(name)) else name for name in names]
    times = Counter(bare)
    return tuple(short if times[short] == 1 else name for short, name in zip(bare, names, strict=True))


def _canonical(name: str) -> str:
    """A name in lower case with `_` between its words."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"\W+", "_", spaced.casefold()).strip("_")


def _has_label_word(word: str) -> bool:
    return not _LABEL_WORDS.isdisjoint(word.split("_"))


def _is_index(name: str) -> bool:
    return name.strip() in ("", "#") or bool(
        _INDEX.fullmatch(_canonical(name)) or _INDEX_AS_WRITTEN.fullmatch(name.strip())
    )


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
