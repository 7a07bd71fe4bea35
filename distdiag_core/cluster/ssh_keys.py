"""The private keys that a login may use: which there are, and which were passed over and why."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from distdiag_core.cluster.ssh_tokens import TokenError, expand_file
from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cluster.ssh_config import HostConfig

_DEFAULTS = ("id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_dsa")


@dataclass(slots=True)
class Keys:
    """What is offered to a node.

    Attributes:
        pairs: the keys of files.
        locked: files of keys that want a passphrase, and were passed over.
        notes: what was passed over and why.
        agent: the socket of the agent; None without one.
        only: the public halves of the keys that alone may be used of the agent; None for all.
    """

    pairs: list[asyncssh.SSHKeyPair] = field(default_factory=list)
    locked: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    agent: str | None = None
    only: list[bytes] | None = None

    def options(self) -> dict[str, Any]:
        """The same as asyncssh takes it."""
        # An empty list would mean the default keys, which were looked at already.
        keys: list[asyncssh.SSHKeyPair] | None = self.pairs or ([] if self.agent else None)
        given: dict[str, Any] = {"client_keys": keys, "agent_path": self.agent}
        return given if self.only is None else given | {"agent_identities": self.only}


def load(config: HostConfig, identity: str | None) -> Keys:
    """The keys for one host; `identity` of the cluster file comes instead of those of the configuration.

    Raises:
        UnreachableError: `identity` cannot be used, and no agent may have it.
    """
    keys = Keys(agent=_agent(config))
    certificates = [
        str(path)
        for line in config.all.get("certificatefile", ())
        for word in line.words or ()
        if (path := config.file(line, word)) is not None and path.is_file()
    ]
    public: list[bytes] = []
    for path, place in key_files(config, identity):
        try:
            pairs = asyncssh.load_keypairs([str(path)], certlist=certificates)
        except (OSError, ValueError) as error:
            _pass_over(keys, path, place, error, wanted=identity is not None)
            public += _public(path)
        else:
            keys.pairs += pairs
            public += [pair.public_data for pair in pairs]
    if config.flag("identitiesonly"):
        keys.only = public
        keys.agent = keys.agent if public else None
    return keys


def key_files(config: HostConfig, identity: str | None) -> list[tuple[Path, str]]:
    """Files of keys, each with the place that names it; no place for those that are looked for by default."""
    if identity is not None:
        return [(Path(identity).expanduser(), "ssh.identity")]
    lines = config.all.get("identityfile")
    if lines is None:
        return [(path, "") for name in _DEFAULTS if (path := Path("~/.ssh").expanduser() / name).is_file()]
    named = [(config.file(line, line.words[0]), line.place) for line in lines if line.words]
    return [(path, place) for path, place in named if path is not None]


def _pass_over(keys: Keys, path: Path, place: str, error: Exception, *, wanted: bool) -> None:
    locked = isinstance(error, asyncssh.KeyEncryptionError) or str(error).startswith("Passphrase")
    if locked:
        keys.locked.append(path)
    elif not wanted and isinstance(error, asyncssh.KeyImportError) and _is_public(path):
        # The public half of a key of the agent: that is how one of many is chosen.
        return
    if wanted and not (locked and keys.agent):
        if isinstance(error, OSError):
            raise UnreachableError(f"the file {path} cannot be read: {error.strerror or error}") from error
        raise UnreachableError(
            f"the key {path} cannot be used: {'it wants a passphrase' if locked else error}",
            hint=f"add it to an ssh-agent: ssh-add {path}" if locked else "name a private key by ssh.identity",
        ) from error
    if place or not isinstance(error, FileNotFoundError):
        why = "it wants a passphrase" if locked else _why(error)
        keys.notes.append(f"{place}: {path} passed over: {why}" if place else f"{path} passed over: {why}")


def _why(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else f"it is no key that can be used: {error}"


def _is_public(path: Path) -> bool:
    try:
        asyncssh.read_public_key(str(path))
    except (OSError, ValueError):
        return False
    return True


def _public(path: Path) -> list[bytes]:
    for each in (f"{path}.pub", str(path)):
        try:
            return [asyncssh.read_public_key(each).public_data]
        except (OSError, ValueError):
            continue
    return []


def _agent(config: HostConfig) -> str | None:
    line = config.first.get("identityagent")
    word = line.words[0] if line is not None and line.words else "SSH_AUTH_SOCK"
    if word.lower() == "none":
        return None
    if word == "SSH_AUTH_SOCK" or word.startswith("$"):
        return os.environ.get(word.strip("${}")) or None
    try:
        return str(expand_file(word, config.tokens))
    except TokenError as error:
        if line is not None:
            config.note(line, str(error))
        return None
