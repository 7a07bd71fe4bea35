"""`distdiag export`: which recording and which window of it."""

from __future__ import annotations

import csv
import json
import time
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.recording.recorder import Recorder
from tests.incidents.conftest import CATALOGUE, CLUSTER, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ended

# 08:00:00 in UTC.
START_S = 1_800_000_000.0


@pytest.fixture(autouse=True)
def zone() -> Iterator[None]:
    """A zone that is not UTC."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def recording(home: Path) -> Path:
    with Recorder(CLUSTER, CATALOGUE, places.recordings_dir()) as recorder:
        for second in range(100):
            recorder.frame(frame(START_S + second, busy=False))
    return recorder.path


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        ((), "08:00:00", "08:01:39"),
        (("--from", "10s"), "08:01:29", "08:01:39"),
        (("--from", "16:00:20", "--to", "16:00:30"), "08:00:20", "08:00:30"),
        # Of the day before.
        (("--from", "23:59", "--to", "16:00:30"), "08:00:00", "08:00:30"),
        (("--from", "2027-01-15T08:01:00Z", "--to", "2027-01-15T16:01:05"), "08:01:00", "08:01:05"),
        (("--from", "2027-01-15T09:01:00+01:00"), "08:01:00", "08:01:39"),
    ],
)
def test_a_window_is_written(
    distdiag: Callable[..., Ended], recording: Path, tmp_path: Path, window: tuple[str, ...], first: str, last: str
) -> None:
    out = tmp_path / "table.csv"
    ended = distdiag("export", recording.stem, "-o", str(out), *window, "--node", "n2", "--json")

    assert ended.status == 0, ended.stderr
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (rows[0]["time"], rows[-1]["time"]) == (f"2027-01-15T{first}.000Z", f"2027-01-15T{last}.000Z")
    facts = json.loads(ended.stdout)
    assert (facts["start"], facts["end"], facts["rows"]) == (rows[0]["time"], rows[-1]["time"], len(rows))
    assert (facts["nodes"], facts["metrics"]) == (["n2"], ["host.cpu.usage", "workload.tps"])


@pytest.mark.usefixtures("home")
def test_the_shipped_example_is_written(distdiag: Callable[..., Ended], tmp_path: Path) -> None:
    ended = distdiag("export", "example", "-o", str(tmp_path / "table.parquet"))
    assert (ended.status, ended.stdout) == (0, "")
    assert "144 ticks of 3 nodes, 210 metrics" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("-o", "table.txt"), 2, "FILE must end with .csv, .csv.gz or .parquet"),
        (("-o", "table.csv", "--from", "soon"), 2, "'soon' is no time; write 10m for ten minutes before the end"),
        (("-o", "table.csv", "--from", "25:00"), 2, "'25:00' is no time"),
        (("-o", "table.csv", "--from", "10s", "--to", "20s"), 2, "--from is after --to"),
        (("-o", "table.csv", "--from", "2h", "--to", "1h"), 1, "has no tick in this window; its ticks are from"),
        (("-o", "none/table.csv"), 1, "cannot be written: No such file or directory"),
        (("-o", "table.csv", "--metric", "host.gpu"), 2, "the recording has no metric 'host.gpu'"),
    ],
)
@pytest.mark.usefixtures("recording")
def test_mistakes_are_told(
    distdiag: Callable[..., Ended],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    status: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = distdiag("export", *arguments)
    assert ended.status == status, ended.stderr
    assert words in ended.stderr
    assert not list(tmp_path.glob("*.csv"))
