"""Many SSH servers on loopback, each a real sshd with a host key of its own; some of them are slow, or broken.

A node runs the real program of the source `host`, or answers with a recorded text by built-in commands of its shell.
The latter costs a twentieth: this machine has room for a hundred such nodes, and what is measured is the client.

Faults are put in front of the servers by relays in another process, whose processor time is not the client's:
`python -m tests.bench.ssh_hosts DIRECTORY` is that process.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import asyncssh
import psutil

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

# Without the right to raise its priority: the programs of a hundred nodes on one machine would go before the client,
# which has a machine of its own elsewhere.
_SSHD = ("setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice", "nice", "-n", "5", "/usr/sbin/sshd")
_ANSWER = Path(__file__).parents[1] / "metrics" / "sources" / "data" / "host_answer.txt"
# In place of the command of every session. What ends programs is really run; built-in commands alone answer a tick.
_RECORDED = """
echo "distdiag $$"
IFS= read -r line
case $line in *distdiag-host*) ;; *) eval "$line"; exit ;; esac
echo "cpus=2 device=vda interface=eth0"
echo "end 0"
answer='ANSWER'
while read -r tick; do
  read -r up idle </proc/uptime
  echo "$answer"
  echo "/proc/uptime:$up $idle"
  echo "end $tick"
