"""A part of a recording as one table, CSV or Parquet: a row for each tick and node, a column for each metric.

The frames come one by one from the file of the recording, so that the memory does not grow with its length.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.case_files.metrics_csv import cells_of
from distdiag_core.dataset.case_files.spreadsheet import safe_cell
from distdiag_core.dataset.case_files.text_file import RowWriter
from distdiag_core.dataset.exchange import arrow_files
from distdiag_core.errors import ConfigError, DataError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.metrics.frame import Array, Frame
    from distdiag_core.recording.reader import Recording
    from distdiag_core.recording.schema import RecordingMeta

ENDINGS = (".csv", ".csv.gz", ".parquet")
_KEY = ("time", "node")
# Cells of a block of Parquet, which bound the memory.
_BLOCK_CELLS = 2**20


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows and columns of a frame that go into a table.

    Attributes:
        nodes, metrics: positions in the frames of the recording.
        names: of the nodes.
        chosen: the metrics.
    """

    nodes: tuple[int, ...]
    metrics: tuple[int, ...]
    names: tuple[str, ...]
    chosen: tuple[Metric, ...]

    @classmethod
    def of(cls, meta: RecordingMeta, nodes: Sequence[str] = (), metrics: Sequence[str] = ()) -> Columns:
        """These nodes and metrics of a recording, in its order; without names all of them.

        Args:
            metrics: names, or patterns such as `host.cpu.*`.

        Raises:
            ConfigError: the recording has none of a name.
        """
        places = _found(nodes, meta.node_names, "node", str.__eq__)
        columns = _found(metrics, meta.catalogue.names, "metric", fnmatchcase)
        return cls(
            places,
            columns,
            tuple(meta.node_names[place] for place in places),
            tuple(meta.metrics[column] for column in columns),
        )

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of the metrics with their units: `host.cpu.usage [%]`."""
        return tuple(f"{each.name} [{each.unit}]" if each.unit else each.name for each in self.chosen)

    def values(self, frame: Frame) -> Array:
        """The values of a frame, shape (nodes, metrics)."""
        values: Array = frame.values[np.ix_(self.nodes, self.metrics)]
        return values


@dataclass(slots=True)
class Extent:
    """What was written; times by the wall clock."""

    ticks: int = 0
    first_s: float = 0.0
    last_s: float = 0.0

    def counted(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The frames, counted as they pass."""
        for frame in frames:
            if not self.ticks:
                self.first_s = frame.wall_s
            self.ticks += 1
            self.last_s = frame.wall_s
            yield frame


def utc(time_s: float) -> str:
    """A time in ISO 8601, to the millisecond: `2026-11-30T03:27:47.250Z`."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check_name(target: Path) -> None:
    """Refuse the name of a file whose format it does not say.

    Raises:
        ConfigError: it has another ending.
    """
    if not target.name.casefold().endswith(ENDINGS):
        raise ConfigError(f"FILE must end with {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}", where=str(target))


def write(
    recording: Recording, columns: Columns, target: Path, window: tuple[float, float], *, by_wall: bool = False
) -> Extent:
    """Write a part of a recording as a table in the format that the ending of `target` says, whole or not at all.

    Args:
        window: from when to when, both included, in seconds since the epoch.
        by_wall: the window is by the wall clock, not by the clock of the run.

    Raises:
        ConfigError: the ending says no format.
        DataError: there is no tick in the window, the recording is damaged, or the disk refused.
        UnsupportedError: Parquet support is not installed.
    """
    check_name(target)
    extent = Extent()
    frames = extent.counted(recording.frames(*window, by_wall=by_wall))
    first = next(frames, None)
    if first is None:
        raise DataError("has no tick in this window", where=str(recording.path), hint=_span(recording))
    frames = itertools.chain((first,), frames)
    if target.name.casefold().endswith(".parquet"):
        about = {"cluster": recording.meta.cluster, "recording": recording.path.name, "program": recording.meta.program}
        _write_parquet(frames, columns, target, about)
    else:
        _write_csv(frames, columns, target)
    return extent


def wall_span(recording: Recording) -> tuple[float, float]:
    """The times of the first and of the last tick by the wall clock.

    Raises:
        DataError: there is none.
    """
    first_s, last_s = (next(recording.frames(each, each)).wall_s for each in recording.require_ticks())
    return first_s, last_s


def _span(recording: Recording) -> str:
    first_s, last_s = wall_span(recording)
    return f"its ticks are from {utc(first_s)} to {utc(last_s)}"


def _write_csv(frames: Iterator[Frame], columns: Columns, target: Path) -> None:
    names = [safe_cell(name) for name in columns.names]
    with case_directory.replaced(target) as text:
        out = RowWriter(text)
        out.row([*_KEY, *map(safe_cell, columns.titles)])
        for frame in frames:
            stamp = utc(frame.wall_s)
            for name, cells in zip(names, cells_of(columns.values(frame)), strict=True):
                out.row([stamp, name, *cells])


def _write_parquet(frames: Iterator[Frame], columns: Columns, target: Path, about: dict[str, str]) -> None:
    arrow, _ = arrow_files.modules(target)
    fields = [
        arrow.field(title, arrow.float32(), metadata={"name": each.name, "unit": each.unit, "label": each.label})
        for title, each in zip(columns.titles, columns.chosen, strict=True)
    ]
    stamp, node = arrow.timestamp("ms", tz="UTC"), arrow.dictionary(arrow.int32(), arrow.string())
    schema = arrow.schema([arrow.field("time", stamp), arrow.field("node", node), *fields], metadata=about)
    nodes = len(columns.names)
    at_once = max(1, _BLOCK_CELLS // (nodes * (len(fields) + len(_KEY))))
    with arrow_files.written(target, schema) as file:
        while block := list(itertools.islice(frames, at_once)):
            times_ms = np.repeat([round(frame.wall_s * 1000) for frame in block], nodes)
            places = np.tile(np.arange(nodes, dtype=np.int32), len(block))
            table = np.concatenate([columns.values(frame) for frame in block])
            arrays: list[Any] = [
                arrow.array(times_ms, stamp),
                arrow.DictionaryArray.from_arrays(places, list(columns.names)),
                # NaN becomes a missing value.
                *(arrow.array(column, from_pandas=True) for column in table.T),
            ]
            file.write_batch(arrow.record_batch(arrays, schema=schema))


def _found(wanted: Sequence[str], names: Sequence[str], noun: str, fits: Callable[[str, str], bool]) -> tuple[int, ...]:
    """Positions of the names that fit one of those wanted, or of all.

    Raises:
        ConfigError: none fits one of them.
    """
    for each in wanted:
        if not any(fits(name, each) for name in names):
            shown = ", ".join(names[:12]) + (f", ... ({len(names)} in all)" if len(names) > 12 else "")
            raise ConfigError(f"the recording has no {noun} {quoted(each)}", hint=f"it has {shown}")
    return tuple(place for place, name in enumerate(names) if not wanted or any(fits(name, each) for each in wanted))
