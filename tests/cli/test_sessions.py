"""`distdiag sessions` on a real engine, on a database that refuses, and against the rules of the cluster file."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pymysql
import pytest

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended
    from tests.workloads.engine import Engine


def write(cluster_file: Callable[[str], Path], port: int, more: str = "") -> None:
    node = "{name: n1, host: 127.0.0.1, connection: local}"
    cluster_file(f"name: mine\nsql: {{port: {port}, user: root}}\nnodes:\n  - {node}\n{more}")


@pytest.fixture
def unused_port() -> int:
    return free_port()


def test_a_session_is_listed_and_killed_and_the_audit_has_it(
    engine: Engine, cluster_file: Callable[[str], Path], distdiag: Callable[..., Ended]
) -> None:
    write(cluster_file, engine.port, "read_only: false\n")
    with closing(pymysql.connect(host="127.0.0.1", port=engine.port, user="root", ssl_disabled=True)) as client:
        number = str(int(client.thread_id()))  # type: ignore[no-untyped-call]
        table = distdiag("--cluster", "mine", "sessions", "n1")
        data = json.loads(distdiag("--cluster", "mine", "sessions", "n1", "--json").stdout)
        killed = distdiag("--cluster", "mine", "sessions", "kill", "n1", number)
        again = distdiag("--cluster", "mine", "sessions", "kill", "n1", number)
        # It notices that it was ended, and is connected anew to be closed.
        with pytest.raises(pymysql.err.Error):
            client.ping(reconnect=False)
        client.connect()
    audit = distdiag("--cluster", "mine", "audit")

    assert table.stdout.startswith("ID")
    assert number in table.stdout
    assert "root (distdiag)" in table.stdout
    assert (data["node"], data["notes"]) == ("n1", [])
    assert int(number) in [each["id"] for each in data["sessions"]]
    assert (killed.status, killed.stderr) == (0, f"session {number} of root has ended\n")
    assert (again.status, f"there is no session {number}" in again.stderr) == (1, True)
    assert "kill session" in audit.stdout
    assert f"session={number}" in audit.stdout


def test_a_read_only_cluster_refuses_to_kill(
    unused_port: int, cluster_file: Callable[[str], Path], distdiag: Callable[..., Ended]
) -> None:
    write(cluster_file, unused_port)
    ended = distdiag("--cluster", "mine", "sessions", "kill", "n1", "7")
    assert (ended.status, "this cluster is read-only" in ended.stderr) == (3, True)


def test_a_production_cluster_wants_its_name(
    unused_port: int, cluster_file: Callable[[str], Path], distdiag: Callable[..., Ended]
) -> None:
    write(cluster_file, unused_port, "read_only: false\nproduction: true\n")
    ended = distdiag("--cluster", "mine", "sessions", "kill", "n1", "7")
    assert (ended.status, "--confirm mine" in ended.stderr) == (3, True)
    confirmed = distdiag("--cluster", "mine", "sessions", "kill", "n1", "7", "--confirm", "mine")
    assert (confirmed.status, "nothing listens there" in confirmed.stderr) == (1, True)


def test_global_options_stand_on_either_side(
    unused_port: int, cluster_file: Callable[[str], Path], distdiag: Callable[..., Ended]
) -> None:
    write(cluster_file, unused_port)
    for arguments in (("n1", "--cluster", "mine"), ("--cluster", "mine", "n1"), ("list", "n1", "--cluster", "mine")):
        ended = distdiag("sessions", *arguments)
        assert (ended.status, "nothing listens there" in ended.stderr) == (1, True), arguments
