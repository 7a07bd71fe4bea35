"""The nodes of the lab as this machine sees them: their processes, and the leases on them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from distdiag_core.lab import cgroups, engine, plan
from distdiag_core.lab.node_process import NodeProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

# An argument of the program that answers a console once a tick, and of the short trial before it.
_HOST_PROGRAM, _TRIAL = "distdiag-host", "probe"
_LEASE_PLACES = ("var/lib/distdiag", "run/distdiag", "dev/shm/distdiag-0", "tmp/distdiag-0")


class NodeSide:
    """One node of the lab."""

    def __init__(self, name: str) -> None:
        self.name = name
        number = int(name.removeprefix("n"))
        limits = plan.share(plan.machine(), 1)
        self._process = NodeProcess(plan.node(number, limits), cgroups.hierarchies(), engine.kept())

    def host_programs(self) -> list[psutil.Process]:
        """The programs that answer consoles once a tick."""
        return [each for each, words in self._commands() if _HOST_PROGRAM in words and words[-1] != _TRIAL]

    def sessions(self) -> list[psutil.Process]:
        """The processes of sshd that serve a connection."""
        return [each for each, words in self._commands() if words[0].startswith("sshd: root@")]

    def ssh_server(self) -> list[psutil.Process]:
        """The sshd that listens."""
        return [each for each, words in self._commands() if words[0].startswith(("sshd: /usr", "/usr/sbin/sshd"))]

    def database(self) -> list[psutil.Process]:
        """The processes of its database."""
        return [each for each, _ in self._commands() if _uid(each) == plan.OBSERVER_ID]

    def lease_supervisors(self) -> dict[str, psutil.Process]:
        """The processes that end an injection at its deadline, by the id of the injection."""
        found = {}
        for each, words in self._commands():
            if words[0].endswith("sh") and "supervise" in words and "supervisor" in words:
                found[words[words.index("supervise") + 1]] = each
        return found

    def leases(self) -> list[str]:
        """The directories of leases, and of what was not removed of them."""
        init = self._process.cgroup.init()
        if init is None:
            return []
        root = Path(f"/proc/{init}/root")
        with suppress(OSError):
            return sorted(
                str(path.relative_to(root))
                for place in _LEASE_PLACES
                for path in (root / place).glob("*")
                if path.is_dir() and not path.name.startswith(".undone-")
            )
        return []

    def _commands(self) -> Iterator[tuple[psutil.Process, list[str]]]:
        for pid in self._process.cgroup.pids():
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                if (words := process.cmdline()) and words[0]:
                    yield process, words


def kill(processes: list[psutil.Process]) -> None:
    """Kill processes that may have ended meanwhile."""
    for each in processes:
        with suppress(ProcessLookupError):
            os.kill(each.pid, signal.SIGKILL)


def _uid(process: psutil.Process) -> int | None:
    try:
        return process.uids().real
    except psutil.Error:
        return None
