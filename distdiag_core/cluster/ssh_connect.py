"""One attempt to reach a node by SSH, and why it failed in plain words."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from distdiag_core.cluster import known_hosts, reasons
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import NodeSettings, SshSettings

# A node that falls silent is noticed after four intervals, 12 s.
_KEEPALIVE_S = 3.0
_KEEPALIVE_MISSED = 3


class Client(asyncssh.SSHClient):
    """Learns why its connection ends, and ends the one to the jump host with it."""

    def __init__(self, jump: asyncssh.SSHClientConnection | None) -> None:
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._jump = jump

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncssh once."""
        if not self.lost.done():
            self.lost.set_result(_broke(exc))
        if self._jump is not None:
            self._jump.abort()


@dataclass(frozen=True, slots=True)
class Reached:
    """A live connection, and who learns of its end."""

    connection: asyncssh.SSHClientConnection
    client: Client


async def connect(node: NodeSettings) -> Reached:
    """Connect to `node`; `~/.ssh/config` says everything that the cluster file does not.

    Raises:
        UnreachableError: it failed.
    """
    if node.ssh is None:
        raise AssertionError("the cluster file was not completed")
    jump = None
    # asyncssh could open jump hosts by itself, but would not check them against our known hosts.
    for hop in node.ssh.jump.split(",") if node.ssh.jump else ():
        try:
            jump = (await _reach(*_hop(hop, node.ssh), jump)).connection
        except UnreachableError as error:
            raise type(error)(f"jump host {hop.strip()}: {error.what}", hint=error.hint) from error
    return await _reach(node.host, node.ssh, jump)


def _hop(text: str, ssh: SshSettings) -> tuple[str, SshSettings]:
    """`[user@]host[:port]`, as ssh writes it; user and port of the node itself are not the jump host's."""
    user, _, place = text.strip().rpartition("@")
    host, colon, port = place.rpartition(":")
    if not colon or not port.isdecimal():
        host, port = place, ""
    return host, replace(ssh, user=user or None, port=int(port) if port else None, jump=None)


async def _reach(host: str, ssh: SshSettings, jump: asyncssh.SSHClientConnection | None) -> Reached:
    attempt = _Attempt(host, ssh, jump)
    async with AsyncExitStack() as on_failure:
        if jump is not None:
            on_failure.callback(jump.abort)
        try:
            reached = await attempt.make()
        except (asyncssh.Error, ValueError, OSError) as error:
            raise attempt.explained(error) from error
        on_failure.pop_all()
    return reached


