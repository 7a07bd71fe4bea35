"""The loopback lab: the same engines on 127.0.0.1, one port each, for users who may not build a complete one."""

from __future__ import annotations

import asyncio
import errno
import getpass
import os
import shlex
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from distdiag_core import places
from distdiag_core.errors import ConfigError, DistdiagError, TimedOutError
from distdiag_core.lab import cluster_file, keys, oceanbase, probe
from distdiag_core.lab.plan import MAX_NODES
from distdiag_core.lab.programs import detach, run, together, until
from distdiag_core.lab.status import LabNode, LabProgress, Progress

LOSSES = (
    "all nodes are this one machine: they share its processors, memory, disk, network counters and /proc",
    "an anomaly that is injected into one node affects all of them, and the machine",
)
_HOST = "127.0.0.1"
_SSH_BASE = 22080
_SQL_BASE = 28810
_READY_S = 90.0
_ENDED_S, _ANSWER_S = 5.0, 1.0
_FILES = Path(__file__).resolve().parent / "node"
_START = """\
#!/bin/sh
# Starts the observer on its data and returns at once; it answers SQL a few seconds later.
set -eu
cd {home}
exec 9>lock
if ! flock --nonblock 9; then
    echo 'start-observer: the observer is running already' >&2
    exit 1
fi
# It inherits descriptor 9, so that the lock is held for as long as it lives.
setsid --fork {observer} </dev/null >>console.log 2>&1
"""


@dataclass(frozen=True, slots=True)
class LoopbackNode:
    """A node of a loopback lab: a directory and two ports."""

    number: int

    @property
    def name(self) -> str:
        """The name, as in a complete lab."""
        return f"n{self.number}"

    @property
    def directory(self) -> Path:
        """The directory with all files of the node."""
        return places.lab_dir() / self.name

    @property
    def home(self) -> Path:
        """The working directory of commands, with the data of the database."""
        return self.directory / "home"

    @property
    def start_command(self) -> Path:
        """The program that starts the database."""
        return self.directory / "start-observer"

    @property
    def ssh_port(self) -> int:
        """The port of the SSH server."""
        return _SSH_BASE + self.number

    @property
    def sql_port(self) -> int:
        """The port of the database."""
        return _SQL_BASE + self.number

    @property
    def known_host(self) -> str:
        """The name in a known_hosts file."""
        return f"[{_HOST}]:{self.ssh_port}"


async def up(nodes: int, progress: Progress) -> tuple[LabNode, ...]:
    """Bring the lab up with `nodes` nodes, all of which have answered; healthy ones keep running."""
    if not 1 <= nodes <= MAX_NODES:
        raise ConfigError(f"a lab has 1 to {MAX_NODES} nodes, not {nodes}", where="--nodes")
    oceanbase.directory()
    lab = places.lab_dir()
    planned = [LoopbackNode(number) for number in range(1, nodes + 1)]
    states = {state.name: state for state in await status()}
    if len(states) == nodes and all(state.healthy for state in states.values()):
        progress(LabProgress("was up already"))
        return tuple(states.values())
    await _refuse_ports_of_others(lab, planned)
    for name in states.keys() - {node.name for node in planned}:
        await _end(processes(lab / name))
        await asyncio.to_thread(shutil.rmtree, lab / name)
    await asyncio.to_thread(keys.make, lab, {node.directory: node.known_host for node in planned})
    await _serve(lab, planned)
    await together(*(_start(node, progress) for node in planned if not _healthy(states.get(node.name))))
    _write_cluster_file(lab, planned)
    return tuple(LabNode(node.name, _HOST, node.sql_port, running=True, ssh=True, sql=True) for node in planned)


async def _refuse_ports_of_others(lab: Path, nodes: list[LoopbackNode]) -> None:
    """Refuse ports on which something listens that is not of this lab.

    Raises:
        DistdiagError: there is one.
    """
    ssh_runs = bool(_ssh_servers(lab))
    ports = [node.ssh_port for node in nodes if not ssh_runs]
    ports += [node.sql_port for node in nodes if not observers(node)]

    async def free() -> bool:
        return not any(map(_listens, ports))

    try:
        # A database that was just ended may listen for a moment longer than its process is seen.
        await until(free, timeout_s=_ENDED_S, failure="is taken", where="a port")
    except TimedOutError:
        taken = next(filter(_listens, ports), ports[0])
        raise DistdiagError(
            f"the lab needs port {taken} of this machine, where another program listens",
            hint="another user may have a lab here, which only they can take down; `ss -ltnp` shows it",
        ) from None


