"""Moving through the recording of a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.runtime.operations import PlaybackOperations
    from distdiag_tui.console.console import Console


def toggle_pause(console: Console) -> None:
    """Stand still, or go on."""
    _move(console, lambda playback: playback.toggle_pause(), _nothing)


def step(console: Console, ticks: int) -> None:
    """Stand still at a tick so many after this one, or before it."""
    _move(console, lambda playback: playback.step(ticks), _nothing)


def change_speed(console: Console, by: int) -> None:
    """The next higher or lower speed."""
    _move(console, lambda playback: playback.change_speed(by), _nothing)


def jump(console: Console, by: int) -> None:
    """To the next event or incident, or to the one before."""

    def done(text: str) -> None:
        where = "after this" if by > 0 else "before this"
        console.report(text or f"no event or incident {where}")

    _move(console, lambda playback: playback.jump(by), done)


def go_to_end(console: Console, *, last: bool) -> None:
    """To the last tick, or to the first."""
    _move(console, lambda playback: playback.go_to_end(last=last), _nothing)


def _move(console: Console, call: Callable[[PlaybackOperations], Any], done: Callable[[Any], None]) -> None:
    operation = Operation[Any]("replay", "moving through the recording", done, while_running="beside")
    # Elsewhere the gate of the app has refused the action.
    console.perform(operation, lambda runtime: None if runtime.playback is None else call(runtime.playback))


def _nothing(_result: object) -> None:
    """Nothing to say: the next tick shows it."""
