"""Which host keys are trusted. Files are parsed once for all nodes, for they can be long."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable

SYSTEM_FILE = Path("/etc/ssh/ssh_known_hosts")


def default_files() -> tuple[Path, ...]:
    """Where SSH itself looks when nothing else is said."""
    return Path("~/.ssh/known_hosts").expanduser(), SYSTEM_FILE


def load(files: Iterable[Path]) -> asyncssh.SSHKnownHosts:
    """The hosts of these files; a file that does not exist has none.

    Raises:
        UnreachableError: a file cannot be read, or has a line that makes no sense.
    """
    present = tuple((path, path.stat()) for path in files if path.is_file())
    return _parsed(tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in present))


# Not more than this many different sets of files are in use at once; time and size tell when one was edited.
@lru_cache(maxsize=8)
def _parsed(files: tuple[tuple[Path, int, int], ...]) -> asyncssh.SSHKnownHosts:
    hosts = asyncssh.SSHKnownHosts()
    for path, _, _ in files:
        try:
            hosts.load(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UnreachableError(f"the file of known hosts {path} cannot be used: {error}") from error
    return hosts
