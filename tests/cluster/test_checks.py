"""Problems of a cluster file that show when its values are seen together, each with file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import inventory
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def refusal(tmp_path: Path, text: str) -> str:
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        inventory.load(file)
    return str(caught.value).replace(f"{file}:", "")


def accepted(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    inventory.load(file)


@pytest.mark.parametrize("second", ["10.0.0.9", "DB", "db"])
def test_nodes_behind_one_proxy_are_refused(tmp_path: Path, second: str) -> None:
    first = "10.0.0.9" if second == "10.0.0.9" else "db"
    said = refusal(
        tmp_path,
        f"name: t\nsql: {{port: 2883}}\nnodes:\n  - {{name: n1, host: {first}}}\n  - {{name: n2, host: {second}}}\n",
    )
    assert f"{second}:2883 is the node n1 already" in said
    assert said.startswith("5:")


def test_nodes_on_one_host_with_a_port_each_are_accepted(tmp_path: Path) -> None:
    nodes = "nodes:\n  - {name: n1, host: db, sql: {port: 1}}\n  - {name: n2, host: db, sql: {port: 2}}\n"
    accepted(tmp_path, f"name: t\n{nodes}")


def test_without_sql_a_port_of_ssh_tells_machines_apart(tmp_path: Path) -> None:
    nodes = "nodes:\n  - {name: n1, host: db, ssh: {port: 1}}\n  - {name: n2, host: db, ssh: {port: 2}}\n"
    accepted(tmp_path, f"name: t\nsources: [host]\n{nodes}")
    assert "is the node n1 already" in refusal(tmp_path, f"name: t\n{nodes}")


@pytest.mark.parametrize("jump", ["op@", "a b", "'[::1'", "http://a", "'a:99999'", "'a,,b'"])
def test_jump_of_no_known_form_is_refused_by_line(tmp_path: Path, jump: str) -> None:
    said = refusal(tmp_path, f"name: t\nssh:\n  jump: {jump}\nnodes:\n  - {{name: n1, host: db}}\n")
    assert said.startswith("3:")
    assert "jump host" in said


@pytest.mark.parametrize("host", ["'127.0.0.1:2881'", "op@db", "'ssh://db'", "'[::1]'", "'[::1]:2881'", "'db:'"])
def test_host_that_is_more_than_a_host_is_refused(tmp_path: Path, host: str) -> None:
    said = refusal(tmp_path, f"name: t\nnodes:\n  - {{name: n1, host: {host}}}\n")
    assert "host" in said
    assert said.startswith("3:")


@pytest.mark.parametrize("host", ["'::1'", "fe80::1%eth0", "10.0.0.1", "db-1.example.org", "my_alias"])
def test_host_alone_is_accepted(tmp_path: Path, host: str) -> None:
    accepted(tmp_path, f"name: t\nnodes:\n  - {{name: n1, host: {host}}}\n")
