"""Host keys that are not trusted yet, by a real SSH server."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.cluster.inventory import ClusterSettings
from distdiag_core.cluster.known_hosts import trust
from distdiag_core.cluster.ssh import SshShell
from distdiag_core.setup.host_keys import unknown_host_keys

if TYPE_CHECKING:
    from tests.cluster.conftest import SshServer


async def test_a_key_is_shown_by_its_fingerprint_and_trusted_once_it_is_in_the_file(server: SshServer) -> None:
    before = "# no line end follows"
    server.known_hosts.write_text(before, encoding="ascii")
    cluster = ClusterSettings("c", (server.settings(),))
    async with server.listening():
        (key,) = await unknown_host_keys(cluster)
        assert server.known_hosts.read_text("ascii") == before
        trust(key)
        again = await unknown_host_keys(cluster)
        shell = SshShell(server.settings())
        await shell.open()
        await shell.close()

    presented = asyncssh.read_private_key(str(server.directory / "host"))
    assert key.fingerprint == presented.get_fingerprint()
    assert (key.host, key.port, key.algorithm) == ("127.0.0.1", server.port, "ssh-ed25519")
    assert again == ()
    assert server.known_hosts.read_text("ascii").startswith(f"{before}\n[127.0.0.1]:{server.port} ssh-ed25519 ")


async def test_a_key_that_differs_from_the_known_one_is_never_offered(server: SshServer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {other}", encoding="ascii")
    async with server.listening():
        assert await unknown_host_keys(ClusterSettings("c", (server.settings(),))) == ()


async def test_a_file_that_is_made_is_private(server: SshServer) -> None:
    server.known_hosts.unlink()
    async with server.listening():
        (key,) = await unknown_host_keys(ClusterSettings("c", (server.settings(),)))
    trust(key)

    assert stat.S_IMODE(server.known_hosts.stat().st_mode) == 0o600
