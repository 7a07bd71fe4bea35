"""The log of a client program: the newest report of its figures, and the last remark of its supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from distdiag_core.workloads.timestamped_log import TimestampedLine
    from distdiag_core.workloads.workload_status import WorkloadFigures

    Parse = Callable[[str], WorkloadFigures | None]

# Begins the lines that the supervisor writes itself.
REMARK = "# "


def figures(newest_first: Iterable[TimestampedLine], parse: Parse, *, since_s: float) -> WorkloadFigures | None:
    """The newest report of the clients; None where they have not reported since `since_s`."""
    for line in newest_first:
        if line.time_s < since_s:
            return None
        if (measured := parse(line.text)) is not None:
            return measured
    return None


def remark(newest_first: Iterable[TimestampedLine], parse: Parse) -> str:
    """The last remark of the supervisor; empty where the clients have reported after it."""
    for line in newest_first:
        if line.text.startswith(REMARK):
            return line.text.removeprefix(REMARK)
        if parse(line.text) is not None:
            break
    return ""
