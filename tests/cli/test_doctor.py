"""`distdiag doctor` on a node that is this machine and whose database refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


@pytest.fixture
def refused(cluster_file: Callable[[str], Path]) -> None:
    cluster_file(
        f"name: mine\nsql: {{port: {free_port()}}}\nnodes:\n  - {{name: n1, host: 127.0.0.1, connection: local}}\n"
    )


@pytest.mark.usefixtures("refused")
def test_a_table_for_each_node_and_the_exit_code(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("--cluster", "mine", "doctor")

    assert ended.status == 1
    assert ended.stdout.startswith("n1 (127.0.0.1)\n  CHECK")
    assert "  sql: no metrics of the database" in ended.stdout
    assert "load host (this machine)" in ended.stdout
    assert "cluster mine: cannot be watched as configured: n1" in ended.stderr


@pytest.mark.usefixtures("refused")
def test_json_is_one_object(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("--cluster", "mine", "doctor", "--json")

    report = json.loads(ended.stdout)
    (node,) = report["nodes"]
    checks = {check["name"]: check for check in node["checks"]}
    assert ended.status == 1
    assert report["cluster"] == "mine"
    assert not report["watchable"]
    assert not node["watchable"]
    assert (checks["ssh"]["result"], checks["sql"]["result"]) == ("pass", "fail")
    assert checks["sql"].keys() == {"name", "result", "found", "costs", "fixes"}
