"""Archives of `gather sysstat`, one of each node: read in memory within bounds, and never unpacked onto a disk."""

from __future__ import annotations

import re
import tarfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.obdiag import tsar_table
from distdiag_core.obdiag.tsar_table import TsarRow

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"sysstat_([0-9A-Za-z._-]+)_(\d{14})\.tar\.gz")
# The kernel's messages are in there too, and are left alone.
TABLES = (
    "one_day_cpu_data.txt",
    "one_day_mem_data.txt",
    "tsar_swap_data.txt",
    "tsar_io_data.txt",
    "tsar_traffic_data.txt",
    "tsar_tcp_udp_data.txt",
)
_MOST_MEMBERS = 64
_MOST_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class SysstatHistory:
    """The figures of one node over the past hours.

    Attributes:
        node: by its name, or by its address where no node has it.
        notes: which tables are missing, and why.
    """

    node: str
    rows: tuple[TsarRow, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def period_s(self) -> float:
        """The median time between two rows; 0 where there are not two."""
        steps = sorted(after.time_s - before.time_s for before, after in pairwise(self.rows))
        return steps[len(steps) // 2] if steps else 0.0


def address_of(path: Path) -> str:
    """The address in the name of an archive, in which an underscore stands for a colon; empty where it is none."""
    found = _NAME.fullmatch(path.name)
    return found[1].replace("_", ":") if found else ""


def read(path: Path, node: str, utc_offset_s: float = 0.0) -> SysstatHistory:
    """The figures of an archive; tables of one moment become one row.

    Raises:
        DataError: it is damaged, or larger than any such archive is.
    """
    texts = _texts(path)
    by_time: dict[float, dict[str, float]] = {}
    notes = []
    for name in TABLES:
        text = texts.get(name, "")
        rows = tsar_table.parse(text, utc_offset_s)
        if not rows:
            # On a node without tsar obdiag makes empty files, and calls that a success.
            notes.append(f"{name} {'holds no table' if text.strip() else 'is empty or missing'}")
        for row in rows:
            by_time.setdefault(row.time_s, {}).update(row.values)
    if len(notes) == len(TABLES):
        notes = ["no table has rows: tsar is not installed on the node, or has no history"]
    rows = tuple(TsarRow(time_s, by_time[time_s]) for time_s in sorted(by_time))
    return SysstatHistory(node, rows, tuple(notes))


def _texts(path: Path) -> dict[str, str]:
    """The known tables by their names. Names of members are looked at and never used as paths."""
    found: dict[str, str] = {}
    left = _MOST_BYTES
    try:
        with tarfile.open(path, "r|gz") as archive:
            for number, member in enumerate(archive):
                left -= member.size
                if number >= _MOST_MEMBERS or left < 0:
                    raise DataError("holds more than such an archive can", where=str(path), hint="it is not read")
                name = PurePosixPath(member.name).name
                if name in TABLES and member.isreg() and member.size and (file := archive.extractfile(member)):
                    found[name] = file.read().decode(errors="replace")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise DataError(f"cannot be read: {error}", where=str(path), hint="it is damaged") from error
    return found
