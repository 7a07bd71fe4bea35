"""Every problem of a cluster file, told at once: its line, its key, what is there and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import inventory, layers
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_SECRET = "s3cr3t#1:x"
_FILE = f"""\
name: a/b
interval_s: 1
interval_s: 100
sourcs: [host]
read_only: no
production: 1
ssh:
  # user: admin
sql: {{password_env: '{_SECRET}', port: 0o22, read_timeout_s: "5"}}
abort: {{max_p95: 5, for_s: .nan}}
protect: {{max_severity: mid, allow: [rm -rf], nodes: n1}}
kubernetes:
workload: {{command: " "}}
nodes:
  - {{name: n1, host: '127.0.0.1:2881', ssh: {{port: 70000}}}}
  - {{name: n2, zone: 1, host: 'fe80::1%eth0', sql: {_SECRET!r}}}
  - 7
"""
_NOT_REPEATED = "the value is not repeated here, since it may be a secret"
_HOST = "an address, a host name or an alias of ~/.ssh/config, without a port"
_TIMEOUT = "a number of seconds, more than 0, at most 300"
_PROBLEMS = (
    ":1: name: must be a name of letters, digits, dot, dash and underscore, at most 64 of them, not 'a/b'",
    ":3: interval_s: must be a number of seconds, 0.2 to 60, not 100",
    ":3: interval_s: is given twice; remove one of the two",
    ":4: sourcs: unknown key; is sources meant?",
    ":5: read_only: must be true or false, not 'no'",
    ":6: production: must be true or false, not 1",
    ":9: sql.port: must be a port, 1 to 65535, not '0o22'",
    f":9: sql.password_env: must be the name of an environment variable; {_NOT_REPEATED}",
    f":9: sql.read_timeout_s: must be {_TIMEOUT}, not '5'",
    ":10: abort.for_s: must be a number of seconds, 0 to 300, not nan",
    ":10: abort.max_p95: unknown key; is max_p95_ms meant?",
    ":11: protect.nodes: must be a list, each a text, not 'n1'",
    ":11: protect.allow.0: must be the name of an anomaly, not 'rm -rf'",
    ":11: protect.max_severity: must be one of low, medium, high, not 'mid'",
    ":13: workload.command: must be text that is not empty, not ' '",
    f":15: nodes.0.host: must be {_HOST}, not '127.0.0.1:2881'",
    ":15: nodes.0.ssh.port: must be a port, 1 to 65535, not 70000",
    ":16: nodes.1.zone: must be a text, not 1; put it in quotes",
    ":16: nodes.1.sql: must be a section with keys such as user, port, password_env, not a text",
    ":17: nodes.2: must be a section with keys such as name, host, zone, not 7",
)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in layers.VARIABLES:
        monkeypatch.delenv(name, raising=False)


def _problems(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        inventory.load(path)
    assert caught.value.exit_code == 2
    return [line.removeprefix(str(path)) for line in str(caught.value).splitlines()]


def test_all_problems_are_told_in_the_order_of_their_lines(tmp_path: Path) -> None:
    found = _problems(tmp_path / "c.yaml", _FILE)
    assert sorted(found) == sorted(_PROBLEMS)
    lines = [int(problem.split(":")[1]) for problem in found]
    assert lines == sorted(lines)


def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    assert not any("s3cr3t" in problem for problem in _problems(tmp_path / "c.yaml", _FILE))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ": the whole file: must be a section with keys such as name, nodes, production, not nothing"),
        ("- a", ":1: the whole file: must be a section with keys such as name, nodes, production, not a list"),
        ("name: n\nnodes:\n", ":2: nodes: must be a list with 1 or more items, each a section"),
        ("name: n\nnodes: [{name: a, host: h}]\nsections: []", ":3: sections: unknown key"),
        ("name: n\nnodes: [{name: a, host: h}]\n1: x", ":3: 1: unknown key; known here: name, nodes, "),
        (
            "name: n\nnodes: [{name: a, host: h}]\nbackend: chaos_mesh",
            "kubernetes: is required for the backend",
        ),
    ],
)
def test_a_file_that_is_no_cluster_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = _problems(tmp_path / "c.yaml", text)
    assert problem in found


@pytest.mark.parametrize("empty", ["ssh", "sql", "abort", "protect", "collecting", "workload", "kubernetes"])
def test_an_empty_section_is_the_same_as_none(tmp_path: Path, empty: str) -> None:
    text = "name: n\nnodes:\n  - name: a\n    host: h\n    ssh:\n"
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    without = inventory.load(path)
    path.write_text(f"{text}{empty}:\n", encoding="utf-8")
    assert inventory.load(path) == without


def test_a_port_with_zeros_in_front_is_decimal(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: n\nssh: {port: 0022}\nnodes: [{name: a, host: h}]\n", encoding="utf-8")
    assert inventory.load(path).ssh.port == 22


@pytest.mark.parametrize(("text", "value"), [("0022", 22), ("22", 22)])
def test_a_variable_is_read_like_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, value: int
) -> None:
    monkeypatch.setenv("DISTDIAG_SSH_PORT", text)
    path = tmp_path / "c.yaml"
    path.write_text("name: n\nnodes: [{name: a, host: h}]\n", encoding="utf-8")
    assert inventory.load(path).ssh.port == value
    monkeypatch.setenv("DISTDIAG_SSH_PORT", "22:10")
    with pytest.raises(ConfigError, match=r"^\$DISTDIAG_SSH_PORT: ssh\.port: must be a port, 1 to 65535, not '22:10'$"):
        inventory.load(path)
