"""The secrets of the lab: the key pair of the operator, the host keys of the nodes, and the database password."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HOST_KEY = "ssh_host_ed25519_key"


def identity(lab: Path) -> Path:
    """The private key that opens every node."""
    return lab / "id_ed25519"


def known_hosts(lab: Path) -> Path:
    """The host keys of the nodes, as ssh reads them."""
    return lab / "known_hosts"


def password_file(lab: Path) -> Path:
    """The file with the password of the database user root."""
    return lab / "password"


def make(lab: Path, nodes: Mapping[Path, str]) -> None:
    """Create the missing secrets; existing ones stay, so that nodes and clients agree.

    Args:
        nodes: names in the known_hosts file, by the directory of the node.
    """
    if not password_file(lab).exists():
        _write(password_file(lab), secrets.token_urlsafe(24))
    public = _key_pair(identity(lab), "distdiag lab")
    lines = []
    for node, host in nodes.items():
        directory = secrets_of(node)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lines.append(f"{host} {_key_pair(directory / HOST_KEY, node.name)}")
        _write(directory / "authorized_keys", public)
        _write(directory / "password", password(lab))
    _write(known_hosts(lab), "".join(lines))


def secrets_of(node: Path) -> Path:
    """The directory with the secrets that a node gets at its start."""
    return node / "secrets"


def password(lab: Path) -> str:
    """The password of the database user root."""
    return password_file(lab).read_text(encoding="ascii").strip()


def _key_pair(path: Path, comment: str) -> str:
    """The public key of the private key at `path`, as one line; both are created where they are missing."""
    public = path.with_suffix(".pub")
    if not public.exists():
        import asyncssh

        key = asyncssh.generate_private_key("ssh-ed25519", comment=comment)
        _write(path, key.export_private_key().decode())
        # Last, because its existence marks a complete pair.
        _write(public, key.export_public_key().decode())
    return public.read_text(encoding="ascii")


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    unfinished.rename(path)
