"""The output of the verbs: data on stdout, messages on stderr."""

from __future__ import annotations

import errno
import json
import math
import os
import sys
from contextlib import suppress
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Sequence


class OutputError(DistdiagError):
    """Standard output cannot be written."""


class ReaderGoneError(DistdiagError):
    """The reader of standard output has gone, as after `| head`; that is no failure."""

    exit_code = 0


def say(text: str) -> None:
    """Print a message on stderr; one that cannot be written is lost."""
    with suppress(OSError):
        click.echo(_lines(text), err=True)


def put(text: str = "", *, nl: bool = True) -> None:
    """Print text on stdout without control characters; the only way on which verbs print there.

    Raises:
        ReaderGoneError: the reader has gone.
        OutputError: it cannot be written.
    """
    try:
        click.echo(_lines(text), nl=nl)
    except OSError as error:
        raise _failed(error) from error


def finish() -> None:
    """Write what stdout holds back.

    Raises:
        ReaderGoneError: the reader has gone.
        OutputError: it cannot be written.
    """
    try:
        if sys.stdout is not None and not sys.stdout.closed:
            sys.stdout.flush()
    except OSError as error:
        raise _failed(error) from error


def _failed(error: OSError) -> DistdiagError:
    # What the interpreter still holds would fail again at its end, with an exit code of its own.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno == errno.EPIPE:
        return ReaderGoneError("the reader of the output has gone")
    return OutputError(f"the output cannot be written: {error.strerror or error}")


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 case`, `2 cases`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    """The text without control characters, which the output of a node may contain."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "?" for each in text)


def emit(data: object) -> None:
    """Print one JSON value on a line; NaN is null."""
    put(json.dumps(plain(data), allow_nan=False))


def plain(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The value in types of JSON."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "item") and callable(value.item):
        return plain(value.item())
    return value


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows aligned under a header on stdout."""
    lines = [tuple(map(printable, row)) for row in (header, *rows)]
    widths = [max(len(row[column]) for row in lines) for column in range(len(header))]
    for row in lines:
        put("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
