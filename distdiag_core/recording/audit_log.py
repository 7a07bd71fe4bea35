"""The audit log: an append-only file with one JSON object a line, which says who did what on which nodes."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from annotated_types import Gt, Lt

from distdiag_core import places
from distdiag_core.cluster import operator
from distdiag_core.errors import DataError
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from pathlib import Path

# The latest time that has a date.
_YEAR_9999_S = 253_370_764_800.0

Result = Literal["begun", "done", "failed", "refused", "interrupted"]


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One operation of an operator, and its result.

    Attributes:
        what: the verb, for instance `inject` or `clear`.
        nodes: the nodes concerned; empty for an operation on the cluster as a whole.
        began_s: seconds since the epoch.
        parameters: of the verb, plain values that JSON can carry. Never passwords, commands or environments.
        reason: why it failed or was refused, in plain words.
        ssh_users: the SSH accounts that were used on the nodes.
        operation: the same in the records of its begin and of its end; empty in logs of earlier releases.
    """

    what: str
    cluster: str
    nodes: tuple[str, ...]
    began_s: float
    duration_s: float
    result: Result
    parameters: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    ssh_users: tuple[str, ...] = ()
    operation: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A line of the audit log: an operation, and the account and host that ran this program.

    Attributes:
        sudo_user: the user who became `account` by sudo; empty without sudo.
    """

    account: str
    host: str
    record: AuditRecord
    sudo_user: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A record and who made it, as one JSON object."""

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    account: str
    host: str
    what: str
    cluster: str
    nodes: tuple[str, ...]
    began_s: Annotated[float, Gt(-_YEAR_9999_S), Lt(_YEAR_9999_S)]
    duration_s: Annotated[float, Gt(-_YEAR_9999_S), Lt(_YEAR_9999_S)]
    result: Result
    parameters: dict[str, Any]
    reason: str
    sudo_user: str = ""
    ssh_users: tuple[str, ...] = ()
    operation: str = ""


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Content of an audit log: its entries, the newest last.

    Attributes:
        damaged: the lines that cannot be parsed, each with its number and the reason.
    """

    entries: tuple[AuditEntry, ...]
    damaged: tuple[str, ...] = ()


def read(path: Path | None = None, cluster: str | None = None) -> AuditLog:
    """The audit log at `path`, or the entries of one cluster; empty where there is no file yet.

    An operation has one entry: its end, or its begin where it has no end (yet, or because the program was killed).

    Raises:
        DataError: it cannot be read.
    """
    path = path or places.audit_file()
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return AuditLog(())
    except OSError as error:
        raise DataError(f"the audit log cannot be read: {error.strerror}", where=str(path)) from error
    entries: list[AuditEntry] = []
    damaged: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line and number == len(lines):
            break
        try:
            entry = parse(line)
        except DataError as error:
            damaged.append(f"line {number}: {error.what}")
            continue
        if cluster in (None, entry.record.cluster):
            entries.append(entry)
    ended = {entry.record.operation for entry in entries if entry.record.result != "begun"}
    open_or_ended = (each for each in entries if each.record.result != "begun" or each.record.operation not in ended)
    return AuditLog(tuple(open_or_ended), tuple(damaged))


def new_operation() -> str:
    """An identifier that ties the records of one operation together."""
    return secrets.token_hex(6)


def begun(cluster: str, path: Path | None = None) -> frozenset[str]:
    """The ids of all injections that were started from this machine.

    Raises:
        DataError: the log cannot be read.
    """
    records = (entry.record for entry in read(path, cluster).entries)
    return frozenset(name for each in records if each.what == "inject" for name in _ids(each))


def _ids(record: AuditRecord) -> tuple[str, ...]:
    ids = record.parameters.get("ids", ())
    return tuple(map(str, ids)) if isinstance(ids, (list, tuple)) else ()


def parse(line: bytes) -> AuditEntry:
    """The entry in one line of the log.

    Raises:
        DataError: the line is not an entry.
    """
    read_line = json_document.parse(line, _Line, where="an entry")
    record = AuditRecord(**{each.name: getattr(read_line, each.name) for each in fields(AuditRecord)})
    return AuditEntry(read_line.account, read_line.host, record, read_line.sudo_user)


def problem(path: Path | None = None) -> DataError | None:
    """Why the log cannot be opened for writing; None where it can, as far as that shows without writing."""
    path = path or places.audit_file()
    try:
        os.close(_open(path))
    except OSError as error:
        return _unwritable(path, error)
    return None


def append(record: AuditRecord, path: Path | None = None) -> None:
    """Append `record` to the log, with the account and host that run this program.

    Raises:
        DataError: the log cannot be written.
    """
    path = path or places.audit_file()
    who = {"account": operator.account(), "host": socket.gethostname()}
    if sudo_user := os.environ.get("SUDO_USER"):
        who["sudo_user"] = sudo_user
    line = (json.dumps(who | asdict(record), default=str) + "\n").encode()
    try:
        descriptor = _open(path)
        try:
            _add_line(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unwritable(path, error) from error


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _unwritable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"the audit log cannot be written: {error.strerror}",
        where=str(path),
        hint="what is done is not on record; the operation itself is not affected",
    )


def _add_line(descriptor: int, line: bytes) -> None:
    # Two consoles may share the log.
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        # A full disk once cut a line short; it must not swallow this one.
        line = b"\n" + line
    while line:
        line = line[os.write(descriptor, line) :]
    os.fsync(descriptor)
