"""Consoles on a scripted core, under a clock that stands still and in UTC."""

from __future__ import annotations

import asyncio
import inspect
import shutil
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from tests.tui.scripted_core import ScriptedCore
from tests.tui.walking import only

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from textual.pilot import Pilot

    from distdiag_core.runtime.snapshot import Snapshot

    Console = Callable[..., DistdiagApp]
    Running = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


WITHIN_S = 60.0
_LAB_CASES = Path(__file__).parents[1] / "diagnosis" / "lab_cases"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The same time zone and empty directories, wherever the tests run."""
    monkeypatch.setenv("TZ", "UTC")
    for kind in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def dataset() -> Path:
    """The cases of the lab as the dataset of this machine."""
    return Path(shutil.copytree(_LAB_CASES, places.cases_dir()))


@pytest.fixture
def console() -> Console:
    """Makes a console that shows one snapshot; its core is `app.current.core`."""

    def make(snapshot: Snapshot, *, glyphs: str = "braille", rgb: bool = True) -> DistdiagApp:
        now_s = snapshot.frame.time_s
        return DistdiagApp(only(ScriptedCore(snapshot)), SETS[glyphs], rgb=rgb, clock=lambda: now_s)  # type: ignore[index]

    return make


async def until(pilot: Pilot[None], condition: Callable[[], object], *, within_s: float = WITHIN_S) -> None:
    """Let the app run until `condition` holds.

    Raises:
        AssertionError: it did not within `within_s` seconds.
    """
    try:
        async with asyncio.timeout(within_s):
            while not condition():
                await pilot.pause()
    except TimeoutError:
        raise AssertionError(f"not within {within_s:g} s: {inspect.getsource(condition).strip()}") from None


@pytest.fixture
def running(console: Console) -> Running:
    """Runs a console until the end of the context; its first tick is painted."""

    @asynccontextmanager
    async def run(snapshot: Snapshot, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Pilot[None]]:
        app = console(snapshot)
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: app.snapshot is not None)
            # The first tick is painted.
            await pilot.pause()
            yield pilot

    return run
