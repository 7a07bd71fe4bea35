"""Parquet files by pyarrow, which is an extra."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import DataError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def modules(path: Path) -> tuple[Any, Any]:
    """The modules `pyarrow` and `pyarrow.parquet`, for the file at `path`.

    Raises:
        UnsupportedError: they are not installed.
    """
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise UnsupportedError(
            "Parquet needs pyarrow, which is not installed",
            where=str(path),
            hint="pip install 'distdiag[parquet]', or use CSV",
        ) from error


@contextmanager
def written(target: Path, schema: Any) -> Iterator[Any]:  # noqa: ANN401 - pyarrow has no types
    """A writer of record batches to a file, which replaces `target` when the body ends without an error.

    Raises:
        DataError: the disk refused.
        UnsupportedError: Parquet support is not installed.
    """
    arrow, parquet = modules(target)
    try:
        with (
            case_directory.replacement(target) as fresh,
            fresh.open("wb") as raw,
            parquet.ParquetWriter(raw, schema) as file,
        ):
            yield file
    except arrow.ArrowException as error:
        raise DataError(f"cannot be written: {error}", where=str(target)) from error
