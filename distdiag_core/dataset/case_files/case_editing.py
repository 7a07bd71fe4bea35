"""Edits of cases in the dataset: labels, length, tags, removal."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.dataset.case_files import case_directory, case_yaml, metrics_csv
from distdiag_core.errors import DataError
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from distdiag_core.dataset.case import Case, Label


def relabel(path: Path, change: Callable[[Case], Case]) -> Case:
    """Change the labels of the case in `path`, whole or not at all; its metrics stay as they are.

    Args:
        change: takes the case with its nodes and times, without metrics.

    Raises:
        DataError: the new labels do not fit the metrics, or the disk refused.
    """
    changed = change(case_directory.outline(path))
    case_yaml.check(changed)
    case_directory.rewrite_labels(changed, path)
    return changed


def renamed(case: Case, old: str, new: str) -> Case:
    """The case with the anomaly `old` relabelled as `new`.

    Raises:
        DataError: the case has no such anomaly.
    """
    if all(label.anomaly != old for label in case.labels):
        known = ", ".join(sorted({label.anomaly for label in case.labels})) or "none, it is normal"
        raise DataError(f"has no anomaly {old}", where=case.name, hint=f"its anomalies: {known}")
    changed = (replace(label, anomaly=new) if label.anomaly == old else label for label in case.labels)
    return replace(case, labels=tuple(changed))


def without(case: Case, anomaly: str, node: str) -> Case:
    """The case without the labels of that anomaly on that node.

    Raises:
        DataError: the case has no such label.
    """
    kept = tuple(label for label in case.labels if (label.anomaly, label.node) != (anomaly, node))
    if len(kept) == len(case.labels):
        known = ", ".join(f"{label.anomaly} on {label.node}" for label in case.labels) or "none, it is normal"
        raise DataError(f"has no {anomaly} on {node}", where=case.name, hint=f"its anomalies: {known}")
    return replace(case, labels=kept)


def with_label(case: Case, label: Label) -> Case:
    """The case with one more label."""
    return replace(case, labels=(*case.labels, label))


def tagged(case: Case, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Case:
    """The case with the tags of `add` and without those of `remove`."""
    gone = set(remove)
    return replace(case, tags=tuple(tag for tag in dict.fromkeys((*case.tags, *add)) if tag not in gone))


def cut(path: Path, start_s: float, end_s: float) -> Case:
    """Shorten the case in `path` to the slice from `start_s` to `end_s`, both included, in the time of the case.

    Raises:
        DataError: nothing would be left, or the disk refused.
    """
    case = case_directory.read(path)
    window = _sliced(case.window, start_s, end_s)
    if not len(window):
        first, last = case.window.times_s[[0, -1]]
        raise DataError(
            f"has no ticks from {start_s:.15g} to {end_s:.15g}",
            where=case.name,
            hint=f"it goes from {first:.15g} to {last:.15g}",
        )
    normal = [(max(first, start_s), min(last, end_s)) for first, last in case.normal]
    kept = tuple((first, last) for first, last in normal if first <= last)
    if case.normal and not kept:
        raise DataError("has nothing normal in that slice", where=case.name, hint="cut less off")
    labels = tuple(label for each in case.labels if (label := each.clipped(start_s, end_s)))
    short = replace(case, window=window, labels=labels, normal=kept)
    # The labels first, naming what is normal: a kill in between leaves ticks that are neither normal nor an anomaly.
    named = replace(short, normal=kept or ((start_s, end_s),))
    case_directory.rewrite_labels(named, path)
    with case_directory.replaced(metrics_csv.file_in(path)) as text:
        metrics_csv.write_rows(short.window, text)
    case_directory.rewrite_labels(short, path)
    return short


def _sliced(window: Window, start_s: float, end_s: float) -> Window:
    inside = (window.times_s >= start_s) & (window.times_s <= end_s)
    return Window(window.times_s[inside], window.nodes, window.metrics, window.values[:, :, inside])


def drop(path: Path) -> None:
    """Remove the case in `path`, whole or not at all.

    Raises:
        DataError: it is not a case, or the disk refused.
    """
    if not case_directory.is_case(path):
        raise DataError("is not a case", where=str(path), hint="`distdiag cases list` shows what there is")
    hidden = path.with_name(f".{path.name}-dropped")
    try:
        path.rename(hidden)
        shutil.rmtree(hidden)
    except OSError as error:
        raise DataError(f"cannot be removed: {error.strerror or error}", where=str(path)) from error
