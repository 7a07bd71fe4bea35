"""Runs a verb to its end: asyncio, Ctrl-C and SIGTERM, and exit codes."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, TypeVar

import click

from distdiag_core.cli.output import say
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

INTERRUPTED = 130


def run(verb: Coroutine[None, None, T]) -> T:
    """Run `verb` on a loop of its own; SIGTERM ends it like Ctrl-C, so that it can clean up."""

    async def main() -> T:
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await verb

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def exit_code_of(command: Callable[[], None]) -> int:
    """Run a whole command line; errors become one line on stderr and an exit code."""
    try:
        command()
    except BaseExceptionGroup as group:
        return _told(_first(group))
    except BaseException as error:  # noqa: BLE001 - the last stop before the operator's shell
        return _told(error)
    return 0


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _told(error: BaseException) -> int:
    match error:
        case DistdiagError():
            say(f"distdiag: {error}")
            return error.exit_code
        case click.ClickException():
            error.show()
            return error.exit_code
        case click.exceptions.Exit():
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            say("distdiag: interrupted")
            return INTERRUPTED
        case BrokenPipeError():
            return 0
        case OSError():
            say(f"distdiag: {error}")
            return 1
        case _:
            raise error
