"""Why an attempt to reach a node by SSH failed, in plain words: what was found, and nothing that was not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.cluster import known_hosts, reasons
from distdiag_core.cluster.known_hosts import HostKeyUnknownError
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.ssh_config import SshConfigError
from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import SshSettings
    from distdiag_core.cluster.ssh_config import HostConfig
    from distdiag_core.cluster.ssh_keys import Keys

# A node that falls silent is noticed after four intervals, 12 s.
KEEPALIVE_S = 3.0
KEEPALIVE_MISSED = 3

_REVOKED = "is revoked"
_UNTRUSTED = "is not trusted"


@dataclass(slots=True)
class Attempt:
    """What is known of an attempt.

    Attributes:
        host: as the cluster file names it.
        config: what OpenSSH's configuration says; None before it was read.
        keys: what was offered; None before they were loaded.
        files: the files of known hosts that were looked at.
        presented: the host key that was not trusted; None before one was refused.
    """

    host: str
    ssh: SshSettings
    config: HostConfig | None = None
    keys: Keys | None = None
    files: tuple[Path, ...] = ()
    known: known_hosts.KnownHosts = field(default_factory=lambda: known_hosts.load(()))
    presented: asyncssh.SSHKey | None = None

    def saw_host_key(self, key: asyncssh.SSHKey) -> None:
        """Note a host key that was refused."""
        self.presented = key

    def explained(self, error: Exception) -> UnreachableError:
        """The error for people."""
        match error:
            case asyncssh.HostKeyNotVerifiable():
                return self._host_key_refused(error)
            case asyncssh.PermissionDenied():
                return self._permission_denied()
            case asyncssh.DisconnectError() if "Too many authentication failures" in error.reason:
                return self._too_many_keys()
            case SshConfigError():
                return UnreachableError(
                    f"~/.ssh/config cannot be used: {error}", hint="correct that line; ssh refuses it too"
                )
            case TimeoutError():
                return UnreachableError(f"timed out: no answer within {self.ssh.connect_timeout_s:g} s")
            case OSError():
                return self._system_refused(error)
            case _:
                return UnreachableError(broke(error))

    def _host_key_refused(self, error: asyncssh.HostKeyNotVerifiable) -> UnreachableError:
        if self.config is None:
            return UnreachableError(str(error))
        host, port = self.config.word("hostkeyalias") or self.config.host, self.config.port
        if _REVOKED in error.reason:
            return UnreachableError(
                f"host key of {host} is revoked by {self._places()}: whoever has it may not be the node",
                hint="do not trust it again; find out why it was revoked, and give the node a new host key",
            )
        if _UNTRUSTED not in error.reason:
            return UnreachableError(f"host key of {host} is not accepted: {error.reason}")
        file = next((path for path in self.files if not known_hosts.keeps_nothing(path)), None)
        place = file or Path("~/.ssh/known_hosts").expanduser()
        scan = f"ssh-keyscan{'' if port == asyncssh.DEFAULT_PORT else f' -p {port}'} {host} >> {place}"
        trusted = self.known.keys.match(host, "", None if port == asyncssh.DEFAULT_PORT else port)
        if trusted[0]:
            return UnreachableError(
                f"host key of {host} is not the one in {place}: the node was set up anew, or somebody is in between",
                hint=f"find out which; if it was set up anew, replace its lines there: {scan}",
            )
        note = f" ({self.known.notes[0]})" if self.known.notes else ""
        elsewhere = f", and ssh.known_hosts in the cluster file must name {place}" if file is None else ""
        what, hint = (
            f"host key of {host} is not known{note}",
            f"check it and add it to {place} with ssh-keyscan{elsewhere}: {scan}",
        )
        if self.presented is None or file is None:
            return UnreachableError(what, hint=hint)
        return HostKeyUnknownError(what, known_hosts.host_key(host, port, file, self.presented), hint=hint)

    def _places(self) -> str:
        return " or ".join(str(path) for path in self.files if path.is_file())

    def _permission_denied(self) -> AccountRefusedError:
        keys, user = self.keys, self._user()
        if keys is None or keys.pairs or keys.agent:
            key = f"the key {self.ssh.identity}" if self.ssh.identity else "the keys of the agent and of ~/.ssh"
            skipped = f" ({_listed(keys)})" if keys is not None and keys.locked else ""
            hint = "add the public key to that user's authorized_keys on the node, or correct ssh.user and ssh.identity"
            if keys is not None and keys.locked:
                hint = f"ssh-add {keys.locked[0]}, if it is that key which the node knows; else {hint}"
            return AccountRefusedError(f"permission denied for the user {user} with {key}{skipped}", hint=hint)
        if keys.locked:
            return AccountRefusedError(
                f"permission denied for the user {user}: no key was offered; {_listed(keys)}",
                hint=f"ssh-add {keys.locked[0]}, or name a key without a passphrase by ssh.identity",
            )
        skipped = f"; {'; '.join(keys.notes)}" if keys.notes else ""
        return AccountRefusedError(
            f"permission denied for the user {user}: there is no key to offer{skipped}",
            hint="name a private key by ssh.identity, or start an ssh-agent that has it",
        )

    def _too_many_keys(self) -> AccountRefusedError:
        return AccountRefusedError(
            f"permission denied for the user {self._user()}: the node counts too many keys before the right one",
            hint="name the key by IdentityFile beside `IdentitiesOnly yes` in ~/.ssh/config, "
            "or take keys that are not needed out of the agent",
        )

    def _user(self) -> str:
        return self.config.user if self.config is not None else self.ssh.user or ""

    def _system_refused(self, error: OSError) -> UnreachableError:
        if error.filename is not None:
            return UnreachableError(f"the file {error.filename} cannot be read: {error.strerror or error}")
        if isinstance(error, ConnectionRefusedError) and self.config is not None:
            return reasons.unreachable(error, f"{self.host}:{self.config.port}")
        return reasons.unreachable(error, self.host)


def broke(error: Exception | None) -> str:
    """Why a connection ended."""
    match error:
        case None:
            return "the other side closed the connection"
        case asyncssh.ConnectionLost() if "keepalive" in error.reason:
            return f"timed out: no sign of life for {KEEPALIVE_S * (KEEPALIVE_MISSED + 1):g} s"
        case asyncssh.ConnectionLost():
            return "the connection broke"
        case asyncssh.Error():
            return f"ssh: {error.reason}"
        case OSError() | UnicodeError():
            return reasons.of(error)
        case _:
            return str(error)


def _listed(keys: Keys) -> str:
    return ", ".join(f"{path} was passed over because it wants a passphrase" for path in keys.locked)
