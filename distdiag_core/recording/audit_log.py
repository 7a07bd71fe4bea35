"""The audit trail: who did what to whom, one JSON object a line, only ever added to."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from distdiag_core import places
from distdiag_core.cluster import operator
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

# What is later has no date.
_YEAR_9999_S = 253_370_764_800.0

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
        ssh_users: who we were on the nodes.
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


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the trail: who ran this program, and where, and what they did.

    Attributes:
        sudo_user: who became `account` by sudo; empty where nobody did.
    """

    account: str
    host: str
    act: Act
    sudo_user: str = ""


@dataclass(frozen=True, slots=True)
class Trail:
    """What was read of it, the newest last.

    Attributes:
        damaged: the lines that are no entries, each with its number and what is wrong.
    """

    entries: tuple[Entry, ...]
    damaged: tuple[str, ...] = ()


def read(path: Path | None = None, cluster: str | None = None) -> Trail:
    """The whole trail, or what it says of one cluster; empty where there is none yet.

    Raises:
        DataError: it cannot be read.
    """
    path = path or places.audit_file()
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return Trail(())
    except OSError as error:
        raise DataError(f"the audit trail cannot be read: {error.strerror}", where=str(path)) from error
    entries: list[Entry] = []
    damaged: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            entry = parse(line)
        except ValueError as error:
            damaged.append(f"line {number}: {error}")
            continue
        if cluster in (None, entry.act.cluster):
            entries.append(entry)
    return Trail(tuple(entries), tuple(damaged))


def begun(cluster: str, path: Path | None = None) -> frozenset[str]:
    """The ids of all injections that were begun from this machine.

    Raises:
        DataError: the trail cannot be read.
    """
    acts = (entry.act for entry in read(path, cluster).entries)
    return frozenset(str(name) for act in acts if act.what == "inject" for name in act.parameters.get("ids", ()))


def parse(line: bytes) -> Entry:
    """One line of the trail.

    Raises:
        ValueError: it is none.
    """
    facts = json.loads(line)
    if not isinstance(facts, dict):
        raise ValueError("is no object")  # noqa: TRY004 - a line like any other that is damaged
    try:
        return Entry(
            account=str(facts["account"]),
            host=str(facts["host"]),
            sudo_user=str(facts.get("sudo_user", "")),
            act=Act(
                what=str(facts["what"]),
                cluster=str(facts["cluster"]),
                nodes=tuple(map(str, facts["nodes"])),
                began_s=_seconds(facts["began_s"]),
                duration_s=_seconds(facts["duration_s"]),
                result=facts["result"],
                parameters=dict(facts["parameters"]),
                reason=str(facts["reason"]),
                ssh_users=tuple(map(str, facts.get("ssh_users", ()))),
            ),
        )
    except KeyError as error:
        raise ValueError(f"lacks {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"is not what an act is: {error}") from error


def _seconds(value: Any) -> float:  # noqa: ANN401 - what JSON can hold
    seconds = float(value)
    if not abs(seconds) < _YEAR_9999_S:
        raise ValueError(f"{seconds:g} s is no time")
    return seconds


def append(act: Act, path: Path | None = None) -> None:
    """Add `act`, by whoever runs this program on this host, to the trail.

    Raises:
        DataError: the trail cannot be written.
    """
    path = path or places.audit_file()
    who = {"account": operator.account(), "host": socket.gethostname()}
    if sudo_user := os.environ.get("SUDO_USER"):
        who["sudo_user"] = sudo_user
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
