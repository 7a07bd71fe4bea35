"""Commands with holes: `{name}` is filled with a value that is quoted, so that nothing typed becomes shell.

A hole is a word, or a part of one, of its own: inside quotes the value's own quoting would come apart.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value = str | int | float

# `${name}` is the shell's, `{ print $1 }` is awk's.
_HOLE = re.compile(r"(?<!\$)\{([a-z_]+)\}")
_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*\"""", re.DOTALL)


def holes(templates: Iterable[str]) -> frozenset[str]:
    """The names of all holes."""
    return frozenset(name for template in templates for name in _HOLE.findall(template))


def quoted_holes(template: str) -> frozenset[str]:
    """The holes that stand inside quotes, where they must not."""
    return holes(_QUOTED.findall(template))


def fill(template: str, values: Mapping[str, Value]) -> str:
    """The command, with every hole filled.

    Raises:
        ConfigError: a value is missing, or contains what cannot be typed.
    """
    return _HOLE.sub(lambda hole: _quoted(hole[1], values), template)


def _quoted(name: str, values: Mapping[str, Value]) -> str:
    if name not in values:
        raise ConfigError("is not known", where=f"{{{name}}}")
    text = text_of(values[name])
    if not text or not text.isprintable():
        raise ConfigError(f"is empty or has characters that cannot be printed: {text!r}", where=f"{{{name}}}")
    return shlex.quote(text)


def text_of(value: Value) -> str:
    """The value as a command or a manifest wants it."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.6f}".rstrip("0")
    return str(value)