done
"""
_PORT, _BEHIND_PORT = 22022, 22023
_CONFIG = """
ListenAddress {host}:{port}
HostKey {directory}/host
AuthorizedKeysFile {authorized}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
LogLevel ERROR
SetEnv HOME={directory}
"""
_DELAY_S = 0.1
_DROP_AFTER_S = (3.0, 20.0)
_WITHIN_S = 120.0
# The shares of a fleet with faults.
SHARES = {"slow": 0.05, "dropping": 0.05, "silent": 0.03, "wrong_key": 0.02, "refusing": 0.02}


@dataclass(frozen=True, slots=True)
class Host:
    """One server.

    Attributes:
        fault: slow (each packet by a tenth of a second), dropping (its connections, after some seconds), silent
            (accepts and says nothing), wrong_key (another than the known one), refusing (nothing listens), or empty.
    """

    name: str
    address: str
    fault: str = ""


def hosts(count: int, *, faults: bool) -> tuple[Host, ...]:
    """That many, with faults spread over them; each kind at least once."""
    kinds = [kind for kind, share in SHARES.items() for _ in range(max(1, round(share * count)))] if faults else []
    every = count // max(1, len(kinds))
    at = {(2 * place + 1) * every // 2: kind for place, kind in enumerate(kinds)}
    return tuple(
        Host(f"n{number + 1}", f"127.0.{number // 250 + 1}.{number % 250 + 1}", at.get(number, ""))
        for number in range(count)
    )


class Fleet:
    """The servers, for as long as the context lasts."""

    def __init__(self, directory: Path, hosts: Sequence[Host], *, recorded: bool = False) -> None:
        self._recorded = recorded
        self.hosts = tuple(hosts)
        self._directory = directory
        self._running = ExitStack()
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self._listening: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        Path("/run/sshd").mkdir(exist_ok=True)
        user = asyncssh.generate_private_key("ssh-ed25519")
        user.write_private_key(self._directory / "id")
        user.write_public_key(self._directory / "authorized")
        if self._recorded:
            lines = [line for line in _ANSWER.read_text().splitlines() if not line.startswith("/proc/uptime:")]
            text = _RECORDED.replace("ANSWER", "\n".join(lines).replace("'", "'\\''"))
            (self._directory / "recorded.sh").write_text(text)
        with ExitStack() as running:
            known = [self._start(host, running) for host in self.hosts]
            for address, port in self._listening:
                _wait_for(address, port)
            (self._directory / "known_hosts").write_text("".join(known), encoding="ascii")
            relayed = {host.address: host.fault for host in self.hosts if host.fault in {"slow", "dropping", "silent"}}
            (self._directory / "relays.json").write_text(json.dumps(relayed))
            relays = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.ssh_hosts", str(self._directory)], stdout=subprocess.PIPE
            )
            running.callback(_end, relays)
            assert relays.stdout is not None
            relays.stdout.readline()
            self._running = running.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def settings(self, *, sql_ports: Sequence[int] = (), interval_s: float = 1.0) -> ClusterSettings:
        """The cluster of these hosts; without ports of databases, of their host figures alone."""
        ssh = SshSettings(
            user="root",
            port=_PORT,
            identity=str(self._directory / "id"),
            known_hosts=str(self._directory / "known_hosts"),
        )
        nodes = tuple(
            NodeSettings(
                host.name, host.address, ssh=ssh, sql=SqlSettings(port=sql_ports[place] if sql_ports else 2881)
            )
            for place, host in enumerate(self.hosts)
        )
        return ClusterSettings(
            "hosts", nodes, interval_s=interval_s, sources=("host", "sysstat") if sql_ports else ("host",)
        )

    def cpu_s(self) -> float:
        """Processor time of all servers and of what they run, so far."""
        used: dict[int, float] = {}
        children: dict[int, list[int]] = {}
        for each in psutil.process_iter(["pid", "ppid", "cpu_times"]):
            used[each.pid] = sum(each.info["cpu_times"][:4])
            children.setdefault(each.info["ppid"], []).append(each.pid)
        counted = [server.pid for server in self._servers.values() if server.pid in used]
        for pid in counted:
            counted += children.get(pid, [])
        return sum(used[pid] for pid in counted)

    def signal(self, name: str, number: int) -> None:
        """Send a signal to all processes of one host."""
        with suppress(psutil.NoSuchProcess):
            server = psutil.Process(self._servers[name].pid)
            for each in (server, *server.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    each.send_signal(number)

    def _start(self, host: Host, running: ExitStack) -> str:
        """Start one server; returns its line in the file of known hosts."""
        directory = self._directory / host.name
        directory.mkdir()
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(directory / "host")
        (directory / "host").chmod(0o600)
        if host.fault not in {"refusing", "silent"}:
            port = _BEHIND_PORT if host.fault in {"slow", "dropping"} else _PORT
            authorized = self._directory / "authorized"
            config = _CONFIG.format(host=host.address, port=port, directory=directory, authorized=authorized)
            if self._recorded:
                config += f"ForceCommand exec /bin/sh {self._directory}/recorded.sh\n"
            (directory / "sshd_config").write_text(config, encoding="ascii")
            with (directory / "log").open("wb") as log:
                server = subprocess.Popen([*_SSHD, "-D", "-e", "-f", str(directory / "sshd_config")], stderr=log)
            self._servers[host.name] = server
            running.callback(_end, server)
            self._listening.append((host.address, port))
        known = asyncssh.generate_private_key("ssh-ed25519") if host.fault == "wrong_key" else key
        return f"[{host.address}]:{_PORT} {known.export_public_key().decode()}"


def _wait_for(address: str, port: int) -> None:
    until_s = time.monotonic() + _WITHIN_S
    while True:
        try:
            socket.create_connection((address, port)).close()
        except OSError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.01)
        else:
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    with suppress(psutil.NoSuchProcess):
        started = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait()
        for each in started:
            with suppress(psutil.NoSuchProcess):
                each.terminate()


# The process of the relays


class _Relays:
    """Relays by fault; they go on until the process ends."""

    def __init__(self) -> None:
        self._random = random.Random(1)  # noqa: S311 - no secret depends on it

    async def listen(self, address: str, fault: str) -> asyncio.Server:
        """Listen for the connections of one host."""

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await self._relay(address, fault, reader, writer)
            except* OSError:
                pass
            writer.transport.abort()

        return await asyncio.start_server(accept, address, _PORT)

    async def _relay(
        self, address: str, fault: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if fault == "silent":
            await reader.read(-1)
            return
        their_reader, their_writer = await asyncio.open_connection(address, _BEHIND_PORT)
        delay_s = _DELAY_S if fault == "slow" else 0.0
        until_s = self._random.uniform(*_DROP_AFTER_S) if fault == "dropping" else None
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(until_s), asyncio.TaskGroup() as both:
                    both.create_task(self._pass_on(reader, their_writer, delay_s))
                    both.create_task(self._pass_on(their_reader, writer, delay_s))
        finally:
            their_writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
        loop = asyncio.get_running_loop()
        while content := await reader.read(65536):
            if delay_s:
                loop.call_later(delay_s, _write, writer, content)
            else:
                writer.write(content)
        raise ConnectionResetError


def _write(writer: asyncio.StreamWriter, content: bytes) -> None:
    if not writer.transport.is_closing():
        writer.write(content)


async def _relay_all(directory: Path) -> None:
    relays = _Relays()
    faults = json.loads((directory / "relays.json").read_text())
    servers = [await relays.listen(address, fault) for address, fault in faults.items()]
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await asyncio.gather(*(server.serve_forever() for server in servers), asyncio.Event().wait())


if __name__ == "__main__":
    asyncio.run(_relay_all(Path(sys.argv[1])))
