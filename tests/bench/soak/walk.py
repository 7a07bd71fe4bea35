"""The keys that are pressed on a console: screens are visited, and left again. Nothing is begun or changed by them."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from tests.bench.soak.ledger import Ledger
    from tests.bench.soak.parts import TmuxConsole

# Keys of the main screen, by tmux's names.
SCREENS = ("a", "R", "X", "d", "M", "m", "e", "u", "I", "C", "H", "N", "T", "L", "S", "t", "?", "b")
IN_PLACE = ("z", "+", "-", "1", "2", "3", "4", "Right", "Left")
_WITHIN = ("Down", "Down", "Up", "PageDown", "PageUp", "Home", "End")
# There the line under the cursor has a page of its own, and nothing else comes of it.
_DETAILS = ("e", "u", "I", "N", "L")
# The same key is the way back.
_TWICE = ("b", "z", "1", "2", "3", "4")
_PAUSE_S = 0.4
_CHANGES_WITHIN_S = 20.0


async def walk(console: TmuxConsole, chance: random.Random, ledger: Ledger) -> None:
    """Visit one screen after the other for ever; a console that is dead is waited for."""
    while True:
        await asyncio.sleep(chance.uniform(1.0, 6.0))
        life = console.life
        # A console that is killed meanwhile takes its terminal along.
        with suppress(subprocess.SubprocessError, AssertionError):
            if await asyncio.to_thread(lambda: console.alive):
                await _visit(console, chance)
                ledger.visits += 1
                await _check_that_it_goes_on(console, ledger)
        if life is not console.life:
            await asyncio.sleep(10 * _PAUSE_S)


async def _visit(console: TmuxConsole, chance: random.Random) -> None:
    key = chance.choice(SCREENS + IN_PLACE)
    await _press(console, key)
    await asyncio.sleep(chance.uniform(0.5, 6.0))
    if key in SCREENS:
        for _ in range(chance.randrange(5)):
            await _press(console, chance.choice(_WITHIN))
    if key in _DETAILS and chance.random() < 0.5:
        await _press(console, "Enter")
        await asyncio.sleep(chance.uniform(0.5, 3.0))
    if key in _TWICE:
        await _press(console, key)
    for _ in range(3):
        await _press(console, "Escape")


async def _press(console: TmuxConsole, key: str) -> None:
    await asyncio.to_thread(console.terminal.keys, key)
    # An escape and the key after it would be another key.
    await asyncio.sleep(_PAUSE_S)


async def _check_that_it_goes_on(console: TmuxConsole, ledger: Ledger) -> None:
    """The main screen changes with each tick."""
    before = await asyncio.to_thread(console.terminal.screen)
    deadline_s = asyncio.get_running_loop().time() + _CHANGES_WITHIN_S
    while await asyncio.to_thread(console.terminal.screen) == before:
        if asyncio.get_running_loop().time() > deadline_s:
            if console.alive:
                ledger.unexpected[f"{console.name}: the screen stood still for {_CHANGES_WITHIN_S:.0f} s"] += 1
            return
        await asyncio.sleep(_PAUSE_S)
