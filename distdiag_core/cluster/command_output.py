"""The output of a command, within bounds: no node may fill the memory of this machine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_CHUNK_BYTES = 65536
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OutputLimits:
    """The most bytes that one command may print; the largest answers of nodes are far below."""

    stdout_bytes: int = 16 * _MIB
    stderr_bytes: int = _MIB


LIMITS = OutputLimits()


async def read_output(
    stdout: Callable[[int], Awaitable[bytes]],
    stderr: Callable[[int], Awaitable[bytes]],
    where: str,
    limits: OutputLimits = LIMITS,
) -> tuple[str, str]:
    """Standard output and standard error of a command, up to their ends; what is not UTF-8 is replaced.

    Args:
        stdout, stderr: each gives at least one byte and at most so many, none at the end.
        where: the node and the command, for errors.

    Raises:
        DataError: it prints more than the limits; the rest is not read.
    """
    try:
        async with asyncio.TaskGroup() as group:
            out = group.create_task(_whole(stdout, limits.stdout_bytes, "standard output", where))
            err = group.create_task(_whole(stderr, limits.stderr_bytes, "standard error", where))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return out.result(), err.result()


async def _whole(read: Callable[[int], Awaitable[bytes]], most_bytes: int, stream: str, where: str) -> str:
    data = bytearray()
    while chunk := await read(_CHUNK_BYTES):
        data += chunk
        if len(data) > most_bytes:
            raise DataError(
                f"printed more than {most_bytes / _MIB:g} MiB on {stream}, and was ended",
                where=where,
                hint="no answer that is asked for is that long; see what this program is on the node",
            )
    return data.decode(errors="replace")
