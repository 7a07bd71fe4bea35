"""Times of tables of other programs: recognised with a word, or refused with what is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.dataset.exchange.conftest import Imported

    Import = Callable[[str | bytes | Path], Imported]


def table(times: list[str], name: str = "timestamp") -> str:
    return f"{name},node,cpu\n" + "".join(f"{time},n1,{tick}\n" for tick, time in enumerate(times))


@pytest.mark.parametrize(
    ("name", "times", "word"),
    [
        ("timestamp", ["1700000000", "1700000001"], ""),
        ("timestamp", ["1700000000000", "1700000001000"], "is in milliseconds"),
        ("timestamp", ["1700000000000000", "1700000001000000"], "is in microseconds"),
        ("timestamp", ["1700000000000000000", "1700000001000000000"], "is in nanoseconds"),
        ("timestamp", ["1.7e12", "1700000001000.0"], "is in milliseconds"),
        ("ts", ["1700000000", "1700000001"], "column 'ts' is taken for timestamp"),
        ("time_ms", ["1700000000000", "1700000001000"], "'time_ms' is in milliseconds"),
        ("Timestamp (ns)", ["1700000000000000000", "1700000001000000000"], "is in nanoseconds"),
        ("DateTime", ["2023-11-14T22:13:20Z", "2023-11-14T22:13:21Z"], "is ISO 8601"),
        ("date", ["2023-11-14 22:13:20", "2023-11-14 22:13:21"], "without a zone; they are taken for UTC"),
        ("time", ["2023/11/14 22:13:20", "2023/11/14 22:13:21"], "taken for UTC"),
        ("time", ["20231114T221320Z", "20231114T221321Z"], "is ISO 8601"),
        ("time", ["2023-11-14 22:13:20 UTC", "2023-11-14 22:13:21 UTC"], "is ISO 8601"),
        ("time", ["2023-11-15T00:13:20+02:00", "2023-11-14T22:13:21+00:00"], "times of several zones"),
        (" timestamp ", [" 1700000000", "1700000001 "], ""),
    ],
)
def test_times_of_every_form_become_seconds(imported: Import, name: str, times: list[str], word: str) -> None:
    found = imported(table(times, name))
    assert found.case.window.times_s.tolist() == [1700000000, 1700000001]
    assert found.case.period_s == 1
    assert word in found.notes


def test_small_numbers_are_seconds_unless_the_column_says_otherwise(imported: Import) -> None:
    assert imported(table(["0", "1000"], "time_ms")).case.window.times_s.tolist() == [0, 1]


def test_long_steps_are_worth_a_word(imported: Import) -> None:
    found = imported(table(["0", "1000", "2000"]))
    assert found.case.period_s == 1000
    assert "a tick each 1,000 s: its times are taken for seconds" in found.notes


@pytest.mark.parametrize(
    ("name", "times", "complaint"),
    [
        ("timestamp", ["1700000000", "1700000001000"], "in milliseconds, where those before are in seconds"),
        ("timestamp", ["1700000000", "2023-11-14T22:13:21Z"], "where those before are numbers"),
        ("timestamp", ["2023-11-14T22:13:20Z", "2023-11-14 22:13:21"], "without a zone, unlike those before"),
        ("timestamp", ["1700000000", "20231114221321"], "is no time since the epoch"),
        ("timestamp", ["1700000000", "638355392000000000"], "is no time since the epoch"),
        ("timestamp", ["1700000000", "14.11.2023 22:13:21"], "which is no time; a time is seconds since the epoch"),
        ("timestamp", ["1700000000", "11/14/2023 22:13:21"], "or ISO 8601, such as 2023-11-14T22:13:20Z"),
        ("timestamp", ["1700000000", "1_700_000_001"], "which is no time"),
        ("timestamp", ["1700000000", ""], "timestamp is empty"),
        ("timestamp", ["1700000000", "inf"], "is no time since the epoch"),
        ("timestamp", ["1700000000", "22:13:21"], "which is no time"),
        ("timestamp", ["2023-11-14T22:13:20Z", "2023-13-14T22:13:21Z"], "which is no time"),
        ("timestamp", ["1700000000", "1699999999"], "goes back in time"),
        ("timestamp", ["2023-10-29 02:59:59", "2023-10-29 02:00:00"], "goes back in time"),
        (
            "timestamp",
            ["1700000000.0001", "1700000000.0004"],
            "a second time; a node has one row at a time; times are kept",
        ),
        ("time_ns", ["0", "1e40"], "which is no time in nanoseconds"),
    ],
)
def test_other_times_are_refused_by_line(imported: Import, name: str, times: list[str], complaint: str) -> None:
    with pytest.raises(DataError) as error:
        imported(table(times, name))
    assert "t.csv:3: " in str(error.value)
    assert complaint in str(error.value)


@pytest.mark.parametrize("first", ["20231114", "45244.92593"])
def test_days_are_no_seconds(imported: Import, first: str) -> None:
    with pytest.raises(DataError, match="looks like"):
        imported(table([first], "date"))


def test_only_one_column_of_times_is_read(imported: Import) -> None:
    found = imported("datetime,timestamp,node,cpu\nyesterday,5,n1,1\n")
    assert found.case.window.metrics == ("cpu",)
    assert "column 'datetime' is another one beside 'timestamp' and is left out" in found.notes


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "+02:00"])
def test_times_of_parquet_have_their_unit(imported: Import, tmp_path: Path, unit: str, zone: str | None) -> None:
    scale = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    times = pa.array([1700000000 * scale, 1700000001 * scale], pa.timestamp(unit, zone))
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"timestamp": times, "node": ["n1", "n1"], "cpu": [1.0, 2.0]}), path)
    found = imported(path)
    assert found.case.window.times_s.tolist() == [1700000000, 1700000001]
    assert ("taken for UTC" in found.notes) == (zone is None)


def test_days_of_parquet_are_midnights(imported: Import, tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    days = pa.array([19675, 19676], pa.date32())
    pq.write_table(pa.table({"date": days, "node": ["n1", "n1"], "cpu": [1, 2]}), path)
    assert imported(path).case.window.times_s.tolist() == [1699920000, 1700006400]


def test_times_of_case_directories_are_seconds(tmp_path: Path) -> None:
    from distdiag_core.dataset.exchange import directories

    for number, time in enumerate(["1700000000000", "2023-11-14T22:13:20Z"]):
        path = tmp_path / f"case{number}"
        path.mkdir()
        (path / "case.yaml").write_text("period: 1\nanomalies: []\n")
        (path / "metrics.csv").write_text(f"timestamp,node,cpu\n{time},n1,1\n")
        with pytest.raises(DataError, match=r"metrics.csv:2: timestamp is .* times are in seconds since the epoch"):
            directories.copy(path, tmp_path / "in")
