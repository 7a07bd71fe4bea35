"""A file that is no sound recording gets one clear error."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.metrics.catalogue import MetricCatalogue
from distdiag_core.recording.reader import Recording
from tests.mutations import mutations

if TYPE_CHECKING:
    from pathlib import Path


def _change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_another_schema_version_is_refused(recorded: Path) -> None:
    _change(recorded, "PRAGMA user_version = 7")
    with pytest.raises(DataError, match="has schema version 7, and this distdiag reads versions up to 3"):
        Recording(recorded)


def test_another_database_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    _change(path, "CREATE TABLE frame (x)")
    with pytest.raises(DataError, match="is not a recording"):
        Recording(path)


@pytest.mark.parametrize("content", [b"", b"timestamp,node\n" * 1000], ids=["empty", "text"])
def test_another_file_is_no_recording(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.sqlite"
    path.write_bytes(content)
    with pytest.raises(DataError, match="is not a recording"):
        Recording(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.sqlite: there is no such recording"):
        Recording(tmp_path / "gone.sqlite")


def test_half_a_file_is_damaged(recorded: Path) -> None:
    content = recorded.read_bytes()
    recorded.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="cannot be read"), Recording(recorded) as recording:
        recording.window()


def test_scribbled_pages_are_damaged(recorded: Path) -> None:
    content = bytearray(recorded.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    recorded.write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"), Recording(recorded) as recording:
        recording.window()


def test_a_tick_of_the_wrong_length_is_damaged(recorded: Path) -> None:
    _change(recorded, "UPDATE frame SET figures = x'00' WHERE time_s = 4")
    with Recording(recorded) as recording:
        assert len(recording.window(0.0, 3.0)) == 4
        with pytest.raises(DataError, match=r"the tick at 4\.0 has 1 bytes, which is not 3 nodes of 2 metrics"):
            recording.window()


def test_any_value_in_any_place_of_the_meta_is_read_or_refused(recorded: Path) -> None:
    refused = 0
    with closing(sqlite3.connect(recorded, isolation_level=None)) as connection:
        ((sound,),) = connection.execute("SELECT json FROM meta").fetchall()
        for what, data in mutations(json.loads(sound)):
            connection.execute("UPDATE meta SET json = ?", (json.dumps(data),))
            try:
                with Recording(recorded) as recording:
                    recording.window()
                    MetricCatalogue(recording.meta.metrics)
                    assert math.isfinite(recording.meta.interval_s), what
                    assert math.isfinite(recording.meta.started_s), what
            except DataError as error:
                refused += 1
                assert re.fullmatch(f"{re.escape(str(recorded))}.*", str(error)), what  # noqa: PT017 - most are refused
    assert refused > 200


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE meta SET json = '{\"clus'", "is damaged: it is not JSON"),
        ('UPDATE meta SET json = \'{"cluster": "x"}\'', "nodes: is required but missing"),
        ("DELETE FROM meta", "does not say what it is about"),
        ("DROP TABLE meta", "no such table: meta"),
    ],
)
def test_a_recording_that_does_not_know_itself_is_damaged(recorded: Path, statement: str, message: str) -> None:
    _change(recorded, statement)
    with pytest.raises(DataError, match=message):
        Recording(recorded)


def test_an_event_with_broken_data_is_damaged(recorded: Path) -> None:
    _change(recorded, "INSERT INTO event VALUES (1, 'node', 'lost', 'info', NULL, '{')")
    with Recording(recorded) as recording, pytest.raises(DataError, match="is damaged"):
        recording.events()
