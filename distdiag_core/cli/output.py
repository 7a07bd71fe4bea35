"""The output of the verbs: data on stdout, messages on stderr."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


def say(text: str) -> None:
    """Print a message on stderr."""
    click.echo("\n".join(map(printable, text.split("\n"))), err=True)


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 case`, `2 cases`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    """The text without control characters, which the output of a node may contain."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "?" for each in text)


def emit(data: object) -> None:
    """Print one JSON value on a line; NaN is null."""
    click.echo(json.dumps(plain(data), allow_nan=False))


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
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
