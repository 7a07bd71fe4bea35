"""One attempt to reach a node by SSH, the way that OpenSSH would take."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh
from asyncssh.encryption import get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_mac_algs
from asyncssh.public_key import get_certificate_algs, get_public_key_algs

from distdiag_core.cluster import known_hosts, ssh_config, ssh_jump, ssh_keys, ssh_tokens
from distdiag_core.cluster.known_hosts import HostKeyUnknownError
from distdiag_core.cluster.ssh_failure import KEEPALIVE_MISSED, KEEPALIVE_S, Attempt, broke
from distdiag_core.errors import UnreachableError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cluster.inventory import NodeSettings, SshSettings
    from distdiag_core.cluster.ssh_config import HostConfig
    from distdiag_core.cluster.ssh_jump import Hop

# As OpenSSH bounds jump hosts that have jump hosts.
_MOST_HOPS = 8
_FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
# Before the others, since asyncssh needs a fifth of the processor time for a packet with them.
_PREFERRED_CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
# By keyword of OpenSSH: what asyncssh calls it, and which names it knows.
_ALGORITHMS = {
    "ciphers": ("encryption_algs", get_encryption_algs),
    "macs": ("mac_algs", get_mac_algs),
    "kexalgorithms": ("kex_algs", get_kex_algs),
    "hostkeyalgorithms": ("server_host_key_algs", lambda: get_certificate_algs() + get_public_key_algs()),
    "pubkeyacceptedalgorithms": ("signature_algs", lambda: get_certificate_algs() + get_public_key_algs()),
}


class Client(asyncssh.SSHClient):
    """Learns why its connection ends, and ends the one to the jump host with it.

    Args:
        refused: called with a host key that is not trusted.
    """

    def __init__(self, jump: asyncssh.SSHClientConnection | None, refused: Callable[[asyncssh.SSHKey], None]) -> None:
        self._refused = refused
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._jump = jump

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Called by asyncssh for a key that no file of known hosts has; it is never accepted here."""
        self._refused(key)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncssh once."""
        if not self.lost.done():
            self.lost.set_result(broke(exc))
        if self._jump is not None:
            self._jump.abort()


@dataclass(frozen=True, slots=True)
class Reached:
    """A live connection, who learns of its end, and what was passed over on the way to it."""

    connection: asyncssh.SSHClientConnection
    client: Client
    notes: tuple[str, ...] = ()


async def connect(node: NodeSettings) -> Reached:
    """Connect to `node`; OpenSSH's configuration says everything that the cluster file does not.

    Raises:
        UnreachableError: it failed.
    """
    if node.ssh is None:
        raise AssertionError("the cluster file was not completed")
    jumps = None if node.ssh.jump is None else _hops(node.ssh.jump, "ssh.jump")
    return await _reach(node.host, replace(node.ssh, jump=None), jumps, depth=0)


def _hops(text: str, where: str) -> tuple[Hop, ...]:
    try:
        return ssh_jump.parse(text)
    except ValueError as error:
        raise UnreachableError(f"{where}: {error}") from None


async def _reach(host: str, ssh: SshSettings, jumps: tuple[Hop, ...] | None, *, depth: int) -> Reached:
    """Reach `host` through `jumps`; where they are None, through those of OpenSSH's configuration."""
    attempt = Attempt(host, ssh)
    try:
        # It may run commands (`Match exec`), and reads files that may lie in the network.
        attempt.config = await asyncio.to_thread(ssh_config.resolve, host, user=ssh.user, port=ssh.port)
    except ssh_config.SshConfigError as error:
        raise attempt.explained(error) from error
    if jumps is None:
        jumps = _configured_jumps(attempt.config)
    jump = await _through(jumps, ssh, depth=depth) if jumps else None
    async with AsyncExitStack() as on_failure:
        if jump is not None:
            on_failure.callback(jump.abort)
        try:
            reached = await _make(attempt, jump, by_command=not jumps)
        except (asyncssh.Error, ValueError, OSError) as error:
            raise attempt.explained(error) from error
        on_failure.pop_all()
    return reached


async def _through(jumps: tuple[Hop, ...], ssh: SshSettings, *, depth: int) -> asyncssh.SSHClientConnection:
    """A connection to the last of `jumps`."""
    *before, last = jumps
    if depth >= _MOST_HOPS:
        raise UnreachableError(f"jump host {last}: jump hosts lead to one another without end")
    # User and port of the node itself are not the jump host's.
    settings = replace(ssh, user=last.user, port=last.port)
    try:
        return (await _reach(last.host, settings, tuple(before) or None, depth=depth + 1)).connection
    except UnreachableError as error:
        if error.what.startswith("jump host "):
            raise
        what = f"jump host {last}: {error.what}"
        if isinstance(error, HostKeyUnknownError):
            raise HostKeyUnknownError(what, error.host_key, hint=error.hint) from error
        raise type(error)(what, hint=error.hint) from error


