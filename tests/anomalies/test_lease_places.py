"""Leases whose directory is read-only, full or gone: they end all the same, and are shown as what they are."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.errors import RefusedError
from tests.anomalies.mounts import mounted, needs_mounts, read_only
from tests.anomalies.shells import SHELLS, become_sh
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.anomalies.conftest import Here


pytestmark = needs_mounts


@pytest.fixture
def small_disk(here: Here) -> Iterator[Path]:
    """The directory of leases as a file system of its own."""
    here.leases.mkdir(mode=0o700)
    with mounted(here.leases, "-t tmpfs -o size=1m,mode=700 none"):
        yield here.leases


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    become_sh(request.param, tmp_path / "bin", monkeypatch)
    return str(request.param)


def _marks(here: Here) -> list[str]:
    return [path.name for path in (here.directory / "data").iterdir()]


@pytest.mark.usefixtures("shell")
async def test_a_lease_that_became_read_only_ends_at_its_deadline(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1", duration_s=3)
    with read_only(here.leases):
        await until(lambda: _is_noted(here, injection.id), "it to be undone and proved")
        assert _marks(here) == []
        assert here.processes(injection.id) == set()
        (left,) = await here.injector.active()
        assert left.state is InjectionState.ORPHANED
        assert left.detail.startswith("it was undone, and that is proved, but its record")
        (cleared,) = await here.injector.clear([injection.id])
        assert cleared.state is InjectionState.CLEARED
    await here.injector.clear_all()
    assert here.left == []
    assert _copies(here) == []


def _is_noted(here: Here, name: str) -> bool:
    return any(path.name == f".undone-{name}" for path in _copies(here))


def _copies(here: Here) -> list[Path]:
    """The copies of the leases of this test: others may run beside it."""
    key = subprocess.run(("cksum",), input=str(here.leases), capture_output=True, text=True, check=True).stdout
    place = Path(f"/dev/shm/distdiag-{os.getuid()}-{'-'.join(key.split())}")  # noqa: S108 - where they are
    return list(place.iterdir()) if place.is_dir() else []


@pytest.mark.usefixtures("shell")
async def test_a_lease_that_became_read_only_is_shown_blocks_its_node_and_is_cleared(here: Here) -> None:
    (injection,) = await here.inject("mark", "n1", duration_s=600)
    with read_only(here.leases):
        (shown,) = await here.injector.active()
        assert (shown.id, shown.state) == (injection.id, InjectionState.ORPHANED)
        assert shown.detail == f"its record {here.leases}/{injection.id} cannot be written any more"
        with pytest.raises(RefusedError, match="cannot be written any more"):
            await here.inject("mark", "n1")
        (cleared,) = await here.injector.clear_all()
        assert cleared.state is InjectionState.CLEARED
        assert _marks(here) == []


@pytest.mark.usefixtures("shell")
async def test_a_full_disk_keeps_nothing_from_ending(here: Here, small_disk: Path) -> None:
    (first,) = await here.inject("sleep", "n1", duration_s=4)
    (second,) = await here.inject("mark", "n2", duration_s=600)
    with (small_disk / "filling").open("wb") as filling:
        filling.write(bytes(512 * 1024))
        filling.flush()
        with suppress(OSError):
            while os.write(filling.fileno(), bytes(512)):
                pass
    (cleared,) = await here.injector.clear([second.id])
    assert cleared.state is InjectionState.CLEARED
    await until(lambda: not (small_disk / first.id).exists(), "the lease to end")
    assert _marks(here) == []
    assert here.processes(first.id) == set()


@pytest.mark.usefixtures("shell")
async def test_a_record_that_was_taken_away_is_undone_from_its_copy(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1", duration_s=4)
    (other,) = await here.inject("mark", "n2", duration_s=600)
    for lease in (injection, other):
        shutil.rmtree(here.leases / lease.id)
    assert [each.id for each in await here.injector.active()] == sorted([injection.id, other.id])
    (cleared,) = await here.injector.clear([other.id])
    assert cleared.state is InjectionState.CLEARED
    await until(lambda: not _marks(here), "it to be undone")
    await until(lambda: not here.processes(injection.id), "its processes to be gone")


async def test_nothing_is_left_of_the_copies(here: Here) -> None:
    (injection,) = await here.inject("mark", "n1")
    assert any(path.name == injection.id for path in _copies(here))
    await here.injector.clear_all()
    assert not any(path.name == injection.id for path in _copies(here))


async def test_an_undo_that_fails_on_a_read_only_record_says_so(here: Here) -> None:
    (injection,) = await here.inject("sticky", "n1", duration_s=600)
    with read_only(here.leases):
        (left,) = await here.injector.clear([injection.id])
        assert left.state is InjectionState.ORPHANED
        assert left.detail == "it was undone but is still there: stuck fast"
