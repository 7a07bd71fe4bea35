"""The audit log holds whole lines, whoever writes and whatever happened before."""

from __future__ import annotations

import json
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import DataError
from distdiag_core.recording.audit_log import AuditRecord, append, begun, read
from tests.mutations import mutations

_ACT = AuditRecord(
    "inject", "shop", ("n2",), 1_800_000_000.0, 1.5, "done", {"anomaly": "cpu_stress", "severity": "high"}
)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_says_who_did_what_where_when_and_how_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "state" / "audit.jsonl"
    append(_ACT, path)
    (line,) = _lines(path)
    assert line.pop("account")
    assert line == {
        "host": socket.gethostname(),
        "what": "inject",
        "cluster": "shop",
        "nodes": ["n2"],
        "began_s": 1_800_000_000.0,
        "duration_s": 1.5,
        "result": "done",
        "parameters": {"anomaly": "cpu_stress", "severity": "high"},
        "reason": "",
        "ssh_users": [],
        "operation": "",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_written_is_read_the_newest_last(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    other = replace(_ACT, cluster="other", ssh_users=("admin",), reason="because")
    append(_ACT, path)
    append(other, path)
    assert [entry.record for entry in read(path).entries] == [_ACT, other]
    assert [entry.record for entry in read(path, "shop").entries] == [_ACT]


def test_there_is_no_trail_yet(tmp_path: Path) -> None:
    assert read(tmp_path / "audit.jsonl").entries == ()


def test_who_used_sudo_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "alice")
    monkeypatch.setenv("USER", "mallory")
    monkeypatch.setenv("LOGNAME", "mallory")
    append(_ACT, tmp_path / "audit.jsonl")
    (entry,) = read(tmp_path / "audit.jsonl").entries
    assert entry.sudo_user == "alice"
    assert entry.account != "mallory"


def test_lines_that_are_damaged_are_named_and_skipped(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    append(_ACT, path)
    with path.open("ab") as log:
        log.write(b'{"what": "inj\n[]\n{}\n\xff\xfe\n')
        log.write(path.read_bytes().replace(b'["n2"]', b"7"))
    append(_ACT, path)
    trail_read = read(path)
    assert [entry.record for entry in trail_read.entries] == [_ACT, _ACT]
    assert [damage.partition(":")[0] for damage in trail_read.damaged] == [f"line {number}" for number in range(2, 7)]


@pytest.mark.parametrize("time", ["1e20", "-1e20", "Infinity", "NaN", f"1{'0' * 400}", "[]"])
@pytest.mark.parametrize("key", ["began_s", "duration_s"])
def test_a_time_that_is_none_is_damage(tmp_path: Path, key: str, time: str) -> None:
    path = tmp_path / "audit.jsonl"
    append(_ACT, path)
    good = json.dumps(getattr(_ACT, key))
    path.write_text(path.read_text().replace(f'"{key}": {good}', f'"{key}": {time}'))
    (damage,) = read(path).damaged
    assert damage.startswith(f"line 1: is damaged: {key}: must be a number")


@given(st.binary(max_size=200))
def test_no_line_whatever_it_holds_stops_the_reading(tmp_path_factory: pytest.TempPathFactory, line: bytes) -> None:
    path = tmp_path_factory.mktemp("log") / "audit.jsonl"
    path.write_bytes(line + b"\n")
    append(_ACT, path)
    assert read(path).entries[-1].record == _ACT


def test_what_was_begun_is_known_by_its_id(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    append(replace(_ACT, parameters={"ids": ["1abc"]}), path)
    append(replace(_ACT, what="clear", parameters={"ids": ["2abc"]}), path)
    assert begun("shop", path) == {"1abc"}
    assert begun("other", path) == frozenset()


def test_the_place_is_the_audit_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    append(_ACT)
    assert len(_lines(tmp_path / "distdiag" / "audit.jsonl")) == 1


def test_many_writers_never_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: append(_ACT, path), range(100)))
    assert len(_lines(path)) == 100


def test_a_line_cut_short_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"what": "inj')
    append(_ACT, path)
    assert path.read_text().startswith('{"what": "inj\n{')
    assert json.loads(path.read_text().splitlines()[1])["what"] == "inject"


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("NOT TESTED: this system has no /dev/full")
    with pytest.raises(DataError, match="the audit log cannot be written: No space left on device"):
        append(_ACT, Path("/dev/full"))


def test_a_place_that_is_no_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(DataError, match="the audit log cannot be written"):
        append(_ACT, tmp_path / "state" / "audit.jsonl")


def test_any_value_in_any_place_is_an_entry_or_damage(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    append(replace(_ACT, parameters={"ids": ["1abc"]}), path)
    lines = [json.dumps(data) for _, data in mutations(json.loads(path.read_text()))]
    path.write_text("\n".join(lines) + "\n")
    found = read(path)
    assert len(found.damaged) > 100
    assert all(each.isprintable() for each in found.damaged)
    begun("shop", path)
