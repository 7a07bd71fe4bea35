"""The life of a verb: its event loop, the signals that end it, and its exit code."""

from __future__ import annotations

import io
import signal
from typing import TYPE_CHECKING, TypeVar

import click

from distdiag_core.cli.output import ReaderGoneError, finish, say
from distdiag_core.errors import DistdiagError
from distdiag_core.logs import report_unwritten

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

INTERRUPTED = 130


def run(verb: Coroutine[None, None, T]) -> T:
    """Run `verb` on a loop of its own; SIGTERM and SIGHUP end it like Ctrl-C, so that it can clean up."""
    # Not at the start of the program: a third of it would be this import, and the help needs none.
    import asyncio

    def warn(text: str) -> None:
        say(f"warning: {text}")

    async def main() -> T:
        task = asyncio.current_task()
        if task is not None:
            on_ending_signals(task.cancel)
        return await verb

    try:
        with report_unwritten(warn):
            return asyncio.run(main())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def on_ending_signals(end: Callable[[], object]) -> None:
    """Call `end` on the running loop when somebody wants this process to end, or its terminal has gone.

    A signal that is ignored stays so: that is what `nohup` is for.
    """
    import asyncio

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, end)


def exit_code_of(command: Callable[[], None]) -> int:
    """Run a whole command line; errors become one line on stderr and an exit code."""
    try:
        command()
        finish()
    except BaseExceptionGroup as group:
        return _report(_first(group))
    except BaseException as error:  # noqa: BLE001 - the last stop before the operator's shell
        return _report(error)
    return 0


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _report(error: BaseException) -> int:
    match error:
        case ReaderGoneError():
            return error.exit_code
        case DistdiagError():
            say(f"distdiag: {error}")
            return error.exit_code
        case click.ClickException():
            # Not on a stream of click's own: what was typed or pasted may hold control characters.
            shown = io.StringIO()
            error.show(file=shown)
            # click sets choices on lines of their own behind tabs.
            say(shown.getvalue().removesuffix("\n").expandtabs(4))
            return error.exit_code
        case click.exceptions.Exit():
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            say("distdiag: interrupted")
            return INTERRUPTED
        case BrokenPipeError():
            return 0
        case SystemExit() if isinstance(error.__context__, BrokenPipeError):
            # click ends so where the reader of its own help has gone.
            return 0
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            say(f"distdiag: {place}{error.strerror or error}")
            return 1
        case _:
            raise error
