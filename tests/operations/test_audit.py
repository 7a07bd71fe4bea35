"""Acts on the audit log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.errors import CommandFailedError, RefusedError
from distdiag_core.operations.audit import Auditor
from distdiag_core.recording import audit_log
from distdiag_core.recording.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def auditor(journal: Journal) -> Auditor:
    """The log of the acts on a cluster of one node, which is reached as somebody."""
    node = NodeSettings("n1", "10.0.0.1", ssh=SshSettings(user="operator"), sql=SqlSettings())
    return Auditor("mine", Cluster(ClusterSettings("mine", (node,))), journal)


async def test_what_was_done_is_written_down(state: Path) -> None:
    async with auditor(Journal()).record("inject", nodes=("n1",), anomaly="cpu_stress"):
        pass

    begin, entry = map(json.loads, places.audit_file().read_text(encoding="utf-8").splitlines())
    assert (begin["result"], begin["operation"]) == ("begun", entry["operation"])
    assert (entry["what"], entry["cluster"], entry["nodes"], entry["result"]) == ("inject", "mine", ["n1"], "done")
    assert entry["parameters"] == {"anomaly": "cpu_stress"}
    assert entry["account"]
    assert entry["ssh_users"] == ["operator"]


@pytest.mark.parametrize(
    ("error", "result"),
    [(RefusedError("protected", where="protect.nodes"), "refused"), (CommandFailedError("no effect"), "failed")],
)
async def test_what_went_wrong_is_written_down_with_its_reason(state: Path, error: Exception, result: str) -> None:
    with pytest.raises(type(error)):
        async with auditor(Journal()).record("inject"):
            raise error

    (entry,) = audit_log.read().entries
    assert (entry.record.result, entry.record.reason) == (result, str(error))


async def test_a_trail_that_cannot_be_written_hinders_nothing(state: Path) -> None:
    (state / "distdiag").write_text("a file where the directory should be", encoding="utf-8")
    journal = Journal()

    async with auditor(journal).record("clear all"):
        pass

    assert "audit log cannot be written" in journal.newest_first()[0].text


async def test_what_was_killed_has_a_begin_and_no_end(state: Path) -> None:
    operation = auditor(Journal()).record("inject", nodes=("n1",), needed=True, ids=["i1"])
    await operation.__aenter__()

    (entry,) = audit_log.read().entries

    assert (entry.record.what, entry.record.result) == ("inject", "begun")
    assert audit_log.begun("mine") == {"i1"}
    await operation.__aexit__(None, None, None)
    assert [each.record.result for each in audit_log.read().entries] == ["done"]
