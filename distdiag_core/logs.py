"""The log of the program: a file, never the screen; and what is lost because files cannot be written."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from distdiag_core import places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_BYTES = 5_000_000
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

unwritten = logging.getLogger("distdiag_core.unwritten")
"""Warnings that a recording or the audit log cannot be written; each names the path and what is lost."""
unwritten.addHandler(logging.NullHandler())


@contextmanager
def report_unwritten(tell: Callable[[str], None]) -> Iterator[None]:
    """Pass the warnings of `unwritten` to `tell` too, each once; it may be called in any thread."""
    handler = _UnwrittenHandler(tell)
    unwritten.addHandler(handler)
    try:
        yield
    finally:
        unwritten.removeHandler(handler)


class _UnwrittenHandler(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._passed_on: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on a warning that was not passed on before."""
        text = record.getMessage()
        if text not in self._passed_on:
            self._passed_on.add(text)
            self._tell(text)


def begin() -> None:
    """Send warnings and errors to the log file, which is created with the first of them.

    Where the file cannot be written they are lost: a full disk must not keep an operator from ending an injection.
    """
    logging.raiseExceptions = False
    try:
        places.log_file().parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        # Without any handler warnings would go to standard error, which is the screen of the console.
        logging.basicConfig(level=logging.WARNING, handlers=[logging.NullHandler()])
        return
    handler = RotatingFileHandler(places.log_file(), maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
