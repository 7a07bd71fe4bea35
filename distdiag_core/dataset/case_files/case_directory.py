"""Case directories, the exchange format: labels in `case.yaml`, metrics in `metrics.csv` or `metrics.csv.gz`.

Imported cases may come from any program, so everything about them is checked.
"""

from __future__ import annotations

import gzip
import io
import itertools
import os
import shutil
import tempfile
from array import array
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.dataset.case_files import case_yaml, metrics_csv
from distdiag_core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.dataset.case import Case
    from distdiag_core.dataset.case_files.metrics_csv import Row

LABELS_FILE = "case.yaml"


def is_case(path: Path) -> bool:
    """Whether `path` is a case directory."""
    return (path / LABELS_FILE).is_file()


def found(directory: Path) -> tuple[Path, ...]:
    """The case directories in `directory`, sorted by name; `directory` alone where it is a case.

    Raises:
        DataError: there is none.
    """
    if not directory.is_dir():
        raise DataError("is not a directory", where=str(directory), hint="name a case directory or a directory of them")
    if is_case(directory):
        # The name of a case is that of its directory, also where the path is `.`.
        return (directory.resolve(),)
    paths = directories(directory)
    if not paths:
        raise DataError("holds no case", where=str(directory), hint=f"a case is a directory with a {LABELS_FILE}")
    return paths


def dataset(directory: Path) -> Path:
    """The directory of a dataset, checked to exist.

    Raises:
        ConfigError: it does not.
    """
    if not directory.exists():
        hint = "collect some, or `distdiag cases import`"
        raise ConfigError("there are no cases yet", where=str(directory), hint=hint)
    return directory


def directories(directory: Path) -> tuple[Path, ...]:
    """The visible directories in `directory`, sorted by name; each should be a case.

    Raises:
        DataError: it cannot be read.
    """
    try:
        # Hidden directories are cases that are being written.
        return tuple(sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith(".")))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(directory)) from error


def changed_ns(path: Path) -> int | None:
    """The time of the last change of the case in `path`, in nanoseconds; None where it was removed."""
    try:
        return max(entry.stat().st_mtime_ns for entry in (path, path / LABELS_FILE))
    except OSError:
        return None


def free_name(name: str, directory: Path) -> str:
    """The first unused name of `name`, `name-2`, `name-3`, ... in `directory`; other consoles write there too."""
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if not (directory / each).exists())


def read_all(directory: Path, *, excluded: bool = False) -> tuple[Case, ...]:
    """The cases in `directory`, sorted by name; one case where it is a case directory.

    Args:
        excluded: include cases that training and evaluation must not use.

    Raises:
        DataError: there is none, or one is malformed.
        ConfigError: the labels of one are malformed.
    """
    return tuple(case for case in map(read, found(directory)) if excluded or not case.excluded)


def read(path: Path) -> Case:
    """The case in the directory `path`; its name is the directory's.

    Raises:
        DataError: a part is missing, the metrics are malformed, or the labels do not fit them.
        ConfigError: `case.yaml` is malformed.
    """
    entry = case_yaml.load(_labels_of(path))
    return case_yaml.case_of(entry, path.name, metrics_csv.read(path), str(path / LABELS_FILE))


def outline(path: Path) -> Case:
    """The case without its metrics: its window has nodes and times alone. Raises as `read` does."""
    entry = case_yaml.load(_labels_of(path))
    return case_yaml.case_of(entry, path.name, metrics_csv.outline(path), str(path / LABELS_FILE))


def write(case: Case, directory: Path) -> Path:
    """Write `case` as a new directory of its name inside `directory`, whole or not at all; return its path.

    Raises:
        DataError: there is one of that name, or the disk refused.
    """
    with new(case.name, directory) as scratch:
        with written(scratch / metrics_csv.FILES[1]) as text:
            metrics_csv.write_rows(case.window, text)
        with written(scratch / LABELS_FILE) as text:
            text.write(case_yaml.text_of(case))
    return directory / case.name


def rewrite_labels(case: Case, path: Path) -> None:
    """Replace the labels of the case directory `path` by those of `case`, at once or not at all; its metrics stay.

    Raises:
        DataError: the disk refused.
    """
    with replaced(path / LABELS_FILE) as text:
        text.write(case_yaml.text_of(case))


@contextmanager
def replaced(file: Path) -> Iterator[io.TextIOBase]:
    """A text to write, which replaces `file` when the body ends without an error.

    Raises:
        DataError: the disk refused.
    """
    with replacement(file) as fresh, written(fresh) as text:
        yield text


@contextmanager
def replacement(file: Path) -> Iterator[Path]:
    """The path of a file to write, which is forced to the disk and replaces `file` when the body ends without an error.

    Raises:
        DataError: the disk refused.
    """
    fresh = file.with_name(f".new-{file.name}")
    try:
        yield fresh
        _force_to_disk(fresh)
        fresh.replace(file)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(file)) from error
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def new(name: str, directory: Path, *, again: bool = False) -> Iterator[Path]:
    """A hidden directory to write a case in, renamed to `name` when the body ends without an error.

    Args:
        again: an identical case may exist, and stays as it is.

    Raises:
        DataError: there is another one of that name, or the disk refused.
    """
    target = directory / name
    taken = DataError("exists already", where=str(target), hint="remove it or name the new case otherwise")
    if target.exists() and not again:
        raise taken
    scratch: Path | None = None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=directory))
        yield scratch
        if not target.exists():
            scratch.chmod(0o755)
            scratch.rename(target)
        elif not _same_case(scratch, target):
            raise taken
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(target)) from error
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def _same_case(one: Path, other: Path) -> bool:
    if not is_case(other) or case_yaml.load(one / LABELS_FILE) != case_yaml.load(other / LABELS_FILE):
        return False
    files = metrics_csv.file_in(one), metrics_csv.file_in(other)
    with metrics_csv.opened(files[0]) as ours, metrics_csv.opened(files[1]) as theirs:
        return ours.metrics == theirs.metrics and all(
            row is not None and other_row is not None and _same_row(row, other_row)
            for row, other_row in itertools.zip_longest(ours, theirs)
        )


def _same_row(one: Row, other: Row) -> bool:
    if (one.time_s, one.node) != (other.time_s, other.node):
        return False
    # Single precision is what is kept of them.
    return one.cells == other.cells or array("f", one.values).tobytes() == array("f", other.values).tobytes()


@contextmanager
def written(path: Path) -> Iterator[io.TextIOBase]:
    """A text to write, forced to the disk when the body ends without an error; compressed where it is called .gz."""
    # Without the time of day, so that the same case is always the same bytes.
    raw = gzip.GzipFile(path, "wb", 6, mtime=0) if path.suffix.casefold() == ".gz" else path.open("wb")
    with io.TextIOWrapper(raw, encoding="utf-8", newline="") as text:
        yield text
    _force_to_disk(path)


def _force_to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _labels_of(path: Path) -> Path:
    if not is_case(path):
        raise DataError(f"has no {LABELS_FILE}", where=str(path), hint="it is no case, or was not written to its end")
    return path / LABELS_FILE
