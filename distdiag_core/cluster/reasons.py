"""The reasons of the operating system for a failed connection, in plain words."""

from __future__ import annotations

import errno
import socket

from distdiag_core.errors import NotListeningError, UnreachableError

_WORDS = {
    errno.ECONNREFUSED: "refused: nothing listens there",
    errno.ECONNRESET: "the other side closed it",
    errno.EPIPE: "the other side closed it",
    errno.ETIMEDOUT: "timed out: no answer",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "no route to its network",
    errno.EACCES: "this machine does not permit the connection",
    errno.EPERM: "this machine does not permit the connection, as where its firewall rejects it",
    errno.EMFILE: "this machine has no file descriptor left for it",
    errno.ENFILE: "this machine has no file descriptor left for it",
}


def of(error: OSError | EOFError | UnicodeError) -> str:
    """What the operating system means by the failure of a connection."""
    match error:
        case socket.gaierror() if error.errno == socket.EAI_AGAIN:
            return "its name cannot be resolved now: no name server answers"
        case socket.gaierror():
            return "its name cannot be resolved"
        case UnicodeError() if "idna" in str(error):
            # A name with an empty or an overlong part is refused before anybody is asked for it.
            return "its name cannot be resolved: no host can have such a name"
        case UnicodeError():
            return f"text that is not in the encoding that is wanted: {error}"
        case TimeoutError():
            return _WORDS[errno.ETIMEDOUT]
        case EOFError():
            return _WORDS[errno.ECONNRESET]
        case _:
            return _WORDS.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__


def unreachable(error: OSError | EOFError | UnicodeError, host: str) -> UnreachableError:
    """The error of a connection to `host` that could not be made."""
    kind = NotListeningError if isinstance(error, ConnectionRefusedError) else UnreachableError
    return kind(f"{host}: {of(error)}")
