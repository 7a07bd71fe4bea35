"""Command templates: a placeholder `{name}` is replaced by a quoted value, so that no value is run as shell.

A placeholder stands outside quotes, where it would break the quoting of its value.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value = str | int | float

# `${name}` is the shell's, `{ print $1 }` is awk's.
_PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z_]+)\}")
_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*\"""", re.DOTALL)


def placeholders(templates: Iterable[str]) -> frozenset[str]:
    """The names of all placeholders."""
    return frozenset(name for template in templates for name in _PLACEHOLDER.findall(template))


def quoted_placeholders(template: str) -> frozenset[str]:
    """The names of the placeholders that stand inside quotes, where they must not."""
    return placeholders(_QUOTED.findall(template))


def fill(template: str, values: Mapping[str, Value]) -> str:
    """The command with all placeholders replaced.

    Raises:
        ConfigError: a value is missing, empty, or has unprintable characters.
    """
    return _PLACEHOLDER.sub(lambda placeholder: _quoted(placeholder[1], values), template)


def _quoted(name: str, values: Mapping[str, Value]) -> str:
    if name not in values:
        raise ConfigError("is not known", where=f"{{{name}}}")
    text = text_of(values[name])
    if not text or not text.isprintable():
        raise ConfigError(f"is empty or has characters that cannot be printed: {quoted(text)}", where=f"{{{name}}}")
    return shlex.quote(text)


def text_of(value: Value) -> str:
    """The value as text in a command or a manifest."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.6f}".rstrip("0")
    return str(value)
