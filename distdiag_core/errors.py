"""The errors of distdiag; each says what happened, where, and what to do.

DistdiagError
├── ConfigError         wrong usage or configuration            exit code 2
├── RefusedError        a safety rule says no                   exit code 3
├── UnreachableError    a node or its database cannot be reached
│   ├── TimedOutError   it was reached and did not answer in time
│   └── NotListeningError  its host answers that nothing listens there
├── CommandFailedError  a program on a node ended with an error
├── UnsupportedError    a node lacks what is needed
├── SqlError            the database refused a statement
└── DataError           a file or an answer is not what it should be
"""

from __future__ import annotations

from datetime import date

_SHOWN_CHARS = 80
_SHOWN_BITS = 256


def quoted(value: object) -> str:
    """A foreign value as a message repeats it: in words, short, and without control characters."""
    match value:
        case None:
            return "nothing"
        case int() if value.bit_length() > _SHOWN_BITS:
            return "a number of many digits"
        case bool() | int() | float():
            return str(value).lower()
        case bytes() | bytearray():
            return quoted(value.decode(errors="replace"))
        case date():
            return value.isoformat()
        case str():
            text = "".join(each if each.isprintable() else "?" for each in value[: _SHOWN_CHARS + 1])
            if len(text) > _SHOWN_CHARS:
                text = f"{text[: _SHOWN_CHARS - 3]}..."
            return f'"{text}"' if "'" in text and '"' not in text else f"'{text}'"
        case dict() | list() | tuple() | set() | frozenset():
            return "a section" if isinstance(value, dict) else "a list" if value else "an empty list"
    if callable(item := getattr(value, "item", None)):
        # A number of NumPy.
        return quoted(item())
    return quoted(str(value))


class DistdiagError(Exception):
    """Base of all errors; `str()` is one line fit for the operator."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """`where: what; hint`, without the parts that are unknown."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}; {self.hint}" if self.hint else head


class ConfigError(DistdiagError):
    """The command line or a file is wrong."""

    exit_code = 2


class RefusedError(DistdiagError):
    """A safety rule forbids what was asked; `where` names the rule and its key in the cluster file."""

    exit_code = 3


class UnreachableError(DistdiagError):
    """A node, or the database on it, cannot be reached."""


class TimedOutError(UnreachableError):
    """A node was reached but did not answer in time."""


class NotListeningError(UnreachableError):
    """The host of a node answers, and nothing listens at the port that was asked for."""


class CommandFailedError(DistdiagError):
    """A program on a node ended with an error."""


class UnsupportedError(DistdiagError):
    """A node lacks what is needed: a program, a feature of its kernel, a right."""


class SqlError(DistdiagError):
    """The database refused a statement."""

    def __init__(self, what: str, *, code: int = 0, where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.code = code


class DataError(DistdiagError):
    """A file or an answer from outside is not what it should be."""
