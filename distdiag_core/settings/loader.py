"""YAML files into validated, frozen values; every problem is named with file, line, key and what is allowed."""

from __future__ import annotations

from dataclasses import is_dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args, get_origin

from distdiag_core.errors import ConfigError
from distdiag_core.settings import yaml_document
from distdiag_core.settings.yaml_document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from pathlib import Path

    from pydantic import TypeAdapter

    from distdiag_core.settings.yaml_document import KeyPath

T = TypeVar("T")
# A key, and what is wrong with it.
Problem = tuple["KeyPath", str]

# A plain dataclass that is read from a file carries this as `__pydantic_config__`: unknown keys are errors.
STRICT: dict[str, str] = {"extra": "forbid"}


def load(path: Path, kind: type[T]) -> T:
    """Read the YAML file at `path` as a `kind` (a dataclass, or a list or dict of them).

    Raises:
        ConfigError: the file is missing, is not YAML, or has problems; all of them are listed, one a line.
    """
    return _value(yaml_document.read(path), kind)


def parse(text: str, kind: type[T], *, where: str) -> T:
    """Like `load`, for a text that came from `where`."""
    return _value(yaml_document.parse(text, where=where), kind)


def read(path: Path) -> Document:
    """Read the YAML file at `path` without asking what it should hold.

    Raises:
        ConfigError: the file is missing or is not YAML, or repeats a key.
    """
    document = yaml_document.read(path)
    if document.repeated:
        raise ConfigError("\n".join(text for _, text in document.repeated))
    return document


def validate(data: object, kind: type[T], *, where: str, place: Callable[[KeyPath], str] | None = None) -> T:
    """Turn plain data into a `kind`.

    Args:
        place: how an error about a key begins; without it, with `where` and the key.

    Raises:
        ConfigError: all problems, one a line.
    """
    value, found = check(data, kind)
    if value is None or found:
        begin = place or Document(where, data, None).place
        raise ConfigError("\n".join(dict.fromkeys(f"{begin(key)}: {what}" for key, what in found)))
    return value


def check(data: object, kind: type[T]) -> tuple[T | None, tuple[Problem, ...]]:
    """Turn plain data into a `kind`; None and the problems where that is not possible.

    An empty section (a key without a value, where keys with values are allowed) is the same as none.
    """
    from pydantic import ValidationError

    adapter: TypeAdapter[T] = _adapter(cast("Hashable", kind))
    try:
        return adapter.validate_python(_without_empty_sections(data, kind)), ()
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # Of a list whose items are wrong pydantic also says that it is too short.
        inner = {each["loc"][:length] for each in errors for length in range(len(each["loc"]))}
        found = (_problem(each, kind) for each in errors if each["type"] != "too_short" or each["loc"] not in inner)
        return None, tuple(dict.fromkeys(found))


def unknown_key(name: object, known: Iterable[str]) -> str:
    """The message about a key that is not one of `known`."""
    known = tuple(known)
    if near := get_close_matches(str(name), known, n=1):
        return f"unknown key; is {near[0]} meant?"
    return f"unknown key; known here: {', '.join(known)}"


def _value(document: Document, kind: type[T]) -> T:
    value, found = check(document.data, kind)
    problems = [
        *document.repeated,
        *((document.line(key) or 0, f"{document.place(key)}: {what}") for key, what in found),
    ]
    if value is None or problems:
        raise ConfigError("\n".join(dict.fromkeys(text for _, text in sorted(problems, key=lambda each: each[0]))))
    return value


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(cast("type[Any]", kind))


def _problem(error: Mapping[str, Any], kind: object) -> Problem:
    from distdiag_core.settings import allowed_values

    spot = allowed_values.spot(kind, error["loc"])
    match error["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            return spot.key, unknown_key(spot.key[-1], allowed_values.fields_of(spot.owner) if spot.owner else ())
        case "missing" | "missing_argument":
            return spot.key, "is required but missing"
        case "value_error" if message := str(error["msg"]).removeprefix("Value error, "):
            return spot.key, message
    what = f"must be {spot.expected}"
    if spot.words is not None and spot.words.secret:
        return spot.key, f"{what}; the value is not repeated here, since it may be a secret"
    value = error["input"]
    if isinstance(value, str) and is_dataclass(spot.kind):
        # It may be a password that was put in the wrong place.
        return spot.key, f"{what}, not a text"
    quotes = "; put it in quotes" if spot.kind is str and isinstance(value, int | float) else ""
    return spot.key, f"{what}, not {allowed_values.shown(value)}{quotes}"


def _without_empty_sections(data: object, kind: object) -> object:
    from distdiag_core.settings import allowed_values

    kind, _ = allowed_values.plain(kind)
    if isinstance(data, list) and get_origin(kind) in (tuple, list):
        return [_without_empty_sections(each, get_args(kind)[0]) for each in data]
    if not (isinstance(data, dict) and isinstance(kind, type) and is_dataclass(kind)):
        return data
    fields = allowed_values.fields_of(kind)
    sections = {name for name, each in fields.items() if is_dataclass(allowed_values.plain(each)[0])}
    return {
        key: _without_empty_sections(value, fields[key]) if key in fields else value
        for key, value in data.items()
        if not (value is None and key in sections)
    }
