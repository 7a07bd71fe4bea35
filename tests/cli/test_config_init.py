"""A new cluster file, from options and from questions in a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import yaml

from tests import ports
from tests.cluster.conftest import free_port, new_server, server
from tests.cluster.server_views import ServerViews

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ended
    from tests.cluster.conftest import SshServer

__all__ = ["free_port", "new_server", "server"]

OPTIONS = ("config", "init", "--no-check", "--name", "shop", "--node", "n1=10.0.0.11", "--node", "here=local")


@pytest.fixture
def file(home: Path) -> Path:
    return home / "config" / "distdiag" / "clusters" / "shop.yaml"


def test_options_make_a_private_file_that_passes_the_check(distdiag: Callable[..., Ended], file: Path) -> None:
    made = distdiag(*OPTIONS, "--ssh-user", "admin", "--sql-user", "root@shop", "--sql-password-env", "SHOP_PW")
    assert made.status == 0, made.stderr
    assert str(file) in made.stderr
    assert " doctor` says what its nodes lack" in made.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["shop.yaml"]
    assert yaml.safe_load(file.read_text("utf-8")) == {
        "name": "shop",
        "read_only": True,
        "ssh": {"user": "admin"},
        "sql": {"user": "root@shop", "password_env": "SHOP_PW"},
        "nodes": [
            {"name": "n1", "host": "10.0.0.11"},
            {"name": "here", "host": "127.0.0.1", "connection": "local"},
        ],
    }
    checked = distdiag("config", "check", "--cluster", "shop")
    assert (checked.status, "2 nodes is well-formed" in checked.stderr) == (0, True)


def test_a_file_is_overwritten_only_on_demand(distdiag: Callable[..., Ended], file: Path) -> None:
    assert distdiag(*OPTIONS).status == 0
    before = file.read_bytes()
    refused = distdiag(*OPTIONS, "--node", "n3=10.0.0.13")
    assert (refused.status, "exists already" in refused.stderr, "--force" in refused.stderr) == (2, True, True)
    assert file.read_bytes() == before
    assert distdiag(*OPTIONS, "--node", "n3=10.0.0.13", "--force", "--allow-changes").status == 0
    assert yaml.safe_load(file.read_text("utf-8"))["read_only"] is False
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["yes", "007", "1e3", "null"])
def test_names_that_yaml_takes_for_something_else_stay_names(distdiag: Callable[..., Ended], name: str) -> None:
    assert distdiag("config", "init", "--no-check", "--name", name, "--node", f"{name}=10.0.0.11").status == 0
    assert distdiag("config", "check", "--cluster", name).status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--name", "../shop", "--node", "n1=h"), "is no name of a cluster"),
        (("--name", "shop", "--node", "n1"), "write NAME=HOST"),
        (("--name", "shop", "--node", "n1=h", "--from", "h"), "--from and --node are both given"),
        (("--name", "shop", "--node", "n1=a:22"), "shop.yaml:"),
        (("--name", "shop", "--node", "n1=h", "--node", "n1=i"), "2 nodes are called 'n1'"),
        (("--name", "shop", "--node", "n1=h", "--sql-password-env", "no name"), "the name of an environment variable"),
    ],
)
def test_what_makes_no_cluster_is_refused_and_leaves_nothing(
    distdiag: Callable[..., Ended], file: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = distdiag("config", "init", *arguments)
    assert (ended.status, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert not file.parent.exists() or list(file.parent.iterdir()) == []


def test_without_a_terminal_the_options_are_needed(file: Path) -> None:
    program = [sys.executable, "-c", "from distdiag_tui.main import main; main()", "config", "init"]
    ended = subprocess.run(
        [*program, "--name", "shop"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert "--from or --node is missing, and nobody can be asked" in ended.stderr
    assert not file.exists()


def test_a_directory_that_cannot_be_made_is_named(distdiag: Callable[..., Ended], home: Path) -> None:
    (home / "config").write_text("a file in place of the directory", encoding="ascii")
    ended = distdiag(*OPTIONS)
    assert ended.status == 2
    assert "shop.yaml: cannot be written: " in ended.stderr


def test_the_file_is_the_one_that_config_names(distdiag: Callable[..., Ended], file: Path, home: Path) -> None:
    named = home / "elsewhere" / "mine.yaml"
    assert distdiag("--config", str(named), "config", "init", "--no-check", "--node", "n1=10.0.0.11").status == 0
    assert yaml.safe_load(named.read_text("utf-8"))["name"] == "mine"
    assert not file.exists()
    assert distdiag("--config", str(named), "config", "init", "--no-check", "--node", "n1=h").status == 2


def test_other_nodes_are_found_and_every_node_is_tried(
    distdiag: Callable[..., Ended], file: Path, tmp_path: Path
) -> None:
    # Of documentation: an address that no machine has.
    servers = (("192.0.2.1", 2882, 2881, "z1", "ACTIVE", "None"),)
    with ServerViews("4 sys", servers, own=("192.0.2.1", 2882)).listening(tmp_path) as database:
        port = str(database.port)
        ended = distdiag(
            "config", "init", "--name", "shop", "--from", "local", "--sql-port", port, "--sql-user", "watcher", "--json"
        )
    facts = json.loads(ended.stdout)
    (node,) = facts["checks"]["nodes"]
    results = {check["name"]: check["result"] for check in node["checks"]}

    assert ended.status == 0, ended.stderr
    assert facts["notes"][0] == "1 servers by DBA_OB_SERVERS"
    assert (results["ssh"], results["sql"]) == ("pass", "pass")
    assert facts["sql"][1] == "GRANT SELECT ON oceanbase.* TO 'watcher';"
    assert yaml.safe_load(file.read_text("utf-8"))["nodes"] == [
        {"name": "n1", "host": "127.0.0.1", "zone": "z1", "connection": "local"}
    ]


def test_a_terminal_is_asked_and_writes_after_a_yes(file: Path) -> None:
    port = ports.free_port()
    # After the accounts nothing, in place of a second node: the first cannot be asked for it.
    typed = f"shop\nlocal\n\nroot@shop\n{port}\n\n\n"
    refused, said = answered(f"{typed}n\n")
    assert (refused, file.exists()) == (0, False), said
    assert "Name of the cluster" in said
    assert "nothing listens there; check that the server runs there, and its port for SQL" in said

    status, said = answered(f"{typed.removesuffix(chr(10))}y\n", "--no-check")
    assert status == 0, said
    written = yaml.safe_load(file.read_text("utf-8"))
    assert [each["name"] for each in written["nodes"]] == ["n1"]
    assert written["sql"] == {"user": "root@shop", "port": port}


def test_a_host_key_is_trusted_by_its_fingerprint_alone(
    distdiag: Callable[..., Ended], server: SshServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    (home / ".ssh").mkdir()
    config = f"Host 127.0.0.1\n  Port {server.port}\n  User operator\n  IdentityFile {server.identity}\n"
    (home / ".ssh" / "config").write_text(config, encoding="ascii")
    port = str(ports.free_port())
    command = ("config", "init", "--name", "shop", "--node", "n1=127.0.0.1", "--sql-port", port, "--force", "--json")
    with in_thread(server):
        (refused,) = json.loads(distdiag(*command).stdout)["host_keys"]
        assert not (home / ".ssh" / "known_hosts").exists()
        facts = json.loads(distdiag(*command, "--accept-host-key", refused["fingerprint"]).stdout)

    assert refused["accepted"] is False
    assert [key["accepted"] for key in facts["host_keys"]] == [True]
    (node,) = facts["checks"]["nodes"]
    assert {check["name"]: check["result"] for check in node["checks"]}["ssh"] == "pass"


@contextmanager
def in_thread(server: SshServer) -> Iterator[None]:
    """The server listens on a loop of its own, since verbs have theirs."""
    ready, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with server.listening():
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(timeout=60)
        yield
    finally:
        over.set()
        thread.join()


def answered(typed: str, *options: str) -> tuple[int, str]:
    """The exit status and the messages of `config init` with these answers in a terminal."""
    here, there = pty.openpty()
    program = [sys.executable, "-c", "from distdiag_tui.main import main; main()", "config", "init", *options]
    with subprocess.Popen(program, stdin=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        os.close(there)
        os.write(here, typed.encode())
        _, said = process.communicate(timeout=500)
    os.close(here)
    return process.returncode, said.decode()
