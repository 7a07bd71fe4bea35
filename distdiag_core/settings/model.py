"""Types of settings: pydantic's configuration of a settings class, and annotated types that many of them share.

A settings class is a frozen dataclass of pydantic, with a docstring under every field:

    @dataclass(frozen=True, slots=True, config=SETTINGS)
    class AbortSettings:
        for_s: Annotated[Seconds, Ge(0), Le(300)] = 10.0
        \"\"\"How long the limit must be exceeded.\"\"\"

Scalars are strict: a text is no number and no boolean, so that `port: "22"` and `read_only: no` are refused.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, ConfigDict, Strict, StringConstraints

from distdiag_core.settings.allowed_values import Words

SETTINGS = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Example:
    """Metadata of a field: its value in the example file.

    Attributes:
        alternative: it excludes another field of the example, and is shown as a comment.
    """

    value: object
    alternative: bool = False


Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Seconds = Annotated[float, Strict(), Words("a number of seconds")]
# A second of patience is little and a few minutes are long, for any answer of a node.
Timeout = Annotated[Seconds, Gt(0), Le(300)]
Port = Annotated[int, Strict(), Ge(1), Le(65_535), Words("a port")]
# Names become names of files, columns and cgroups.
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Name = Annotated[
    str,
    StringConstraints(pattern=NAME_PATTERN),
    Words("a name of letters, digits, dot, dash and underscore, at most 64 of them"),
]
# Not an option of a program, no blanks, and no port; an IPv6 address has two colons at least. Whether the host exists
# is seen when it is reached for.
Host = Annotated[
    str,
    StringConstraints(pattern=r"^([^\s:-][^\s:]{0,254}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Za-z:.%]*)$"),
    Words("an address, a host name or an alias of ~/.ssh/config, without a port"),
]
Text = Annotated[str, StringConstraints(pattern=r"\S"), Words("text that is not empty")]


def _splits(command: str) -> str:
    """The command, if a shell could split it.

    Raises:
        ValueError: without a message, since the words of the type say what is expected.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise ValueError
    return command


Command = Annotated[
    str, AfterValidator(_splits), Words("a program and its arguments, with quotes that match", secret=True)
]
