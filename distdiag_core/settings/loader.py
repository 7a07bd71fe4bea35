"""YAML files into validated, frozen dataclasses; every mistake is named with file, line, key and what was expected."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import yaml

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from pathlib import Path

    from pydantic import TypeAdapter

T = TypeVar("T")
KeyPath = tuple[int | str, ...]

# A dataclass that is read from a file carries this as `__pydantic_config__`: unknown keys are errors.
STRICT: dict[str, str] = {"extra": "forbid"}

# Aliases can make a value that is endless to look at.
_SHORT = reprlib.Repr()
_SHORT.maxlevel = 2
_SHORT.maxstring = _SHORT.maxother = 80

# What PyYAML lets through when it makes values: dates that do not exist, `!!int x`, `!!bool maybe`, and the like.
_MALFORMED_SCALARS = (ValueError, TypeError, LookupError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML text: its plain data, and the tree that knows the line of every key."""

    where: str
    data: object
    root: yaml.Node | None

    def line(self, path: KeyPath) -> int | None:
        """The line of the innermost part of `path` that is in the text; 1 is the first."""
        return _line(self.root, path)

    def place(self, path: KeyPath) -> str:
        """`file:line: key`, as errors begin."""
        line = self.line(path)
        key = ".".join(str(part) for part in path) or "the whole file"
        return f"{self.where}{f':{line}' if line else ''}: {key}"


def load(path: Path, kind: type[T]) -> T:
    """Read the YAML file at `path` as a `kind` (a dataclass, or a list or dict of them).

    Raises:
        ConfigError: the file is missing, is not YAML, or has mistakes; all of them are listed, one a line.
    """
    document = read(path)
    return validate(document.data, kind, where=document.where, root=document.root)


def read(path: Path) -> Document:
    """Read the YAML file at `path` without asking what it should hold.

    Raises:
        ConfigError: the file is missing or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {_reason(error)}", where=str(path)) from error
    return document(text, where=str(path))


def parse(text: str, kind: type[T], *, where: str) -> T:
    """Like `load`, for a text that came from `where`."""
    parsed = document(text, where=where)
    return validate(parsed.data, kind, where=where, root=parsed.root)


def document(text: str, *, where: str) -> Document:
    """Like `read`, for a text that came from `where`."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"is not valid YAML: {_yaml_problem(error)}", where=_place(where, error)) from error
    except _MALFORMED_SCALARS as error:
        raise ConfigError(f"is not valid YAML: a value is not what its tag says: {error}", where=where) from error
    except RecursionError as error:
        raise ConfigError("is not valid YAML: it is nested too deeply", where=where) from error
    parsed = Document(where, data, root)
    if repeated := _repeated_keys(root, where):
        raise ConfigError("\n".join(repeated))
    return parsed


def validate(
    data: object,
    kind: type[T],
    *,
    where: str,
    root: yaml.Node | None = None,
    place: Callable[[KeyPath], str] | None = None,
) -> T:
    """Turn plain data into a `kind`.

    Args:
        root: the YAML tree that `data` came from, for line numbers.
        place: how an error about a key begins, where a line of the tree would not tell.
    """
    from pydantic import ValidationError

    adapter: TypeAdapter[T] = _adapter(cast("Hashable", kind))
    begin = place or Document(where, data, root).place
    try:
        value = adapter.validate_python(data)
    except ValidationError as error:
        mistakes = (f"{begin(mistake['loc'])}: {_expected(mistake)}" for mistake in error.errors(include_url=False))
        raise ConfigError("\n".join(dict.fromkeys(mistakes))) from error
    return value


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(cast("type[Any]", kind))


def _expected(mistake: Mapping[str, Any]) -> str:
    match mistake["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            return "unknown key; remove it or correct its spelling"
        case "missing" | "missing_argument":
            return "is required but missing"
        case "value_error":
            return str(mistake["msg"]).removeprefix("Value error, ")
        case _:
            message = str(mistake["msg"])
            # The values of secrets never get here: they live in the environment or behind a command.
            return f"{message[:1].lower()}{message[1:]}, not {_SHORT.repr(mistake['input'])}"


def _line(node: yaml.Node | None, path: KeyPath) -> int | None:
    """The line of the innermost part of `path` that is in the file; 1 is the first."""
    line: int | None = node.start_mark.line + 1 if node is not None else None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _repeated_keys(root: yaml.Node | None, where: str) -> list[str]:
    """Of two equal keys YAML readers silently take the last, so that an edit of the first would do nothing."""
    found: list[str] = []
    pending, seen = [root], set[int]()
    while pending:
        node = pending.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending += node.value
        elif isinstance(node, yaml.MappingNode):
            keys = set[tuple[str, str]]()
            for key, value in node.value:
                pending.append(value)
                if isinstance(key, yaml.ScalarNode):
                    if (key.tag, key.value) in keys:
                        found.append(f"{where}:{key.start_mark.line + 1}: {key.value}: stands there twice")
                    keys.add((key.tag, key.value))
    return found


def _place(where: str, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{where}:{mark.line + 1}" if mark is not None else where


def _yaml_problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or str(error)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
