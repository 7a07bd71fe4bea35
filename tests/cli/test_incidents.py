"""`distdiag incidents` on a recording that a run has left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.recording.events import Event
from distdiag_core.recording.recorder import Recorder
from distdiag_core.runtime.live_incidents import LiveIncidents
from tests.incidents.conftest import CATALOGUE, CLUSTER, diagnosis, frame, injection

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

START_S = 1_800_000_000.0
SHOP = "name: shop\nnodes:\n- {name: n1, host: 127.0.0.1}\n- {name: n2, host: 127.0.0.2}\nsql: {user: root}\n"


@pytest.fixture
def recording(home: Path) -> Path:
    """Two incidents, the first of which was injected."""
    with Recorder(CLUSTER, CATALOGUE, places.recordings_dir()) as recorder:
        incidents = LiveIncidents(recorder)
        for second in range(200):
            time_s, ill = START_S + second, second in range(80, 100) or second in range(150, 160)
            injected = [injection("7f3a", START_S + 78)] if second in range(78, 100) else []
            recorder.frame(frame(time_s, busy=ill))
            found = diagnosis(time_s, *((("n2", "cpu_stress"),) if ill else ()))
            incidents.on_tick(time_s, found, injected, {"7f3a": True})
        recorder.event(Event(START_S + 100, "diagnosis", "named", data={"validated": True}))
        recorder.event(Event(START_S + 100, "diagnosis", "missed", data={"validated": False}))
    return recorder.path


def test_they_are_listed_with_what_was_named(distdiag: Callable[..., Ended], recording: Path) -> None:
    ended = distdiag("incidents", "list", "--recording", str(recording))

    assert ended.status == 0
    header, first, second = ended.stdout.splitlines()
    assert header.split() == [
        "ID",
        "ONSET",
        "LASTED",
        "NODES",
        "ROOT",
        "CAUSE",
        "CLUSTER",
        "IMPACT",
        "INJECTED",
        "NOTES",
    ]
    assert "cpu_stress n2 0.90" in first
    assert "tps -25 %" in first
    assert "cpu_stress n2 named" in first
    assert second.startswith("2 ")
    assert "1 of 2 injections named" in ended.stderr


def test_the_newest_recording_of_the_cluster_is_the_default(
    distdiag: Callable[..., Ended], recording: Path, home: Path
) -> None:
    path = places.clusters_dir() / "shop.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(SHOP)
    # Another cluster, whose name begins like this one and whose recording is newer.
    recording.with_name("shop-two-29990101T000000.000000Z.sqlite").write_bytes(b"")
    ended = distdiag("incidents", "list", "--json")

    assert ended.status == 0, ended.stderr
    facts = json.loads(ended.stdout)
    assert facts["recording"] == str(recording)
    assert [each["id"] for each in facts["incidents"]] == [1, 2]
    assert facts["incidents"][0]["injections"][0]["hit"] is True
    assert facts["validated"] == {"right": 1, "total": 2}


def test_a_packed_recording_is_called_by_the_file_that_was_asked_for(distdiag: Callable[..., Ended]) -> None:
    facts = json.loads(distdiag("incidents", "list", "--json", "--recording", "example").stdout)
    assert Path(facts["recording"]).is_file()
    ended = distdiag("incidents", "show", "9", "--recording", "example")
    assert ended.stderr == "distdiag: example.sqlite: there is no incident 9; it has 1, 2\n"


def test_without_any_recording_it_says_where_one_comes_from(distdiag: Callable[..., Ended], home: Path) -> None:
    path = places.clusters_dir() / "shop.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(SHOP)
    ended = distdiag("incidents", "list")

    assert ended.status == 2
    assert "there is no recording of the cluster shop" in ended.stderr


def test_one_is_shown_and_reported(distdiag: Callable[..., Ended], recording: Path, tmp_path: Path) -> None:
    shown = distdiag("incidents", "show", "1", "--recording", str(recording))
    assert shown.stdout.startswith("# Incident 1: CPU stress on n2\n")

    out = tmp_path / "report.md"
    reported = distdiag("incidents", "report", "1", "--out", str(out), "--recording", str(recording))
    assert (reported.status, reported.stdout) == (0, "")
    text, charts = out.read_text().split("## Charts of the evidence\n")
    assert text in shown.stdout
    assert "![CPU stress on n2](report-charts/1-n2-cpu_stress.svg)" in charts
    chart = (tmp_path / "report-charts" / "1-n2-cpu_stress.svg").read_text()
    for word in ("onset", "noticed", "last active", "injected: CPU stress on n2", ">CPU  (+6.1 σ)<", ">100%<"):
        assert word in chart, word

    facts = json.loads(distdiag("incidents", "show", "1", "--json", "--recording", str(recording)).stdout)
    assert [len(each["causes"]) for each in facts["verdicts"]] == [1, 0]
    assert facts["nodes"] == ["n2"]


def test_a_whole_run_is_reported(distdiag: Callable[..., Ended], recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "the run.md"
    ended = distdiag("incidents", "summary", "--recording", str(recording), "--out", str(out), "--json")
    assert json.loads(ended.stdout) == {"out": str(out), "incidents": 2}
    text = out.read_text()
    assert "named: 1 of 2" in text
    assert "| CPU stress on n2 | 0.90 | tps -25 % | CPU stress on n2 |" in text
    beside = tmp_path / "the run-run"
    for name in ("overview.svg", "incident-1.md", "incident-2.md"):
        assert f"(the%20run-run/{name})" in text
        assert (beside / name).is_file()
    assert (beside / "incident-2-charts" / "1-n2-cpu_stress.svg").is_file()
    overview = (beside / "overview.svg").read_text()
    assert all(f">{word}<" in overview for word in ("incident 1", "incident 2", "CPU", "transactions", "n1", "n2"))


def test_a_note_is_kept(distdiag: Callable[..., Ended], recording: Path) -> None:
    noted = distdiag("incidents", "note", "2", "a backup ran", "--recording", str(recording))
    assert noted.status == 0

    assert "a backup ran" in distdiag("incidents", "report", "2", "--recording", str(recording)).stdout
    facts = json.loads(distdiag("incidents", "list", "--json", "--recording", str(recording)).stdout)
    assert [len(each["notes"]) for each in facts["incidents"]] == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "7"), "there is no incident 7"),
        (("note", "7", "x"), "there is no incident 7"),
        (("note", "1", " "), "the note is empty"),
    ],
)
def test_mistakes_are_told(
    distdiag: Callable[..., Ended], recording: Path, arguments: tuple[str, ...], message: str
) -> None:
    ended = distdiag("incidents", *arguments, "--recording", str(recording))

    assert ended.status == 2
    assert message in ended.stderr


def test_a_report_that_cannot_be_written_is_one_line(
    distdiag: Callable[..., Ended], recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "none" / "report.md"
    ended = distdiag("incidents", "report", "1", "--out", str(out), "--recording", str(recording))

    assert ended.status == 1
    assert str(out) in ended.stderr


def test_those_of_the_shipped_recording_are_listed_without_a_cluster(
    distdiag: Callable[..., Ended], home: Path
) -> None:
    ended = distdiag("incidents", "list", "--recording", "example")

    assert ended.status == 0, ended.stderr
    assert "cpu_stress n2" in ended.stdout


def test_the_shipped_recording_takes_no_note(distdiag: Callable[..., Ended], home: Path) -> None:
    ended = distdiag("incidents", "note", "1", "a disk", "--recording", "example")

    assert ended.status == 2
    assert "example: is packed, and takes nothing more" in ended.stderr


def test_a_recording_that_is_not_there_is_refused_with_a_way_on(distdiag: Callable[..., Ended], home: Path) -> None:
    ended = distdiag("incidents", "list", "--recording", "gone")

    assert ended.status == 2
    assert "distdiag replay example" in ended.stderr
