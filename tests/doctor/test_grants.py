"""An account of OceanBase's engine without privileges, and the statements that the doctor gives for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.doctor.examination import examine
from distdiag_core.doctor.report import Check, Result

if TYPE_CHECKING:
    from tests.workloads.engine import Engine

pytestmark = pytest.mark.usefixtures("own_places")

_USER = "watcher"


async def checks_of(engine: Engine) -> dict[str, Check]:
    sql = SqlSettings(user=_USER, port=engine.port)
    node = NodeSettings("n1", "127.0.0.1", connection="local", ssh=SshSettings(), sql=sql)
    (report,) = (await examine(ClusterSettings("c", (node,)))).nodes
    return {check.name: check for check in report.checks}


async def test_the_statements_grant_what_was_missing(engine: Engine) -> None:
    engine.execute(f"CREATE USER {_USER}")
    before = (await checks_of(engine))["grants"]
    for statement in before.fixes:
        engine.execute(statement)
    after = await checks_of(engine)

    assert before.result is Result.LIMITED
    assert after["grants"].result is Result.PASSED
    assert after["grants"].found == "every view can be read"
    assert after["metrics sysstat"].result is not Result.FAILED
    assert "OceanBase" in after["sql"].found