def _listens(port: int) -> bool:
    with socket.socket() as probing:
        probing.settimeout(_ANSWER_S)
        # A listener that takes no more connections does not refuse them either.
        return probing.connect_ex((_HOST, port)) != errno.ECONNREFUSED


async def status() -> tuple[LabNode, ...]:
    """The status of every node of the lab."""
    numbers = sorted(int(path.name[1:]) for path in places.lab_dir().glob("n[0-9]*") if path.is_dir())
    return tuple(await together(*(_node_status(LoopbackNode(number)) for number in numbers)))


async def down(progress: Progress) -> None:
    """End every process of the lab and remove its files."""
    lab = places.lab_dir()
    progress(LabProgress("ending the nodes and removing their files"))
    await _end(processes(lab))
    cluster_file.remove()
    if lab.exists():
        await asyncio.to_thread(shutil.rmtree, lab)


async def _start(node: LoopbackNode, progress: Progress) -> None:
    node.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = keys.password(places.lab_dir())
    observer = shlex.join(
        (sys.executable, str(_FILES / "observer.py"), str(node.home), str(node.sql_port),
         str(keys.secrets_of(node.directory) / "password"))
    )  # fmt: skip
    node.start_command.write_text(_START.format(home=shlex.quote(str(node.home)), observer=observer), encoding="utf-8")
    node.start_command.chmod(0o700)
    if not observers(node):
        progress(LabProgress("its database is starting", node.name))
        await run(str(node.start_command))

    async def ready() -> bool:
        return await probe.sql(_HOST, node.sql_port, password) and await probe.ssh(_HOST, node.ssh_port)

    log = node.home / "console.log"
    await until(ready, timeout_s=_READY_S, failure="did not answer", where=f"{node.name} (see {log})")
    progress(LabProgress("up", node.name))


async def _serve(lab: Path, nodes: list[LoopbackNode]) -> None:
    """Start one process as the SSH server of all nodes, after ending the previous one."""
    await _end(_ssh_servers(lab))
    servers = [f"{node.ssh_port}:{node.directory}" for node in nodes]
    await detach(sys.executable, "-m", "distdiag_core.lab.loopback_ssh", *servers, log=lab / "ssh.log")


def _ssh_servers(lab: Path) -> list[int]:
    return [pid for pid in processes(lab) if b"distdiag_core.lab.loopback_ssh" in _words(pid)]


async def _node_status(node: LoopbackNode) -> LabNode:
    password = keys.password(places.lab_dir()) if keys.password_file(places.lab_dir()).exists() else ""
    ssh, sql = await together(probe.ssh(_HOST, node.ssh_port), probe.sql(_HOST, node.sql_port, password))
    return LabNode(node.name, _HOST, node.sql_port, bool(observers(node)), ssh, sql)


def _healthy(state: LabNode | None) -> bool:
    return state is not None and state.healthy


def observers(node: LoopbackNode) -> list[int]:
    """The processes of the database of a node: one, or none."""
    home = str(node.home).encode()
    return [pid for pid in processes(node.directory) if home in _words(pid)]


def processes(below: Path) -> list[int]:
    """The processes of the lab whose arguments name `below` or a path in it."""
    inside = f"{below}/".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        mine = any(b"/distdiag_core/lab/" in word or word == b"distdiag_core.lab.loopback_ssh" for word in _words(pid))
        if mine and any(inside in word + b"/" for word in _words(pid)):
            found.append(pid)
    return found


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        return []


async def _end(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue

    async def gone() -> bool:
        return not any(_words(pid) != [b""] and _words(pid) for pid in pids)

    await until(gone, timeout_s=20.0, failure="a process did not end", where="the loopback lab")


def _write_cluster_file(lab: Path, nodes: list[LoopbackNode]) -> None:
    cluster_file.write(
        ssh={
            "user": getpass.getuser(),
            "identity": str(keys.identity(lab)),
            "known_hosts": str(keys.known_hosts(lab)),
        },
        sql={"user": "root", "password_command": f"cat {shlex.quote(str(keys.password_file(lab)))}"},
        nodes=[
            {
                "name": node.name,
                "host": _HOST,
                "zone": f"zone{node.number}",
                "ssh": {"port": node.ssh_port},
                "sql": {"port": node.sql_port},
                "data_dir": str(node.home),
                "interface": "lo",
                "start_command": str(node.start_command),
            }
            for node in nodes
        ],
    )
