"""Why a node cannot be reached by SSH, in plain words."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncssh
import psutil
import pytest

from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.ssh import SshShell
from distdiag_core.cluster.ssh_connect import connect
from distdiag_core.errors import UnreachableError
from tests.waiting import until

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


async def test_odd_lines_of_known_hosts_are_passed_over_with_a_note(server: SshServer) -> None:
    good = server.known_hosts.read_bytes()
    key = good.partition(b" ")[2]
    odd = b"=\n@marker-that-nobody-knows x y z\n|1|not|base64! " + key + b"# caf\xe9\nlonely\n"
    server.known_hosts.write_bytes(odd)
    async with server.listening():
        said = await refusal(server)
        assert f"is not known ({server.known_hosts} line 1 passed over: " in said
        server.known_hosts.write_bytes(odd + good)
        reached = await connect(server.settings())
        reached.connection.abort()
    assert [note.partition(" passed")[0] for note in reached.notes] == [
        f"{server.known_hosts} line {number}" for number in (1, 2, 3, 5)
    ]


async def test_names_in_known_hosts_are_read_without_regard_to_case(server: SshServer, home: Path) -> None:
    name = f"[LOCALHOST]:{server.port}"
    server.known_hosts.write_text(server.known_hosts.read_text("ascii").replace("[127.0.0.1]", "[LocalHost]"), "ascii")
    assert name.lower() in server.known_hosts.read_text("ascii").lower()
    (home / ".ssh" / "config").write_text("Host *\n HostName LOCALhost\n AddressFamily inet\n", encoding="ascii")
    async with server.listening():
        (await connect(server.settings())).connection.abort()


@pytest.mark.parametrize("revoked", ["*", "[127.0.0.1]:{port}"])
async def test_revoked_key_is_called_so_and_never_to_be_added(server: SshServer, revoked: str) -> None:
    key = server.known_hosts.read_text("ascii").partition(" ")[2]
    place = f"[127.0.0.1]:{server.port}" if revoked == "*" else "127.0.0.1"
    lines = f"@revoked {revoked.format(port=server.port)} {key}\n{place} {key}\n"
    server.known_hosts.write_text(lines, encoding="ascii")
    async with server.listening():
        said = await refusal(server)
    assert said.startswith(f"host key of 127.0.0.1 is revoked by {server.known_hosts}: ")
    assert "keyscan" not in said
    assert "add" not in said


@pytest.mark.parametrize("where", ["config", "cluster file"])
async def test_nobody_is_advised_to_write_to_the_null_device(server: SshServer, home: Path, where: str) -> None:
    (home / ".ssh" / "config").write_text("Host *\n UserKnownHostsFile /dev/null\n", encoding="ascii")
    async with server.listening():
        said = await refusal(server, known_hosts="/dev/null" if where == "cluster file" else None)
        assert "/dev/null" not in said
        assert f"add it to {home}/.ssh/known_hosts with ssh-keyscan" in said
        assert ("ssh.known_hosts in the cluster file must name" in said) == (where == "cluster file")
        (home / ".ssh" / "known_hosts").write_bytes(server.known_hosts.read_bytes())
        if where == "config":
            (await connect(server.settings(known_hosts=None))).connection.abort()


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
    assert await refusal(server) == f"127.0.0.1:{server.port}: refused: nothing listens there"


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


def configured(server: SshServer, home: Path, *lines: str | bytes) -> None:
    """Write `~/.ssh/config` with what leads to the server under the name `db`, and trust its key."""
    text = f"Host db\n HostName 127.0.0.1\n Port {server.port}\n User operator\n".encode()
    head = b"".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    (home / ".ssh" / "config").write_bytes(head + text)
    (home / ".ssh" / "known_hosts").write_bytes(server.known_hosts.read_bytes())


async def reached(server: SshServer, host: str = "db", **changes: object) -> tuple[str, ...]:
    """Connect as the cluster file would that says nothing of SSH; what was passed over."""
    none = dict.fromkeys(("port", "user", "identity", "known_hosts"))
    async with server.listening():
        found = await connect(replace(server.settings(**{**none, **changes}), host=host))
        found.connection.abort()
    return found.notes


async def test_identity_that_is_absent_is_passed_over(server: SshServer, home: Path) -> None:
    file = home / ".ssh" / "config"
    configured(server, home, f"Host *\n IdentityFile ~/.ssh/gone\n IdentityFile {server.identity}\n")
    assert await reached(server) == (f"{file} line 2: {home}/.ssh/gone passed over: No such file or directory",)


@pytest.mark.parametrize(
    "line",
    [
        b"# caf\xe9\n",
        b"ServerAliveInterval 1m\nConnectTimeout 1h\nRekeyLimit 1G 1h\n",
        b"\xef\xbb\xbfCompression yes\n",
        b"ControlPersist 10m\nGSSAPIAuthentication odd\nOddKey x\n",
        b"Host *\n UserKnownHostsFile %d/.ssh/known_hosts ~/.ssh/none\n",
        b"Match exec true\n ForwardAgent yes\n",
        b'Host "db"\n HostKeyAlias [127.0.0.1]\n',
    ],
)
async def test_what_ssh_tolerates_keeps_no_node_away(server: SshServer, home: Path, line: bytes) -> None:
    configured(server, home, line, b"Host *\n IdentityFile %d/../server/id\n")
    assert await reached(server) == ()


async def test_algorithm_that_is_not_known_is_left_out(server: SshServer, home: Path) -> None:
    configured(server, home, f"Ciphers aes256-ctr,odd-256\nMACs odd\nHost *\n IdentityFile {server.identity}\n")
    file = home / ".ssh" / "config"
    assert set(await reached(server)) == {
        f"{file} line 1: ciphers passed over: not known here: odd-256",
        f"{file} line 2: macs passed over: not known here: odd",
    }


@pytest.mark.parametrize(
    ("line", "cipher"),
    [("", "aes128-gcm@openssh.com"), ("Ciphers chacha20-poly1305@openssh.com\n", "chacha20-poly1305@openssh.com")],
    ids=["by itself", "configured"],
)
async def test_the_cipher_is_the_cheapest_unless_one_is_configured(
    server: SshServer, home: Path, line: str, cipher: str
) -> None:
    (home / ".ssh" / "config").write_text(line, encoding="ascii")
    async with server.listening():
        connection = (await connect(server.settings())).connection
        assert connection.get_extra_info("send_cipher") == cipher
        connection.abort()


async def test_jump_and_command_of_the_configuration_are_gone_through(
    new_server: Callable[[str], SshServer], home: Path
) -> None:
    # An engine that other tests share may be running.
    before = set(psutil.Process().children())
    target, jump = new_server("target"), new_server("jump")
    (jump.directory / "authorized").write_bytes((target.directory / "authorized").read_bytes())
    program = f"{sys.executable} -c \"import socket as s, sys; print('never', file=sys.stderr)\" 2>/dev/null; exit 1"
    head = (
        f"Host *\n IdentityFile {target.identity}\nHost hop\n HostName 127.0.0.1\n Port {jump.port}\n User operator\n"
    )
    configured(target, home, head, "Host db\n ProxyJump hop\n", "Host bad\n ProxyCommand ", program, "\n")
    known = home / ".ssh" / "known_hosts"
    async with jump.listening():
        with pytest.raises(UnreachableError, match=r"^jump host hop: host key of 127.0.0.1 is not known"):
            await reached(target)
        known.write_text(f"{known.read_text('ascii')}\n{jump.known_hosts.read_text('ascii')}", encoding="ascii")
        assert await reached(target) == ()
        assert len([each for each in jump.connections if each.get_extra_info("username")]) >= 1
    with pytest.raises(UnreachableError):
        await reached(target, "bad")
    await until(lambda: not set(psutil.Process().children()) - before, "asyncio to collect the program after its end")


@pytest.mark.parametrize("locked", ["alone", "beside another"])
async def test_key_that_is_skipped_for_its_passphrase_is_named(server: SshServer, home: Path, locked: str) -> None:
    configured(server, home)
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(home / ".ssh" / "id_ed25519", "pkcs8-pem", passphrase="secret")
    if locked == "beside another":
        asyncssh.generate_private_key("ssh-rsa").write_private_key(home / ".ssh" / "id_rsa")
    with pytest.raises(AccountRefusedError) as caught:
        await reached(server)
    said = str(caught.value)
    assert f"{home}/.ssh/id_ed25519 was passed over because it wants a passphrase" in said
    assert f"ssh-add {home}/.ssh/id_ed25519" in said
    assert ("authorized_keys" in said) == (locked == "beside another")


async def test_login_without_any_key_says_so(server: SshServer, home: Path) -> None:
    configured(server, home)
    with pytest.raises(AccountRefusedError, match=r"user operator: there is no key to offer; name a private key by"):
        await reached(server)


async def listening(socket: Path) -> None:
    """Wait until an agent answers there."""
    async with asyncio.timeout(20):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_unix_connection(socket)
                writer.close()
                return
            await asyncio.sleep(0.01)


async def test_key_of_the_agent_is_used_for_a_locked_identity(
    server: SshServer, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if shutil.which("ssh-agent") is None:
        pytest.skip("AGENT NOT TESTED: ssh-agent is not installed")
    socket = tmp_path / "agent"
    agent = await asyncio.create_subprocess_exec(
        "ssh-agent", "-D", "-a", str(socket), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await listening(socket)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        async with asyncssh.connect_agent(str(socket)) as keys:
            await keys.add_keys([str(server.identity)])
        locked = tmp_path / "locked"
        asyncssh.read_private_key(str(server.identity)).write_private_key(locked, "pkcs8-pem", passphrase="secret")
        configured(server, home, f"Host *\n IdentityFile {locked}\n")
        assert await reached(server, identity=str(locked)) == (
            f"ssh.identity: {locked} passed over: it wants a passphrase",
        )
        (tmp_path / "half.pub").write_bytes((server.directory / "authorized").read_bytes())
        configured(server, home, f"Host *\n IdentitiesOnly yes\n IdentityFile {tmp_path}/half.pub\n")
        assert await reached(server) == ()
    finally:
        agent.terminate()
        await agent.wait()


@pytest.mark.parametrize("host", ["a..b", "x" * 70])
async def test_name_that_no_host_can_have(server: SshServer, host: str) -> None:
    with pytest.raises(UnreachableError, match="its name cannot be resolved"):
        await reached(server, host, identity=str(server.identity), known_hosts=str(server.known_hosts))
