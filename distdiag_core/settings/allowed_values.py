"""The values that a type allows, in words: for error messages, the example file and the documentation."""

from __future__ import annotations

import math
import reprlib
import types
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MinLen

from distdiag_core.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from distdiag_core.settings.yaml_document import KeyPath

# Aliases can make a value that is endless to look at.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80
_NOUNS: dict[object, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True, slots=True)
class Words:
    """Metadata of an annotated type: its values in words, without their bounds.

    Attributes:
        text: completes `must be ...`.
        secret: a value may be a password that was put in the wrong place, and is never repeated.
    """

    text: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A place within a type.

    Attributes:
        key: the path to it, without what only the validator knows of.
        kind: None where the type has no such place.
        owner: the dataclass that has it as a field, or would have.
    """

    key: KeyPath
    kind: object
    metadata: tuple[object, ...] = ()
    owner: type[Any] | None = None

    @property
    def words(self) -> Words | None:
        """The words of this place, where its type has some."""
        return next((each for each in self.metadata if isinstance(each, Words)), None)

    @property
    def expected(self) -> str:
        """The values that are allowed here; completes `must be ...`."""
        return expected(self.kind, self.metadata)


def expected(kind: object, metadata: Iterable[object] = ()) -> str:
    """The values that `kind` allows; completes `must be ...`."""
    kind, found = plain(kind)
    metadata = (*found, *metadata)
    words = next((each.text for each in metadata if isinstance(each, Words)), None)
    noun = words or _noun(kind, metadata)
    bounds = _bounds(metadata) if kind in (int, float) else ""
    return f"{noun}, {bounds}" if bounds else noun


def plain(kind: object) -> tuple[object, tuple[object, ...]]:
    """A type without annotations and without None, and its annotations."""
    metadata: tuple[object, ...] = ()
    while True:
        if get_origin(kind) is Annotated:
            kind, *more = get_args(kind)
            metadata = (*metadata, *more)
        elif is_union(kind) and len(members := [each for each in get_args(kind) if each is not type(None)]) == 1:
            (kind,) = members
        else:
            return kind, metadata


def is_union(kind: object) -> bool:
    """Whether it is one of several types."""
    return get_origin(kind) in (Union, types.UnionType)


def fields_of(kind: type[Any]) -> Mapping[str, object]:
    """The annotated types of the fields of a dataclass, by name."""
    return _fields_of(cast("Hashable", kind))


@cache
def _fields_of(kind: Hashable) -> Mapping[str, object]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(cast("Any", kind))}


def spot(kind: object, location: KeyPath) -> Spot:
    """The place in `kind` at the location of a pydantic error."""
    if location[-1:] == ("[key]",):
        # The problem is the key of a mapping itself.
        *above, name, _ = location
        mapping = spot(kind, tuple(above))
        arguments = get_args(mapping.kind)
        return Spot((*mapping.key, name), *plain(arguments[0] if arguments else None))
    key: KeyPath = ()
    owner: type[Any] | None = None
    kind, metadata = plain(kind)
    for part in location:
        if is_union(kind):
            # The location goes on with the member of the union that was tried: an error is about all of them.
            return Spot(key, kind, metadata, owner)
        inner, owner = _inner(kind, part)
        key = (*key, part)
        if inner is None:
            return Spot(key, None, (), owner)
        kind, metadata = plain(inner)
    return Spot(key, kind, metadata, owner)


def shown(value: object) -> str:
    """A value as a message repeats it; a list or a mapping is not repeated."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:g}" if isinstance(value, float) and not math.isfinite(value) else _SHORT.repr(value)
        case dict():
            return "a section"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case _:
            return quoted(value)


def _inner(kind: object, part: int | str) -> tuple[object, type[Any] | None]:
    if isinstance(kind, type) and is_dataclass(kind):
        return fields_of(kind).get(str(part)), kind
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return arguments[1], None
    return (arguments[0] if arguments else None), None


def _noun(kind: object, metadata: Iterable[object]) -> str:
    if is_union(kind):
        return " or ".join(expected(each) for each in get_args(kind) if each is not type(None))
    if get_origin(kind) is Literal:
        return f"one of {', '.join(shown_choice(each) for each in get_args(kind))}"
    if isinstance(kind, type) and is_dataclass(kind):
        return f"a section with keys such as {', '.join(tuple(fields_of(kind))[:3])}"
    if get_origin(kind) is dict:
        return "a section of keys and values"
    if get_origin(kind) in (tuple, list, frozenset, set):
        least = max((each.min_length for each in metadata if isinstance(each, MinLen)), default=0)
        number = f" with {least} or more items" if least else ""
        return f"a list{number}, each {expected(get_args(kind)[0])}"
    return _NOUNS.get(kind, "another value")


def shown_choice(value: object) -> str:
    """One of several allowed values."""
    return value if isinstance(value, str) else shown(value)


def _bounds(metadata: Iterable[object]) -> str:
    bounds: dict[type, object] = {}
    for each in metadata:
        match each:
            case Ge(ge=bound) | Gt(gt=bound) | Le(le=bound) | Lt(lt=bound):
                bounds[type(each)] = bound
    if {Ge, Le} <= set(bounds):
        return f"{bounds[Ge]} to {bounds[Le]}"
    named = ((Ge, "{} or more"), (Gt, "more than {}"), (Le, "at most {}"), (Lt, "less than {}"))
    return ", ".join(words.format(bounds[kind]) for kind, words in named if kind in bounds)
