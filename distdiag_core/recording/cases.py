"""Case directories, the exchange format: `case.yaml` has the labels, `metrics.csv` or `metrics.csv.gz` the figures.

Other people's data come in this way, so nothing is taken for granted but the format itself: any metrics, any number of
nodes, any anomalies, any period, rows in any order and missing rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import os
import shutil
import tempfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import yaml

from distdiag_core import settings
from distdiag_core.diagnosis.case import Case, Label
from distdiag_core.errors import DataError
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

_LABELS = "case.yaml"
_FIGURES = ("metrics.csv", "metrics.csv.gz")
_KEY_COLUMNS = ["timestamp", "node"]


@dataclass(frozen=True, slots=True)
class _LabelEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"coerce_numbers_to_str": True}

    type: str
    node: str
    start: float
    end: float
    severity: str | None = None

    def __post_init__(self) -> None:
        if not self.start <= self.end:
            raise ValueError(f"the start, {self.start:g}, must not be after the end, {self.end:g}")


@dataclass(frozen=True, slots=True)
class _CaseEntry:
    """`case.yaml` as it is written. Further keys are somebody else's notes and are passed over."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"coerce_numbers_to_str": True}

    period: float
    anomalies: tuple[_LabelEntry, ...]
    source: str = ""
    normal: tuple[tuple[float, float], ...] | None = None
    group: str | None = None
    workload: str | None = None
    scenario: str | None = None
    category: str | None = None

    def __post_init__(self) -> None:
        if not (self.period > 0 and math.isfinite(self.period)):
            raise ValueError(f"the period must be a number of seconds above 0, not {self.period:g}")


def is_case(path: Path) -> bool:
    """Whether `path` is a case directory."""
    return (path / _LABELS).is_file()


def read_all(directory: Path) -> tuple[Case, ...]:
    """The cases in `directory`, in the order of their names; or the one case that it is.

    Raises:
        DataError: there is none, or one is malformed.
        ConfigError: the labels of one are malformed.
    """
    if not directory.is_dir():
        raise DataError("is not a directory", where=str(directory), hint="name a case directory or a directory of them")
    if is_case(directory):
        return (read(directory),)
    # Hidden directories are cases that somebody is writing at this moment.
    found = sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not found:
        raise DataError("holds no case", where=str(directory), hint=f"a case is a directory with a {_LABELS}")
    return tuple(read(path) for path in found)


def read(path: Path) -> Case:
    """The case in the directory `path`; its name is the directory's.

    Raises:
        DataError: a part is missing, the figures are malformed, or the labels do not fit them.
        ConfigError: `case.yaml` is malformed.
    """
    if not is_case(path):
        raise DataError(f"has no {_LABELS}", where=str(path), hint="it is no case, or was not written to its end")
    entry = settings.load(path / _LABELS, _CaseEntry)
    labels = tuple(Label(each.type, each.node, each.start, each.end, each.severity) for each in entry.anomalies)
    window = _read_figures(path)
    _check_labels(labels, window, str(path / _LABELS))
    return Case(
        path.name,
        window,
        entry.period,
        labels,
        entry.normal or (),
        entry.group or path.name,
        entry.source,
        entry.workload,
        entry.scenario,
        entry.category,
    )


def write(case: Case, directory: Path) -> Path:
    """Write `case` as a new directory of its name inside `directory`, whole or not at all; return its path.

    Raises:
        DataError: there is one of that name, or the disk refused.
    """
    target = directory / case.name
    if target.exists():
        raise DataError("exists already", where=str(target), hint="remove it or name the new case otherwise")
    scratch: Path | None = None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{case.name}-", dir=directory))
        _write_durably(scratch / _FIGURES[1], gzip.compress(_figures_text(case.window).encode(), mtime=0))
        _write_durably(scratch / _LABELS, _labels_text(case).encode())
        scratch.chmod(0o755)
        scratch.rename(target)
    except OSError as error:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(target)) from error
    return target


def _read_figures(path: Path) -> Window:
    file = next((path / name for name in _FIGURES if (path / name).is_file()), None)
    if file is None:
        raise DataError(f"has no {_FIGURES[0]}", where=str(path), hint="it was not written to its end")
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot be read: {error}", where=str(file), hint="it may be half-written") from error
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8 text", where=str(file)) from error
    return _parse_figures(text, str(file))


