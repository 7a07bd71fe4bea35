"""Which host keys are trusted. Files are parsed once for all nodes, for they can be long."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from distdiag_core.errors import UnreachableError

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
