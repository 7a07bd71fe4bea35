"""The audit trail: who did what to whom, one JSON object a line, only ever added to."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from distdiag_core import places
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

Result = Literal["done", "failed", "refused", "interrupted"]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that an operator did, with how it ended.

    Attributes:
        what: the verb, for instance `inject` or `clear`.
        nodes: where; empty for an act on the cluster as a whole.
        began_s: seconds since the epoch.
        parameters: of the verb, plain values that JSON can carry. Never passwords, commands or environments.
        reason: why it failed or was refused, in plain words.
    """

    what: str
    cluster: str
    nodes: tuple[str, ...]
    began_s: float
    duration_s: float
    result: Result
    parameters: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def append(act: Act, path: Path | None = None) -> None:
    """Add `act`, by whoever runs this program on this host, to the trail.

    Raises:
        DataError: the trail cannot be written.
    """
    path = path or places.audit_file()
    who = {"account": _account(), "host": socket.gethostname()}
    line = (json.dumps(who | asdict(act), default=str) + "\n").encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _add_line(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DataError(
            f"the audit trail cannot be written: {error.strerror}",
            where=str(path),
            hint="the act itself is not affected",
        ) from error


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container the number may have no name.
        return str(os.getuid())


def _add_line(descriptor: int, line: bytes) -> None:
    # Two consoles may share the trail.
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        # A full disk once cut a line short; it must not swallow this one.
        line = b"\n" + line
    while line:
        line = line[os.write(descriptor, line) :]
    os.fsync(descriptor)
