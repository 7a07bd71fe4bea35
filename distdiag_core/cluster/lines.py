"""Lines and delimited answers of a byte stream, for every kind of connection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_CHUNK_BYTES = 65536
# No answer of a node comes near; a program that never stops printing must not fill the memory of this machine.
LONGEST_BYTES = 16 * 1024 * 1024


def lines_of(text: str) -> list[str]:
    """The lines of a protocol, without their newlines.

    Not `str.splitlines`, which also splits at form feeds, U+0085 and U+2028, which a text in a line may contain.
    """
    return text.removesuffix("\n").split("\n")


def last_line(text: str) -> str:
    """The last line of what a program said, which has the reason of its failure; empty where it said nothing."""
    return text.strip().rpartition("\n")[2].strip()


class LineReader:
    """A reader of the output of a program; bytes that are not UTF-8 become the replacement character.

    Args:
        read: gives at least one byte and at most so many, none at the end.
        where: the node and the program, for errors.
    """

    def __init__(self, read: Callable[[int], Awaitable[bytes]], where: str) -> None:
        self._read = read
        self._where = where
        self._pending = bytearray()

    async def until(self, end: str) -> str:
        """Everything up to the line that equals `end`, which is left out.

        Raises:
            UnreachableError: the program or the connection ended before.
            DataError: it prints more than any answer can be.
        """
        mark = re.compile(rb"(?:^|(?<=\n))" + re.escape(end.encode()) + rb"\r?\n")
        searched = 0
        while (match := mark.search(self._pending, searched)) is None:
            # The mark may have begun in the last line.
            searched = self._pending.rfind(b"\n") + 1
            if not await self._more():
                raise UnreachableError("the program ended in the middle of its answer", where=self._where)
        answer = self._pending[: match.start()].decode(errors="replace")
        del self._pending[: match.end()]
        return answer

    async def line(self) -> str | None:
        """The next line without its newline; None at the end."""
        searched = 0
        while (at := self._pending.find(b"\n", searched)) < 0:
            searched = len(self._pending)
            if not await self._more():
                at = searched
                break
        if at == 0 and not self._pending:
            return None
        line = self._pending[:at].decode(errors="replace")
        del self._pending[: at + 1]
        return line.removesuffix("\r")

    async def _more(self) -> bool:
        if len(self._pending) > LONGEST_BYTES:
            raise DataError(f"more than {LONGEST_BYTES} bytes without an end", where=self._where)
        chunk = await self._read(_CHUNK_BYTES)
        self._pending += chunk
        return bool(chunk)
