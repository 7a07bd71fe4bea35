"""The lines of an OpenSSH client configuration file, read as tolerantly as OpenSSH reads them.

A file is bytes: a comment in Latin-1 is nobody's business, and a file name may hold any byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# The value of these is the rest of the line, with its quotes and its number signs.
_WHOLE = frozenset({"proxycommand", "localcommand", "remotecommand", "knownhostscommand"})
_KEYWORD = re.compile(r"([^\s=]+)(?:\s*=\s*|\s+|$)(.*)", re.DOTALL)
_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|\\$|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+""", re.DOTALL)
_ESCAPED = re.compile(r"""\\(["'\\ ])""")


@dataclass(frozen=True, slots=True)
class ConfigLine:
    """One line that is neither empty nor a comment.

    Attributes:
        keyword: in lower case.
        words: the words of the value; None where a quote has no end.
        value: the whole value as it stands.
        place: file and line, for people.
    """

    keyword: str
    words: tuple[str, ...] | None
    value: str
    place: str


def read(path: Path) -> tuple[ConfigLine, ...]:
    """The lines of the file.

    Raises:
        OSError: it cannot be read.
    """
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    lines = []
    for number, raw in enumerate(text.split("\n"), start=1):
        match = _KEYWORD.fullmatch(raw.strip())
        if match is not None and not match[1].startswith("#"):
            keyword = match[1].strip('"').lower()
            words = (match[2],) if keyword in _WHOLE else words_of(match[2])
            lines.append(ConfigLine(keyword, words, match[2], f"{path} line {number}"))
    return tuple(lines)


def words_of(value: str) -> tuple[str, ...] | None:
    """The words of a value, without their quotes, up to a comment; None where a quote has no end."""
    words: list[str] = []
    at = 0
    while (rest := value[at:].lstrip()) and not rest.startswith("#"):
        at = len(value) - len(rest)
        match = _WORD.match(value, at)
        if match is None:
            return None
        words.append(_plain(match[0]))
        at = match.end()
        if at < len(value) and not value[at].isspace():
            return None
    return tuple(words)


def _plain(word: str) -> str:
    parts = re.findall(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:[^"'\\]|\\.|\\$)+""", word, re.DOTALL)
    return "".join(_ESCAPED.sub(r"\1", part[1:-1] if part[0] in "\"'" else part) for part in parts)
