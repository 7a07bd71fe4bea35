"""The log of the program: a file, never the screen."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler

from distdiag_core import places

_MAX_BYTES = 5_000_000
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def begin() -> None:
    """Send warnings and errors to the log file, which is created with the first of them.

    Where the file cannot be written they are lost: a full disk must not keep an operator from ending an injection.
    """
    logging.raiseExceptions = False
    try:
        places.log_file().parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    handler = RotatingFileHandler(places.log_file(), maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
