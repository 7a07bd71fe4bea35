"""`distdiag obdiag` with the stand-in for obdiag."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.recording.recorder import Recorder
from distdiag_core.runtime.live_incidents import LiveIncidents
from tests.incidents.conftest import CATALOGUE, CLUSTER, diagnosis, frame
from tests.obdiag.conftest import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

SCENE = {"record": [{"record": ["trans_id 7 holds the lock"], "suggest": "The suggest: kill session 3221"}]}

CPU_TABLE = """\
Time           -----------------------cpu----------------------
Time             user     sys    wait    hirq    sirq    util
01/11/26-10:00  41.00    9.00    0.10    0.00    0.05   50.05
01/11/26-10:01  41.00    9.00    0.10    0.00    0.05   50.05
"""


@pytest.fixture
def stand_in(home: Path, cluster_file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn(home / "obdiag")
    for name in ("check", "rca"):
        (made.plugins / name).mkdir(parents=True)
    monkeypatch.setenv("OBDIAG_CMD", made.command)
    cluster_file(
        "name: mine\nread_only: false\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n"
        f"obdiag: {{plugins: {made.plugins}}}\n"
    )
    return made


def test_the_list_says_what_fits(distdiag: Callable[..., Ended]) -> None:
    assert "lock_contention    rca    lock_conflict" in distdiag("obdiag", "list").stdout
    found = json.loads(distdiag("obdiag", "list", "io_stress", "--json").stdout)
    assert found == {
        "io_stress": [{"verb": "rca", "name": "clog_disk_full"}, {"verb": "check", "name": "disk.*"}],
    }


def test_a_scene_is_kept_in_an_incident_and_is_in_its_report(distdiag: Callable[..., Ended], stand_in: StandIn) -> None:
    stand_in.plays(data=SCENE)
    with Recorder(CLUSTER, CATALOGUE, places.recordings_dir()) as recorder:
        incidents = LiveIncidents(recorder)
        for second in range(80, 130):
            ill = second in range(100, 120)
            recorder.frame(frame(float(second), busy=ill))
            incidents.on_tick(
                float(second), diagnosis(float(second), *((("n2", "cpu_stress"),) if ill else ())), [], {}
            )
    kept = ("--incident", "1", "--recording", str(recorder.path))
    ended = distdiag("obdiag", "rca", "--anomaly", "lock_contention", *kept)

    assert ended.status == 0, ended.stderr
    assert "suggestion: kill session 3221" in ended.stdout
    assert "kept in incident 1" in ended.stderr
    report = distdiag("incidents", "report", "1", "--recording", str(recorder.path)).stdout
    assert "### rca lock\\_conflict" in report or "### rca lock_conflict" in report
    facts = json.loads(distdiag("incidents", "show", "1", "--recording", str(recorder.path), "--json").stdout)
    assert facts["evidence"][0]["suggestions"] == ["kill session 3221"]


def test_json_is_all_that_is_on_stdout(distdiag: Callable[..., Ended], stand_in: StandIn) -> None:
    stand_in.plays(data={"observer": {"warning": {"cpu.oversold": ["[warning] oversold"]}, "all": {}}})
    (found,) = json.loads(distdiag("obdiag", "check", "cpu.*", "--json").stdout)
    assert found["findings"] == [{"level": "warning", "text": "oversold", "subject": "cpu.oversold"}]


def test_the_past_hours_are_json_too(distdiag: Callable[..., Ended], stand_in: StandIn) -> None:
    stand_in.plays(data={"store_dir": "x"}, archives={"127.0.0.1": {"one_day_cpu_data.txt": CPU_TABLE}})
    (history,) = json.loads(distdiag("obdiag", "sysstat", "--json").stdout)
    assert (history["node"], history["period_s"]) == ("n1", 60)
    assert [row["values"]["cpu.util"] for row in history["rows"]] == [50.05, 50.05]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("check",), 2, "name either TASKS or --anomaly NAME"),
        (("rca", "--scene=x"), 2, "No such option"),
        (("check", "cpu.*;rm"), 1, "is not installed"),
        (("rca", "lock_conflict", "--read-only"), 3, "read-only"),
        (("rca", "--anomaly", "cpu_stress"), 2, "no rca of obdiag fits cpu_stress"),
        (("rca", "lock_conflict", "--incident", "1"), 2, "mine"),
    ],
)
def test_mistakes_have_their_exit_codes(
    distdiag: Callable[..., Ended],
    stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    monkeypatch.setenv("OBDIAG_CMD", "/nowhere/obdiag")
    ended = distdiag("obdiag", *arguments)
    assert (ended.status, said in ended.stderr) == (status, True), ended.stderr
