"""Cases put right after the fact: other labels, a shorter stretch, tags; or gone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.dataset.building import cutting
from distdiag_core.dataset.case_files import case_directory, case_yaml, metrics_csv
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from distdiag_core.dataset.case import Case, Label


def relabel(path: Path, change: Callable[[Case], Case]) -> Case:
    """Change what is known of the case in `path`, at once or not at all; its figures stay as they are.

    Args:
        change: gets the case with its nodes and times, and without figures.

    Raises:
        DataError: the new labels do not fit the figures, or the disk refused.
    """
    changed = change(case_directory.outline(path))
    case_yaml.check(changed)
    case_directory.rewrite_labels(changed, path)
    return changed


def renamed(case: Case, old: str, new: str) -> Case:
    """The anomaly `old` is really `new`.

    Raises:
        DataError: the case has no such anomaly.
    """
    if all(label.anomaly != old for label in case.labels):
        known = ", ".join(sorted({label.anomaly for label in case.labels})) or "none, it is normal"
        raise DataError(f"has no anomaly {old}", where=case.name, hint=f"its anomalies: {known}")
    changed = (replace(label, anomaly=new) if label.anomaly == old else label for label in case.labels)
    return replace(case, labels=tuple(changed))


def without(case: Case, anomaly: str, node: str) -> Case:
    """That anomaly was not on that node.

    Raises:
        DataError: the case does not say that it was.
    """
    kept = tuple(label for label in case.labels if (label.anomaly, label.node) != (anomaly, node))
    if len(kept) == len(case.labels):
        known = ", ".join(f"{label.anomaly} on {label.node}" for label in case.labels) or "none, it is normal"
        raise DataError(f"has no {anomaly} on {node}", where=case.name, hint=f"its anomalies: {known}")
    return replace(case, labels=kept)


def with_label(case: Case, label: Label) -> Case:
    """That anomaly was there as well."""
    return replace(case, labels=(*case.labels, label))


def tagged(case: Case, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Case:
    """With these tags, and without those."""
    gone = set(remove)
    return replace(case, tags=tuple(tag for tag in dict.fromkeys((*case.tags, *add)) if tag not in gone))


def cut(path: Path, start_s: float, end_s: float) -> Case:
    """Keep of the case in `path` the stretch from `start_s` to `end_s`, both included, in the time of its figures.

    Raises:
        DataError: nothing would be left, or the disk refused.
    """
    case = case_directory.read(path)
    window = cutting.stretch(case.window, start_s, end_s)
    if not len(window):
        first, last = case.window.times_s[[0, -1]]
        raise DataError(
            f"has no figures from {start_s:.15g} to {end_s:.15g}",
            where=case.name,
            hint=f"it goes from {first:.15g} to {last:.15g}",
        )
    normal = [(max(first, start_s), min(last, end_s)) for first, last in case.normal]
    kept = tuple((first, last) for first, last in normal if first <= last)
    if case.normal and not kept:
        raise DataError("has nothing normal in that stretch", where=case.name, hint="cut less off")
    short = replace(case, window=window, labels=cutting.labels_within(case.labels, start_s, end_s), normal=kept)
    # The labels first, with what is normal named: a kill in between leaves figures of which nothing is said.
    named = replace(short, normal=kept or ((start_s, end_s),))
    case_directory.rewrite_labels(named, path)
    with case_directory.replaced(metrics_csv.file_in(path)) as text:
        metrics_csv.write_rows(short.window, text)
    case_directory.rewrite_labels(short, path)
    return short


def drop(path: Path) -> None:
    """Remove the case in `path`, at once or not at all.

    Raises:
        DataError: it is none, or the disk refused.
    """
    if not case_directory.is_case(path):
        raise DataError("is no case", where=str(path), hint="`distdiag cases list` shows what there is")
    hidden = path.with_name(f".{path.name}-dropped")
    try:
        path.rename(hidden)
        shutil.rmtree(hidden)
    except OSError as error:
        raise DataError(f"cannot be removed: {error.strerror or error}", where=str(path)) from error