class _Attempt:
    """What has to be remembered of an attempt in order to say why it failed."""

    def __init__(self, host: str, ssh: SshSettings, jump: asyncssh.SSHClientConnection | None) -> None:
        self._host = host
        self._ssh = ssh
        self._jump = jump
        self._options: asyncssh.SSHClientConnectionOptions | None = None
        self._files: tuple[Path, ...] = ()

    async def make(self) -> Reached:
        given = self._given()
        # Only to see what ssh's configuration says: options that are passed on lose the tunnel on the way.
        self._options = await asyncssh.SSHClientConnectionOptions.construct(config=(), host=self._host, **given)
        client = Client(self._jump)
        connection, _ = await asyncssh.create_connection(
            lambda: client, self._host, known_hosts=self._known_hosts(self._options), **given
        )
        return Reached(connection, client)

    def _given(self) -> dict[str, Any]:
        """Our keys as asyncssh calls them; what is absent is left to ssh's own configuration."""
        ssh = self._ssh
        keys: dict[str, Any] = {
            "port": ssh.port,
            "username": ssh.user,
            "client_keys": None if ssh.identity is None else [str(Path(ssh.identity).expanduser())],
            "tunnel": self._jump,
        }
        return {key: value for key, value in keys.items() if value is not None} | {
            "connect_timeout": ssh.connect_timeout_s,
            "keepalive_interval": _KEEPALIVE_S,
            "keepalive_count_max": _KEEPALIVE_MISSED,
            # Nobody is there to type anything.
            "password_auth": False,
            "kbdint_auth": False,
        }

    def _known_hosts(self, options: asyncssh.SSHClientConnectionOptions) -> asyncssh.SSHKnownHosts:
        if self._ssh.known_hosts is not None:
            self._files = (Path(self._ssh.known_hosts).expanduser(),)
        elif isinstance(options.known_hosts, list) and options.known_hosts:
            self._files = tuple(Path(str(file)).expanduser() for file in options.known_hosts)
        else:
            # Also when ssh's configuration says `none`: a console that can hurt nodes checks whom it talks to.
            self._files = known_hosts.default_files()
        return known_hosts.load(self._files)

    def explained(self, error: Exception) -> UnreachableError:
        match error:
            case asyncssh.HostKeyNotVerifiable():
                return self._host_key_refused(error)
            case asyncssh.PermissionDenied():
                return self._permission_denied()
            case asyncssh.DisconnectError() if "Too many authentication failures" in error.reason:
                # sshd's words for one key too many.
                return self._permission_denied()
            case asyncssh.KeyImportError() | asyncssh.KeyEncryptionError():
                return self._bad_key(error)
            case asyncssh.ConfigParseError():
                return UnreachableError(f"~/.ssh/config cannot be used: {error}")
            case TimeoutError():
                return UnreachableError(f"timed out: no answer within {self._ssh.connect_timeout_s:g} s")
            case OSError():
                return self._system_refused(error)
            case _:
                return UnreachableError(_broke(error))

    def _host_key_refused(self, error: asyncssh.HostKeyNotVerifiable) -> UnreachableError:
        options, file = self._options, self._files[0] if self._files else "~/.ssh/known_hosts"
        if options is None:
            return UnreachableError(str(error))
        host, port = options.host_key_alias or options.host or self._host, options.port
        scan = f"ssh-keyscan{'' if port == asyncssh.DEFAULT_PORT else f' -p {port}'} {host} >> {file}"
        trusted = known_hosts.load(self._files).match(host, "", None if port == asyncssh.DEFAULT_PORT else port)
        if trusted[0]:
            return UnreachableError(
                f"host key of {host} is not the one in {file}: the node was set up anew, or somebody is in between",
                hint=f"find out which; if it was set up anew, replace its lines there: {scan}",
            )
        return UnreachableError(
            f"host key of {host} is not known", hint=f"check it and add it to {file} with ssh-keyscan: {scan}"
        )

    def _permission_denied(self) -> AccountRefusedError:
        user = self._options.username if self._options is not None else self._ssh.user
        key = f"the key {self._ssh.identity}" if self._ssh.identity else "the keys of the agent and of ~/.ssh"
        return AccountRefusedError(
            f"permission denied for the user {user} with {key}",
            hint="add the public key to that user's authorized_keys on the node, or correct ssh.user and ssh.identity",
        )

    def _bad_key(self, error: Exception) -> UnreachableError:
        return UnreachableError(
            f"the key {self._ssh.identity or 'of ~/.ssh'} cannot be used: {error}",
            hint="add a key that wants a passphrase to ssh-agent, and leave ssh.identity out",
        )

    def _system_refused(self, error: OSError) -> UnreachableError:
        if error.filename is not None:
            return UnreachableError(f"the file {error.filename} cannot be read: {reasons.of(error)}")
        return UnreachableError(f"{self._host}: {reasons.of(error)}")


def _broke(error: Exception | None) -> str:
    match error:
        case None:
            return "the other side closed the connection"
        case asyncssh.ConnectionLost() if "keepalive" in error.reason:
            return f"timed out: no sign of life for {_KEEPALIVE_S * (_KEEPALIVE_MISSED + 1):g} s"
        case asyncssh.ConnectionLost():
            return "the connection broke"
        case asyncssh.Error():
            return f"ssh: {error.reason}"
        case OSError() | UnicodeError():
            return reasons.of(error)
        case _:
            return str(error)
