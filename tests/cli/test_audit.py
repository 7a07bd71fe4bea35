"""The audit log on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.recording.audit_log import AuditRecord, append

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

_INJECT = AuditRecord(
    "inject", "shop", ("n2",), 1_800_000_000.0, 1.5, "done", {"anomaly": "cpu_stress", "ids": ["1abc"]}
)
_CLEAR = AuditRecord(
    "clear", "shop", (), 1_800_000_060.0, 0.4, "failed", {"ids": ["1abc"]}, "no \x1b[2Jlink", ("admin",)
)
_OTHER = AuditRecord("clear all", "other", (), 1_800_000_070.0, 0.4, "done")


@pytest.fixture
def audit_log(home: Path) -> Path:
    for act in (_INJECT, _CLEAR, _OTHER):
        append(act)
    return places.audit_file()


@pytest.mark.usefixtures("audit_log")
def test_the_table_shows_account_operation_nodes_and_result(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("audit")

    assert ended.status == 0
    header, *rows = ended.stdout.splitlines()
    assert header.split() == ["WHEN", "WHO", "CLUSTER", "WHAT", "WHERE", "RESULT", "TOOK", "HOW"]
    assert "n2" in rows[0]
    assert "anomaly=cpu_stress" in rows[0]
    assert " as admin " in rows[1]
    assert "1abc (no ?[2Jlink)" in rows[1]
    assert "other" in rows[2]


@pytest.mark.usefixtures("audit_log")
def test_the_last_of_one_cluster_as_data(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("audit", "--cluster", "shop", "--last", "1", "--json")

    (line,) = ended.stdout.splitlines()
    assert json.loads(line)["what"] == "clear"
    assert json.loads(line)["ssh_users"] == ["admin"]


def test_a_damaged_line_is_named_and_the_rest_is_shown(distdiag: Callable[..., Ended], audit_log: Path) -> None:
    with audit_log.open("a", encoding="utf-8") as file:
        file.write("half a li\n")

    ended = distdiag("audit", "--json")

    assert ended.status == 0
    assert len(ended.stdout.splitlines()) == 3
    assert "line 4: " in ended.stderr
    assert "skipped" in ended.stderr


def test_an_empty_audit_log_says_so(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("audit")

    assert (ended.status, ended.stdout) == (0, "")
    assert "nothing was done yet" in ended.stderr


def test_a_production_cluster_without_its_name_is_in_the_audit_log(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file("name: mine\nproduction: true\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n")

    distdiag("inject", "cpu_stress", "--node", "n1")
    shown = json.loads(distdiag("audit", "--json").stdout)

    assert (shown["what"], shown["cluster"], shown["result"]) == ("confirm", "mine", "refused")


def test_a_refusal_is_in_the_audit_log(distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]) -> None:
    cluster_file("name: mine\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n")

    refused = distdiag("inject", "cpu_stress", "--node", "n1")
    shown = json.loads(distdiag("audit", "--json").stdout)

    assert refused.status == 3
    assert (shown["what"], shown["result"], shown["nodes"]) == ("plan", "refused", ["n1"])
    assert "read_only" in shown["reason"]
