"""A new cluster file, from options and from questions in a terminal."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

OPTIONS = ("config", "init", "--name", "shop", "--node", "n1=10.0.0.11", "--node", "here=local")


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
    assert distdiag("config", "init", "--name", name, "--node", f"{name}=10.0.0.11").status == 0
    assert distdiag("config", "check", "--cluster", name).status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--name", "../shop", "--node", "n1=h"), "is no name of a cluster"),
        (("--name", "shop", "--node", "n1"), "write NAME=HOST"),
        (("--name", "shop", "--node", "n1=a:22"), "nothing is written: shop.yaml:"),
        (("--name", "shop", "--node", "n1=h", "--node", "n1=i"), "nothing is written"),
        (("--name", "shop", "--node", "n1=h", "--sql-password-env", "no name"), "nothing is written"),
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
    assert "--node is missing, and there is no terminal to ask in" in ended.stderr
    assert not file.exists()


def test_a_directory_that_cannot_be_made_is_named(distdiag: Callable[..., Ended], home: Path) -> None:
    (home / "config").write_text("a file in place of the directory", encoding="ascii")
    ended = distdiag(*OPTIONS)
    assert ended.status == 2
    assert "shop.yaml: cannot be written: " in ended.stderr


def test_a_terminal_is_asked(file: Path) -> None:
    here, there = pty.openpty()
    program = [sys.executable, "-c", "from distdiag_tui.main import main; main()", "config", "init"]
    with subprocess.Popen(program, stdin=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        os.close(there)
        os.write(here, b"shop\nn1=10.0.0.11\nn2=10.0.0.12\n\n\nroot@shop\n2883\n\n")
        _, said = process.communicate(timeout=60)
    os.close(here)
    assert process.returncode == 0, said.decode()
    assert b"Name of the cluster" in said
    written = yaml.safe_load(file.read_text("utf-8"))
    assert [each["host"] for each in written["nodes"]] == ["10.0.0.11", "10.0.0.12"]
    assert written["sql"] == {"user": "root@shop", "port": 2883}