def _configured_jumps(config: HostConfig) -> tuple[Hop, ...]:
    text, line = config.word("proxyjump"), config.first.get("proxyjump")
    if text is None or line is None:
        return ()
    try:
        text = ssh_tokens.expand(text, config.tokens)
    except ssh_tokens.TokenError as error:
        raise UnreachableError(f"{line.place}: ProxyJump {quoted(text)}: {error}", hint="set ssh.jump") from None
    hops = _hops(text, f"{line.place}: ProxyJump")
    # A host is not reached through itself, as where `Host *` names the jump host.
    return () if any(hop.host in {config.original, config.host} for hop in hops) else hops


async def _make(attempt: Attempt, jump: asyncssh.SSHClientConnection | None, *, by_command: bool) -> Reached:
    config, ssh = attempt.config, attempt.ssh
    if config is None:
        raise AssertionError("nothing was read")
    attempt.files = _known_hosts_files(config, ssh)
    attempt.known = known_hosts.load(attempt.files)
    attempt.keys = ssh_keys.load(config, ssh.identity)
    options: dict[str, Any] = {
        "config": [],
        "port": config.port,
        "username": config.user,
        "known_hosts": attempt.known.keys,
        "host_key_alias": config.word("hostkeyalias"),
        "tunnel": jump,
        "family": _FAMILIES.get((config.word("addressfamily") or "").lower(), socket.AF_UNSPEC),
        "local_addr": (address, 0) if (address := config.word("bindaddress")) else None,
        "proxy_command": _proxy_command(config) if by_command else None,
        "connect_timeout": ssh.connect_timeout_s,
        "keepalive_interval": KEEPALIVE_S,
        "keepalive_count_max": KEEPALIVE_MISSED,
        # Nobody is there to type anything.
        "password_auth": False,
        "kbdint_auth": False,
        "encryption_algs": _PREFERRED_CIPHERS,
    }
    options |= attempt.keys.options() | _algorithms(config)
    client = Client(jump, attempt.saw_host_key)
    connection, _ = await asyncssh.create_connection(lambda: client, config.host, **options)
    return Reached(connection, client, (*config.notes, *attempt.known.notes, *attempt.keys.notes))


def _known_hosts_files(config: HostConfig, ssh: SshSettings) -> tuple[Path, ...]:
    if ssh.known_hosts is not None:
        return (Path(ssh.known_hosts).expanduser(),)
    everybodys = config.files("globalknownhostsfile")
    files = (
        *(config.files("userknownhostsfile") or ()),
        *(known_hosts.SYSTEM_FILES if everybodys is None else everybodys),
    )
    if all(known_hosts.keeps_nothing(path) or path in known_hosts.SYSTEM_FILES for path in files):
        # Also when the configuration says `none`: a console that can hurt nodes checks whom it talks to.
        return known_hosts.default_files()
    return files


def _proxy_command(config: HostConfig) -> list[str] | None:
    command, line = config.word("proxycommand"), config.first.get("proxycommand")
    if command is None or line is None:
        return None
    try:
        command = ssh_tokens.expand(command, config.tokens)
    except ssh_tokens.TokenError as error:
        raise UnreachableError(f"{line.place}: ProxyCommand: {error}", hint="set ssh.jump instead") from None
    return [os.environ.get("SHELL") or "/bin/sh", "-c", f"exec {command}"]


def _algorithms(config: HostConfig) -> dict[str, Any]:
    """The algorithms that the configuration asks for, without those that asyncssh lacks."""
    given: dict[str, Any] = {}
    for keyword, (name, known) in _ALGORITHMS.items():
        wanted, line = config.word(keyword), config.first.get(keyword)
        if wanted is None or line is None:
            continue
        sign, names = (wanted[0], wanted[1:]) if wanted[0] in "+-^" else ("", wanted)
        there_are = {each.decode("ascii") for each in known()}
        usable = [each for each in names.split(",") if each in there_are or "*" in each or "?" in each]
        if len(usable) < len(names.split(",")):
            config.note(line, f"not known here: {', '.join(set(names.split(',')) - set(usable))}")
        if usable:
            given[name] = sign + ",".join(usable)
    return given
