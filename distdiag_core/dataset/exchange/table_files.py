"""Tables of cases as files: what one is by its content, what one becomes by its name, and the names of its cases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from distdiag_core.dataset.case_files import file_content, text_file
from distdiag_core.dataset.exchange import csv_table, parquet_table, table, table_cases
from distdiag_core.dataset.exchange.notes import Notes
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_WRITTEN = (".csv", ".csv.gz", ".parquet")
_TABLE_NAME = re.compile(r"\.(csv|tsv|txt|parquet|pq|parq)(\.(gz|gzip|zst|zstd|zip))?$|\.(gz|gzip|zst|zstd|zip)$")
# Names of files that nobody means as a directory.
_OTHER_NAME = re.compile(
    r"\.(tsv|txt|json|jsonl|xlsx?|ods|feather|arrow|orc|avro|h5|hdf5|pkl|npz?|gz|zst|zip|bz2|xz|7z|tar|tgz|pq|db|sqlite)$"
)


def is_table_name(path: Path) -> bool:
    """Whether a file of that name may be a table that can be read."""
    return _TABLE_NAME.search(path.name.casefold()) is not None


def is_target(path: Path) -> bool:
    """Whether the name is that of a table to write, not of a directory.

    Raises:
        ConfigError: it is that of a file which cannot be written.
    """
    name = path.name.casefold()
    if name.endswith(_WRITTEN):
        return True
    if _OTHER_NAME.search(name) and not path.is_dir():
        hint = "a table is called *.csv, *.csv.gz or *.parquet"
        raise ConfigError(
            "is neither the name of a table that can be written nor of a directory", where=str(path), hint=hint
        )
    return False


def stem(path: Path) -> str:
    """The name of a file without what says of which kind it is: `2023.11.14` of `2023.11.14.CSV.gz`."""
    name = path.name
    while match := _TABLE_NAME.search(name.casefold()):
        name = name[: match.start()]
    return name


def read(path: Path, into: Path, *, name: str | None = None, notes: Notes | None = None) -> Iterator[str]:
    """Write every case of the table in `path` to the directory `into`; yields the name of each completed one.

    Args:
        name: of the case, where the table has no column of names; the name of the file without it.
        notes: gets what the table was taken for.

    Raises:
        DataError: the table is malformed; with the line. The cases before it stay.
        UnsupportedError: Parquet support is not installed.
    """
    module = parquet_table if text_file.kind(path) == file_content.PARQUET else csv_table
    notes = notes or Notes()
    with module.opened(path, name or stem(path), notes) as (reader, rows):
        yield from table_cases.write_cases(rows, reader, into, str(path), notes)


def write(paths: Sequence[Path], target: Path) -> Iterator[str]:
    """Write these cases as one table, whole or not at all; yields the name of each written one.

    Raises:
        DataError: a case is malformed, or the disk refused.
        UnsupportedError: Parquet support is not installed.
    """
    module = parquet_table if target.name.casefold().endswith(".parquet") else csv_table
    yield from module.write(paths, table.all_metrics(paths), target)
