"""Which host keys are trusted. Files are parsed once for all nodes, for they can be long."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from distdiag_core.errors import ConfigError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable

SYSTEM_FILES = (Path("/etc/ssh/ssh_known_hosts"), Path("/etc/ssh/ssh_known_hosts2"))
# Where keys are written to in order to be forgotten.
_NOWHERE = Path("/dev/null")
_REVOKED = (2, 4, 6)


class HostKeys(asyncssh.SSHKnownHosts):
    """Keys by host; a key that is revoked for a host stays so, under whichever of its names it was found."""

    def match(self, host: str, addr: str, port: int | None) -> tuple[Any, ...]:
        """What asyncssh asks for: the keys and certificates that are trusted, and that are revoked."""
        found = super().match(host.lower(), addr, port)
        strict = super()._match(host.lower(), addr, port)
        return tuple(
            [*kind, *(each for each in strict[index] if each not in kind)] if index in _REVOKED else kind
            for index, kind in enumerate(found)
        )


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The keys of some files, and which lines of them were passed over."""

    keys: HostKeys
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostKey:
    """A key that a host presented, and the file of known hosts that it belongs into once it is trusted.

    Attributes:
        fingerprint: as `ssh-keygen -l` prints it.
        line: of the file.
    """

    host: str
    port: int
    algorithm: str
    fingerprint: str
    file: Path
    line: str


class HostKeyUnknownError(UnreachableError):
    """No file of known hosts has a key of the host; `host_key` is the one that it presented."""

    def __init__(self, what: str, host_key: HostKey, *, where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.host_key = host_key


def host_key(host: str, port: int, file: Path, key: asyncssh.SSHKey) -> HostKey:
    """The facts of a key that a host presented."""
    name = host.lower() if port == asyncssh.DEFAULT_PORT else f"[{host.lower()}]:{port}"
    public = key.export_public_key().decode("ascii").split()
    return HostKey(host, port, public[0], key.get_fingerprint(), file, f"{name} {public[0]} {public[1]}")


def trust(accepted: HostKey) -> None:
    """Add a key to its file, which is made where there is none.

    Raises:
        ConfigError: the file cannot be written.
    """
    path = accepted.file
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with path.open("ab+") as file:
            file.seek(0)
            content = file.read()
            between = b"" if not content or content.endswith(b"\n") else b"\n"
            file.write(between + accepted.line.encode("ascii") + b"\n")
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def default_files() -> tuple[Path, ...]:
    """Where SSH itself looks when nothing else is said."""
    return Path("~/.ssh/known_hosts").expanduser(), Path("~/.ssh/known_hosts2").expanduser(), *SYSTEM_FILES


def keeps_nothing(path: Path) -> bool:
    """Whether keys that are added to this file are lost."""
    return path == _NOWHERE


def load(files: Iterable[Path]) -> KnownHosts:
    """The hosts of these files; a file that does not exist has none, and a line that makes no sense is passed over.

    Raises:
        UnreachableError: a file cannot be read.
    """
    present = tuple((path, path.stat()) for path in files if path.is_file())
    return _parsed(tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in present))


# Not more than this many different sets of files are in use at once; time and size tell when one was edited.
@lru_cache(maxsize=8)
def _parsed(files: tuple[tuple[Path, int, int], ...]) -> KnownHosts:
    keys, notes = HostKeys(), []
    for path, _, _ in files:
        try:
            text = path.read_bytes().decode("utf-8", "surrogateescape")
        except OSError as error:
            raise UnreachableError(
                f"the file of known hosts {path} cannot be read: {error.strerror}",
                hint="make it readable, or name another one by ssh.known_hosts in the cluster file",
            ) from error
        for number, line in enumerate(text.split("\n"), start=1):
            try:
                keys.load(_lower_names(line))
            except ValueError as error:
                notes.append(f"{path} line {number} passed over: {str(error)[:120]}")
    return KnownHosts(keys, tuple(notes))


def _lower_names(line: str) -> str:
    """The same with its host names in lower case; hashed ones stand as they are."""
    words = line.split(None, 2)
    at = 1 if words and words[0].startswith("@") else 0
    if len(words) <= at or words[at].startswith(("|", "#")):
        return line
    words[at] = words[at].lower()
    return " ".join(words)
