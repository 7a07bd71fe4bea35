"""What the verbs say where the state directory, the audit log or the recordings cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

CLUSTER = """\
name: mine
read_only: false
interval_s: 0.25
sources: [host]
nodes:
  - {name: n1, host: 127.0.0.1, connection: local, sql: {port: 9}}
"""
VERBS = [
    ("injections",),
    ("clear", "--all", "--for", "1s"),
    ("inject", "cpu_stress", "--node", "n1", "--dry-run"),
    ("workload", "status"),
    ("workload", "history"),
    ("watch", "--for", "2s"),
]


@pytest.fixture(params=["file in place of the directory", "full device"])
def audit(home: Path, cluster_file: Callable[[str], Path], request: pytest.FixtureRequest) -> Path:
    cluster_file(CLUSTER)
    state = home / "state" / "distdiag"
    if request.param == "full device":
        state.mkdir(parents=True)
        (state / "audit.jsonl").symlink_to("/dev/full")
    else:
        state.parent.mkdir()
        state.write_text("in the way", encoding="ascii")
    return state / "audit.jsonl"


def warnings(ended: Ended) -> list[str]:
    return [line for line in ended.stderr.splitlines() if line.startswith("warning: ")]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_one_line_names_the_audit_log_and_what_is_lost(
    distdiag: Callable[..., Ended], audit: Path, verb: tuple[str, ...]
) -> None:
    ended = distdiag(*verb)
    assert "Traceback" not in ended.stderr
    told = warnings(ended)
    # A device that is full shows only when something is written.
    writes = verb[0] == "clear" or not audit.parent.is_dir()
    assert len(told) == writes, ended.stderr
    if told:
        assert told[0].startswith(f"warning: {audit}: the audit log cannot be written: ")
        assert "what is done is not on record" in told[0]


def test_an_injection_is_refused_without_its_record(distdiag: Callable[..., Ended], audit: Path) -> None:
    ended = distdiag("inject", "cpu_stress", "--node", "n1", "--for", "1s")
    assert ended.status != 0
    assert f"distdiag: {audit}: the audit log cannot be written" in ended.stderr
    assert "--without-audit" in ended.stderr


def test_a_recording_that_cannot_be_written_is_named_once(
    distdiag: Callable[..., Ended], home: Path, cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(CLUSTER)
    (home / "data").write_text("in the way", encoding="ascii")
    ended = distdiag("watch", "--record", "--for", "3s")
    assert ended.status == 0, ended.stderr
    assert ended.stdout
    (told,) = warnings(ended)
    assert told == (
        f"warning: nothing can be written to {home / 'data' / 'distdiag' / 'recordings'}: Not a directory; "
        "the recording of this run is incomplete"
    )


def test_all_is_well_where_all_can_be_written(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(CLUSTER)
    assert warnings(distdiag("injections")) == []
    assert warnings(distdiag("watch", "--record", "--for", "1s")) == []
