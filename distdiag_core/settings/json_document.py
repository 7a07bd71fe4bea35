"""JSON of files and of answers from outside, as values of given types; whatever is wrong is one line.

Every JSON text that another program, an earlier release or a broken disk may have written is read by this module: its
types say what a value may be, as those of configuration do. Keys that a type does not know are ignored, since a later
release may write more.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from annotated_types import Ge, Le
from pydantic import Strict

from distdiag_core.errors import DataError, quoted
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from distdiag_core.settings.yaml_document import KeyPath

T = TypeVar("T")

# A dataclass that is read from JSON carries this as `__pydantic_config__`: NaN and Infinity are no numbers.
FINITE: dict[str, Any] = {"allow_inf_nan": False}

# From 1970 to the year 5138: what is beyond has no date on some systems.
TimeS = Annotated[float, Strict(), Ge(0), Le(1e11)]
Count = Annotated[int, Strict(), Ge(0), Le(2**53)]
Rate = Annotated[float, Strict(), Ge(0), Le(1e15)]


def parse(content: bytes | str, kind: type[T], *, where: str, hint: str = "") -> T:
    """The value of type `kind` in a JSON text.

    Args:
        where: the file or the program that the text came from.
        hint: what to do about a damaged one.

    Raises:
        DataError: the text is not JSON, or holds another value.
    """
    return checked(plain(content, where=where, hint=hint), kind, where=where, hint=hint)


def plain(content: bytes | str, *, where: str, hint: str = "") -> Any:  # noqa: ANN401 - JSON has no narrower type
    """What a JSON text holds, not checked any further.

    Raises:
        DataError: the text is not JSON.
    """
    try:
        return json.loads(content)
    except RecursionError as error:
        raise DataError("is damaged: it is nested too deeply", where=where, hint=hint) from error
    except ValueError as error:
        raise DataError(f"is damaged: it is not JSON: {error}", where=where, hint=hint) from error


def checked(data: object, kind: type[T], *, where: str, hint: str = "") -> T:
    """Plain data as a value of type `kind`.

    Raises:
        DataError: the data are another value; names the first problem, and how many more there are.
    """
    value, problems = loader.check(data, kind)
    if value is None or problems:
        key, what = problems[0]
        more = f", and {len(problems) - 1} more problems" if len(problems) > 1 else ""
        raise DataError(f"is damaged: {_named(key)}{what}{more}", where=where, hint=hint)
    return value


def _named(key: KeyPath) -> str:
    name = ".".join(map(str, key))
    return f"{name if name.isprintable() else quoted(name)}: " if name else ""
