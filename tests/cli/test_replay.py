"""`distdiag replay`: which recording is meant, and what is wrong with it, before the console opens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recorder import Recorder
from tests.incidents.conftest import CATALOGUE, CLUSTER, frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.cli.options import Target
    from tests.cli.conftest import Ended


@pytest.fixture
def recording(home: Path) -> Path:
    with Recorder(CLUSTER, CATALOGUE, places.recordings_dir()) as recorder:
        for second in range(3):
            recorder.frame(frame(1_800_000_000.0 + second, busy=False))
    return recorder.path


@pytest.mark.parametrize("kind", ["nothing", "file", "run", "cluster"])
def test_a_recording_is_found_by_file_run_and_cluster(
    distdiag: Callable[..., Ended], recording: Path, kind: str
) -> None:
    named = {"nothing": (), "file": (str(recording),), "run": (recording.stem,), "cluster": ("shop",)}[kind]
    ended = distdiag("replay", *named)
    assert (ended.status, ended.stderr) == (0, "")
    (target,) = ended.consoles
    assert target.recording == recording


@pytest.mark.usefixtures("home")
def test_the_shipped_example_is_unpacked_for_as_long_as_the_console_is_open(capsys: pytest.CaptureFixture[str]) -> None:
    from distdiag_core.cli.main import main

    seen: list[Path] = []

    def look(target: Target) -> None:
        assert target.recording is not None
        seen.append(target.recording)
        with Recording(target.recording) as example:
            assert len(example.ticks()[0]) > 100
            first, second = example.incidents()
            assert first.data["causes"][0]["anomaly"] == "cpu_stress"
            injected = {each["anomaly"] for each in second.data["injections"]}
            assert injected == {"cpu_stress", "too_many_indexes", "network_delay"}

    assert main(look, ["replay", "example"]) == 0
    assert capsys.readouterr().err == ""
    assert not seen[0].exists()


def test_the_shipped_example_is_small_and_names_no_machine() -> None:
    from distdiag_core.recording import recordings

    packed = recordings.find("example")
    assert packed.stat().st_size < 300_000
    with recordings.opened(packed) as path:
        content = path.read_bytes()
    assert [word for word in (b"/root", b"/home", b"/work", b"@vm", b"root@", b"10.77.") if word in content] == []


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ((), 2, "there is no recording yet"),
        (("nowhere",), 2, "neither a file, a run nor a cluster"),
        (("exampel",), 2, "is example meant?"),
        (("/",), 2, "/: is a directory, and a recording is a file"),
        (("nowhere/run.sqlite",), 2, "nowhere/run.sqlite: there is no such file"),
        (("run.sqlite",), 2, "run.sqlite: there is no such file"),
        (("--json",), 2, "--json goes with --list"),
        (("--list",), 0, "no run was recorded"),
    ],
)
def test_without_a_recording_it_says_where_one_is(
    distdiag: Callable[..., Ended], arguments: tuple[str, ...], status: int, words: str
) -> None:
    ended = distdiag("replay", *arguments)
    assert ended.status == status
    assert words in ended.stderr
    assert ended.consoles == ()


@pytest.mark.parametrize("name", ["text.sqlite", "text.sqlite.xz", "empty.sqlite"])
def test_a_file_that_is_no_recording_is_refused_before_the_console_opens(
    distdiag: Callable[..., Ended], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_text("" if name.startswith("empty") else "no recording at all")
    ended = distdiag("replay", str(path))
    assert ended.status == 1
    assert str(path) in ended.stderr
    assert ended.consoles == ()


def test_a_run_without_ticks_is_refused(distdiag: Callable[..., Ended], home: Path) -> None:
    with Recorder(CLUSTER, CATALOGUE, places.recordings_dir()) as recorder:
        pass
    ended = distdiag("replay", str(recorder.path))
    assert ended.status == 1


def test_the_runs_are_listed_the_damaged_ones_too(distdiag: Callable[..., Ended], recording: Path) -> None:
    recording.with_name("zoo-20260101T000000.000000Z.sqlite").write_bytes(b"nothing of the kind")
    listed = json.loads(distdiag("replay", "--list", "--json").stdout)["runs"]
    assert [(each["run"], each["ticks"], each["lasted_s"]) for each in listed] == [
        (recording.stem, 3, 2),
        ("zoo-20260101T000000.000000Z", 0, 0),
    ]
    assert listed[1]["problem"]
    assert recording.stem in distdiag("replay", "--list").stdout
