"""Why a node cannot be reached by SSH, in plain words."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import asyncssh
import pytest

from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.ssh import SshShell
from distdiag_core.cluster.ssh_connect import connect
from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cluster.conftest import SshServer


async def refusal(server: SshServer, kind: type[UnreachableError] = UnreachableError, **changes: object) -> str:
    with pytest.raises(kind) as caught:
        await connect(server.settings(**changes))
    return str(caught.value)


async def test_unknown_host_key(server: SshServer, tmp_path: Path) -> None:
    async with server.listening():
        said = await refusal(server, known_hosts=str(tmp_path / "none"))
    assert said == (
        f"host key of 127.0.0.1 is not known; check it and add it to {tmp_path}/none with ssh-keyscan: "
        f"ssh-keyscan -p {server.port} 127.0.0.1 >> {tmp_path}/none"
    )


async def test_nothing_is_trusted_because_ssh_is_told_to_check_nothing(server: SshServer, home: Path) -> None:
    (home / ".ssh" / "config").write_text("Host *\n UserKnownHostsFile none\n", encoding="ascii")
    async with server.listening():
        assert "is not known" in await refusal(server, known_hosts=None)


async def test_changed_host_key(server: SshServer) -> None:
    async with server.listening():
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {other}", encoding="ascii")
        said = await refusal(server)
    assert said.startswith(f"host key of 127.0.0.1 is not the one in {server.known_hosts}: ")


async def test_malformed_known_hosts(server: SshServer) -> None:
    server.known_hosts.write_text("@marker-that-nobody-knows x y z\n", encoding="ascii")
    async with server.listening():
        assert f"the file of known hosts {server.known_hosts} cannot be used" in await refusal(server)


async def test_wrong_key(server: SshServer, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(stranger)
    async with server.listening():
        said = await refusal(server, AccountRefusedError, identity=str(stranger))
    assert said.startswith(f"permission denied for the user operator with the key {stranger}; add the public key")


async def test_missing_key(server: SshServer, tmp_path: Path) -> None:
    said = await refusal(server, identity=str(tmp_path / "no"))
    assert said == f"the file {tmp_path}/no cannot be read: No such file or directory"


@pytest.mark.parametrize("content", ["not a key", "", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
async def test_malformed_key(server: SshServer, tmp_path: Path, content: str) -> None:
    (tmp_path / "odd").write_text(content, encoding="ascii")
    assert f"the key {tmp_path}/odd cannot be used" in await refusal(server, identity=str(tmp_path / "odd"))


async def test_key_that_wants_a_passphrase(server: SshServer, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(locked, "pkcs8-pem", passphrase="secret")
    said = await refusal(server, identity=str(locked))
    assert "ssh-agent" in said
    assert "secret" not in said


async def test_nobody_listens(server: SshServer) -> None:
    assert await refusal(server) == "127.0.0.1: refused: nothing listens there"


async def test_silence(server: SshServer) -> None:
    async with await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0) as deaf:
        port = deaf.sockets[0].getsockname()[1]
        assert await refusal(server, port=port) in {"the connection broke", "127.0.0.1: the other side closed it"}


async def test_time_out(server: SshServer) -> None:
    released = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        said = await refusal(server, port=port, connect_timeout_s=0.2)
        assert said == "timed out: no answer within 0.2 s"
        released.set()


async def test_malformed_ssh_config(server: SshServer, home: Path) -> None:
    (home / ".ssh" / "config").write_text("Port many\n", encoding="ascii")
    assert "~/.ssh/config cannot be used" in await refusal(server)


async def test_ssh_config_fills_in_what_the_file_does_not_say(server: SshServer, home: Path) -> None:
    (home / ".ssh" / "config").write_text(
        f"Host 127.0.0.1\n Port {server.port}\n User operator\n IdentityFile {server.identity}\n"
        f" UserKnownHostsFile {server.known_hosts}\n",
        encoding="ascii",
    )
    node = server.settings(port=None, user=None, identity=None, known_hosts=None)
    async with server.listening():
        shell = SshShell(node)
        await shell.open()
        assert (await shell.run("echo $0; whoami >/dev/null; echo in")).stdout.endswith("in\n")
        await shell.close()


async def test_jump_host_is_gone_through_and_checked(new_server: Callable[[str], SshServer]) -> None:
    target, jump = new_server("target"), new_server("jump")
    known, hop = target.known_hosts, f"operator@127.0.0.1:{jump.port}"
    (jump.directory / "authorized").write_bytes((target.directory / "authorized").read_bytes())
    async with target.listening(), jump.listening():
        said = await refusal(target, jump=hop)
        assert said.startswith(f"jump host {hop}: host key of 127.0.0.1 is not known; ")
        known.write_text(f"{known.read_text('ascii')}\n{jump.known_hosts.read_text('ascii')}", encoding="ascii")
        os.utime(known, (1, 1))
        shell = SshShell(target.settings(jump=hop))
        await shell.open()
        assert (await shell.run("echo through")).stdout == "through\n"
        jump.drop()
        assert await shell.lost() == "the connection broke"
        await shell.close()
