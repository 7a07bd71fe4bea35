"""Options of a benchmark beyond threads, rate and duration, declared once for the command line and for a form."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T", bound="Options")
Scalar = bool | int | float | str

_KEY = "option"
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


@dataclass(frozen=True, slots=True)
class Options:
    """Base class of the options of a benchmark: a frozen dataclass whose fields are all declared by `option`."""


@dataclass(frozen=True, slots=True)
class Option:
    """Description of one option for front ends.

    Attributes:
        name: of the field; `table_size` is `--table-size` on the command line.
        kind: type of the value and of the default: bool, int, float or str.
        label: caption in a form.
        least: lower bound, None for none; `most` likewise.
        choices: allowed values; empty for any.
        needs_prepare: tables prepared with another value do not fit.
        for_check: also used by a check of the tables, as all with `needs_prepare` are.
    """

    name: str
    kind: type[Scalar]
    default: Scalar
    label: str
    help: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    needs_prepare: bool = False
    for_check: bool = False

    @property
    def expected(self) -> str:
        """Description of the valid values, in plain words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.kind is bool:
            return "yes or no"
        if self.kind is str:
            return "a text"
        noun = "a whole number" if self.kind is int else "a number"
        bounds = (("at least", self.least), ("at most", self.most))
        limits = " and ".join(f"{word} {bound:,g}" for word, bound in bounds if bound is not None)
        return f"{noun} of {limits}" if limits else noun

    def parse(self, text: str) -> Scalar:
        """Parse a typed value.

        Raises:
            ConfigError: the text is no valid value, or out of bounds.
        """
        return self.check(self._read(text.strip()))

    def check(self, value: object) -> Scalar:
        """Return `value` unchanged if it is valid.

        Raises:
            ConfigError: its type is another, or it is out of bounds.
        """
        # A bool is an int in Python, and an int is accepted as a float.
        fits = type(value) is self.kind or (self.kind is float and type(value) is int)
        if not fits or not isinstance(value, (bool, int, float, str)) or not self._within(value):
            raise ConfigError(f"is {quoted(value)}", where=self.label, hint=f"give {self.expected}")
        return value

    def _within(self, value: Scalar) -> bool:
        if isinstance(value, str):
            return not self.choices or value in self.choices
        # Written so that NaN is rejected.
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def _read(self, text: str) -> Scalar:
        if self.kind is bool and text.lower() in (*_YES, *_NO):
            return text.lower() in _YES
        if self.kind in (int, float):
            try:
                return int(text) if self.kind is int else float(text)
            except ValueError:
                pass
        return text


def option(
    help: str,  # noqa: A002 - as click calls it
    *,
    default: Scalar,
    label: str,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    needs_prepare: bool = False,
    for_check: bool = False,
) -> Any:  # noqa: ANN401 - the type of the field
    """Declare a field of an `Options` class."""
    described = Option("", type(default), default, label, help, least, most, choices, needs_prepare, for_check)
    return field(default=default, metadata={_KEY: described})


def described(kind: type[Options]) -> tuple[Option, ...]:
    """Descriptions of the options of a class, in the order of its fields."""
    found: list[Option] = []
    for each in fields(kind):
        known: Option = each.metadata[_KEY]
        found.append(
            Option(
                each.name, known.kind, known.default, known.label, known.help,
                known.least, known.most, known.choices, known.needs_prepare, known.for_check,
            )
        )  # fmt: skip
    return tuple(found)


def check(options: Options) -> None:
    """Check that every value is within its bounds.

    Raises:
        ConfigError: a value is not.
    """
    for each in described(type(options)):
        each.check(getattr(options, each.name))


def from_values(kind: type[T], values: Mapping[str, object]) -> T:
    """Make options from typed or stored values; options without a value keep their default.

    Raises:
        ConfigError: a name is unknown or a value invalid.
    """
    known = {each.name: each for each in described(kind)}
    for name in values:
        if name not in known:
            raise ConfigError(f"there is no option {quoted(name)}", hint=f"there are {', '.join(known) or 'none'}")
    return kind(**{name: known[name].check(value) for name, value in values.items()})
