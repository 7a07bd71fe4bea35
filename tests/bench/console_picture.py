"""The picture of the README: the console on the recording that ships, while CPU stress runs on n2.

`make picture` draws it anew.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from distdiag_core.models import model_registry
from distdiag_core.recording import recordings
from distdiag_core.replay.replay import Replay
from distdiag_core.runtime.thread import CoreThread
from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from tests.tui.walking import only

_PICTURE = Path(__file__).parents[2] / "docs" / "console.svg"
_SIZE = (120, 36)
# From the begin to the injection, to its root cause, and on until the charts show what it does.
_KEYS = (*["greater_than_sign"] * 2, *["full_stop"] * 12)
_WITHIN_S = 120.0


async def draw(out: Path) -> None:
    """Replay the example by keys, and save the screen as SVG.

    Raises:
        TimeoutError: the replay does not arrive.
    """
    model, _ = model_registry.load_if_usable(())
    with recordings.opened(recordings.find("example")) as path:
        app = DistdiagApp(only(CoreThread(lambda: Replay(path, model=model, paused=True))), SETS["braille"])
        async with app.run_test(size=_SIZE) as pilot, asyncio.timeout(_WITHIN_S):
            before = 0
            for key in ("", *_KEYS):
                if key:
                    await pilot.press(key)
                while app.snapshot is None or app.snapshot.replay is None or app.snapshot.replay.tick <= before:
                    await pilot.pause()
                before = app.snapshot.replay.tick
            app.clear_notifications()
            await pilot.pause()
            app.save_screenshot(out.name, path=str(out.parent))


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    asyncio.run(draw(_PICTURE))