def _parse_figures(text: str, where: str) -> Window:
    rows = csv.reader(io.StringIO(text))
    header = next(rows, [])
    if header[:2] != _KEY_COLUMNS or len(header) < 3:
        raise DataError("does not begin with timestamp,node,METRIC,...", where=f"{where}:1")
    metrics = tuple(header[2:])
    if len(set(metrics)) < len(metrics):
        twice = sorted({name for name in metrics if metrics.count(name) > 1})
        raise DataError(f"has the column {twice[0]} twice", where=f"{where}:1")
    cells: dict[tuple[float, str], list[float]] = {}
    for line, row in _non_empty(rows, where):
        if len(row) != len(header):
            raise DataError(f"has {len(row)} cells where the header has {len(header)}", where=f"{where}:{line}")
        key = (_number(row[0], "timestamp", f"{where}:{line}"), row[1])
        if key in cells:
            raise DataError(f"has node {key[1]} at {row[0]} a second time", where=f"{where}:{line}")
        cells[key] = _numbers(row[2:], metrics, f"{where}:{line}")
    if not cells:
        raise DataError("has no rows", where=where)
    window = _assemble(cells, metrics)
    if np.isinf(window.values).any():
        metric = metrics[int(np.argwhere(np.isinf(window.values))[0][1])]
        raise DataError(
            f"{metric} has an infinite figure", where=where, hint="leave the cell empty where it is unknown"
        )
    return window


def _non_empty(rows: Any, where: str) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - csv's reader has no public type
    try:
        yield from ((rows.line_num, row) for row in rows if row)
    except csv.Error as error:
        raise DataError(f"is not CSV: {error}", where=f"{where}:{rows.line_num}") from error


def _assemble(cells: dict[tuple[float, str], list[float]], metrics: tuple[str, ...]) -> Window:
    times_s = sorted({time_s for time_s, _ in cells})
    nodes = tuple(dict.fromkeys(node for _, node in cells))
    tick = {time_s: place for place, time_s in enumerate(times_s)}
    place = {node: index for index, node in enumerate(nodes)}
    values = np.full((len(nodes), len(times_s), len(metrics)), np.nan, dtype=np.float32)
    for (time_s, node), row in cells.items():
        values[place[node], tick[time_s]] = row
    values = values.transpose(0, 2, 1)
    values.flags.writeable = False
    return Window(np.array(times_s), nodes, metrics, values)


def _numbers(row: list[str], metrics: tuple[str, ...], where: str) -> list[float]:
    try:
        return [float(cell) if cell else math.nan for cell in row]
    except ValueError:
        return [_number(cell, metric, where) if cell else math.nan for cell, metric in zip(row, metrics, strict=True)]


def _number(cell: str, column: str, where: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise DataError(f"{column} is {cell!r}, which is not a number", where=where) from None


def _check_labels(labels: tuple[Label, ...], window: Window, where: str) -> None:
    for label in labels:
        if label.node not in window.nodes:
            known = ", ".join(window.nodes[:10])
            raise DataError(f"labels node {label.node}, which has no figures", where=where, hint=f"known: {known}")
        if label.end_s < window.times_s[0] or label.start_s > window.times_s[-1]:
            raise DataError(f"labels {label.anomaly} on {label.node} at a time without figures", where=where)


def _labels_text(case: Case) -> str:
    labels = [_LabelEntry(each.anomaly, each.node, each.start_s, each.end_s, each.severity) for each in case.labels]
    data: dict[str, Any] = {
        "source": case.source,
        "period": case.period_s,
        "anomalies": [{key: value for key, value in asdict(each).items() if value is not None} for each in labels],
        "normal": [list(stretch) for stretch in case.normal],
        "group": case.group or case.name,
    }
    notes = {"workload": case.workload, "scenario": case.scenario, "category": case.category}
    data |= {key: note for key, note in notes.items() if note is not None}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _figures_text(window: Window) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*_KEY_COLUMNS, *window.metrics])
    for tick, time_s in enumerate(window.times_s):
        for place, node in enumerate(window.nodes):
            figures = window.values[place, :, tick]
            rows.writerow([f"{time_s:.3f}", node, *("" if math.isnan(each) else str(each) for each in figures)])
    return text.getvalue()


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
