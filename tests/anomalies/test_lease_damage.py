"""Damaged leases: shown, never called cleared without their undo, and no danger to the others of their node."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.backends.ssh.lease_report import parse
from distdiag_core.anomalies.injection import InjectionState
from tests.anomalies.shells import SHELLS, become_sh
from tests.waiting import until

if TYPE_CHECKING:
    from tests.anomalies.conftest import Here


@pytest.fixture(params=SHELLS, autouse=True)
def shell(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    become_sh(request.param, tmp_path / "bin", monkeypatch)
    return str(request.param)


def _marks(here: Here) -> list[str]:
    return [path.name for path in (here.directory / "data").iterdir()]


async def _orphan(here: Here) -> Path:
    """The lease of an injection that nobody ends."""
    (injection,) = await here.inject("mark", "n1")
    os.killpg(here.supervisor(injection.id), signal.SIGKILL)
    return here.leases / injection.id


@pytest.mark.parametrize("file", ["born", "duration", "open", "supervisor", "program", "group", "about"])
async def test_a_lease_without_a_file_is_undone_before_it_is_cleared(here: Here, file: str) -> None:
    lease = await _orphan(here)
    (lease / file).unlink(missing_ok=True)
    assert [each.id for each in await here.injector.active()] == [lease.name]
    await here.injector.clear_all()
    assert _marks(here) == []
    assert here.left == []


@pytest.mark.parametrize("number", ["08", "0000000060", "x", "-1", "9" * 40, "1 2", ""])
async def test_what_is_no_number_hides_nothing(here: Here, number: str) -> None:
    lease = await _orphan(here)
    for file in ("duration", "born"):
        (lease / file).write_text(f"{number}\n", encoding="ascii")
        assert [each.id for each in await here.injector.active()] == [lease.name]
    await here.injector.clear_all()
    assert here.left == []


async def test_a_lease_whose_undo_is_lost_is_undone_from_its_copy(here: Here) -> None:
    lease = await _orphan(here)
    (lease / "undo").unlink()
    (lease / "gone").unlink()
    (cleared,) = await here.injector.clear_all()
    assert cleared.state is InjectionState.CLEARED
    assert _marks(here) == []


async def test_a_lease_whose_undo_is_lost_for_good_is_not_called_cleared(here: Here) -> None:
    lease = here.leases / "1damaged0"
    lease.mkdir(parents=True, mode=0o700)
    here.leases.chmod(0o700)
    (lease / "born").write_text("1\n", encoding="ascii")
    (left,) = await here.injector.clear_all()
    assert left.state is InjectionState.ORPHANED
    assert "what undoes it is missing" in left.detail
    for file in ("undo", "gone"):
        (lease / file).write_text("true\n", encoding="ascii")


@pytest.mark.parametrize("separator", ["\f", "\v", "\r", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_text_with_any_character_is_one_text(separator: str) -> None:
    report = f"owner=a{separator}b\nid=1abcdefgh\nage_s=0\nremaining_s=9\nsupervised=yes\n\nuptime_s=1\n.\n"
    ((lease,),), _ = parse(report, "n1")
    assert lease.owner == f"a{separator}b"


def test_one_damaged_lease_does_not_hide_the_others() -> None:
    sound = "id={}\nage_s={}\nremaining_s=9\nsupervised=yes\n\n"
    ((first, second),), _ = parse(f"{sound.format('1a', '1')}{sound.format('1b', 'x')}uptime_s=1\n.\n", "n1")
    assert (first.id, first.failure) == ("1a", "")
    assert (second.id, second.failure) == ("1b", "its record is damaged")


@pytest.mark.parametrize("file", ["about", "progress", "trouble", "supervisor", "duration"])
async def test_a_huge_file_delays_nobody(here: Here, file: str) -> None:
    lease = await _orphan(here)
    (lease / file).write_bytes(b"x" * 50_000_000)
    begun_s = time.monotonic()
    assert [each.id for each in await here.injector.active()] == [lease.name]
    assert time.monotonic() - begun_s < 4
    await here.injector.clear_all()
    assert here.left == []


@pytest.mark.parametrize("era", ["another boot\n", None])
async def test_a_lease_of_another_era_is_ended_from_its_read_back_record(here: Here, era: str | None) -> None:
    lease = await _orphan(here)
    if era is None:
        (lease / "era").unlink()
    else:
        (lease / "era").write_text(era, encoding="ascii")
    # Both nodes are this machine: what the contact with one has ended, the other may no longer list.
    await here.injector.active()
    await until(lambda: not here.left, "the lease to end by itself")
    assert _marks(here) == []


@pytest.mark.parametrize("written", ["nothing", "the era"])
async def test_a_lease_is_being_armed_until_nothing_was_written_for_a_minute(here: Here, written: str) -> None:
    era = ((await _orphan(here)) / "era").read_text(encoding="ascii")
    await here.injector.clear_all()
    lease = here.leases / "1armed000"
    lease.mkdir(mode=0o700, parents=True)
    here.leases.chmod(0o700)
    if written == "the era":
        (lease / "era").write_text(era, encoding="ascii")
    (armed,) = await here.injector.active()
    assert armed.id == lease.name
    assert armed.state is InjectionState.ARMING
    minute_ago_s = time.time() - 60
    os.utime(lease, (minute_ago_s, minute_ago_s))
    (orphan,) = await here.injector.active()
    assert (orphan.state, orphan.detail) == (
        InjectionState.ORPHANED,
        "its supervisor is gone, so that nothing ends it",
    )
    await here.injector.clear_all()
    assert here.left == []


async def test_one_that_nobody_ends_is_ended_at_the_contact_after_its_deadline(here: Here) -> None:
    lease = await _orphan(here)
    (lease / "duration").write_text("1\n", encoding="ascii")
    uptime_s = float(_uptime().split()[0])
    (lease / "born").write_text(f"{int(uptime_s) - 30}\n", encoding="ascii")
    # Both nodes are this machine: what the contact with one has begun to end, the other no longer lists as an orphan.
    await here.injector.active()
    await until(lambda: not here.left, "the lease to end by itself")


def _uptime() -> str:
    return Path("/proc/uptime").read_text(encoding="ascii")
