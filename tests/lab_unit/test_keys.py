"""The secrets of the lab: private, complete and stable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.lab import keys

if TYPE_CHECKING:
    from pathlib import Path


def test_only_the_owner_can_read_secrets(lab_dir: Path) -> None:
    keys.make(lab_dir, {lab_dir / "n1": "10.77.0.11"})
    files = [path for path in lab_dir.rglob("*") if path.is_file()]
    assert len(files) >= 8
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_existing_secrets_stay(lab_dir: Path) -> None:
    nodes = {lab_dir / "n1": "10.77.0.11", lab_dir / "n2": "10.77.0.12"}
    keys.make(lab_dir, nodes)
    before = {path: path.read_text(encoding="ascii") for path in lab_dir.rglob("*") if path.is_file()}
    keys.make(lab_dir, nodes)
    assert {path: path.read_text(encoding="ascii") for path in lab_dir.rglob("*") if path.is_file()} == before


def test_known_hosts_has_the_key_that_each_node_is_given(lab_dir: Path) -> None:
    keys.make(lab_dir, {lab_dir / "n1": "10.77.0.11", lab_dir / "n2": "[127.0.0.1]:22082"})
    known = asyncssh.read_known_hosts(str(keys.known_hosts(lab_dir)))
    for host, port, node in (("10.77.0.11", 22, "n1"), ("127.0.0.1", 22082, "n2")):
        (trusted, *_) = known.match(host, host, port)
        own = asyncssh.read_private_key(str(keys.secrets_of(lab_dir / node) / keys.HOST_KEY))
        assert {key.public_data for key in trusted} == {own.public_data}


def test_a_partial_key_pair_is_replaced(lab_dir: Path) -> None:
    keys.identity(lab_dir).write_text("half a key", encoding="ascii")
    keys.make(lab_dir, {})
    own = asyncssh.read_private_key(str(keys.identity(lab_dir)))
    assert keys.identity(lab_dir).with_suffix(".pub").read_text(encoding="ascii").split()[1] in (
        own.export_public_key().decode()
    )
