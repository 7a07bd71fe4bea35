"""An account of OceanBase's engine without privileges, and the statements that the doctor gives for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.doctor.examination import examine
from distdiag_core.doctor.report import Check, ClusterReport, Result

if TYPE_CHECKING:
    from tests.workloads.engine import Engine

pytestmark = pytest.mark.usefixtures("own_places")

_USER = "watcher"


async def report_of(engine: Engine) -> ClusterReport:
    sql = SqlSettings(user=_USER, port=engine.port)
    node = NodeSettings("n1", "127.0.0.1", connection="local", ssh=SshSettings(), sql=sql)
    return await examine(ClusterSettings("c", (node,)))


def checks_of(report: ClusterReport) -> dict[str, Check]:
    (node,) = report.nodes
    return {check.name: check for check in node.checks}


async def test_the_statements_grant_what_was_missing(engine: Engine) -> None:
    engine.execute(f"CREATE USER {_USER}")
    before = checks_of(await report_of(engine))["grants"]
    for statement in before.fixes:
        engine.execute(statement)
    report = await report_of(engine)
    after = checks_of(report)

    assert before.result is Result.LIMITED
    assert after["grants"].result is Result.PASSED
    assert after["grants"].found == "every view can be read"
    assert after["metrics sysstat"].result is not Result.FAILED
    assert "OceanBase" in after["sql"].found
    # One that stands alone has no views of servers.
    assert report.servers is not None
    assert report.servers.result is Result.PASSED
