"""Why a connection fails, in plain words."""

from __future__ import annotations

import errno
import socket

_WORDS = {
    errno.ECONNREFUSED: "refused: nothing listens there",
    errno.ECONNRESET: "the other side closed it",
    errno.EPIPE: "the other side closed it",
    errno.ETIMEDOUT: "timed out: no answer",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "no route to its network",
    errno.EACCES: "not permitted by a firewall of this machine",
    errno.EPERM: "not permitted by a firewall of this machine",
    errno.EMFILE: "this machine has no file descriptor left for it",
    errno.ENFILE: "this machine has no file descriptor left for it",
}


def of(error: OSError | EOFError | UnicodeError) -> str:
    """What the operating system means."""
    # A name with an empty or an overlong part is refused before anybody is asked for it.
    if isinstance(error, socket.gaierror | UnicodeError):
        return "its name cannot be resolved"
    if isinstance(error, TimeoutError):
        return _WORDS[errno.ETIMEDOUT]
    if isinstance(error, EOFError):
        return _WORDS[errno.ECONNRESET]
    return _WORDS.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
