"""The recording that a verb reads: `--recording FILE|RUN|example`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from distdiag_core.cli import completed_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from distdiag_core.cli.options import Target
    from distdiag_core.recording.reader import Recording

C = TypeVar("C", bound="Callable[..., Any]")


def recording_option(command: C) -> C:
    """The option that says which recording is read, as `what`."""
    return click.option(
        "--recording",
        "what",
        metavar="FILE|RUN|example",
        shell_complete=completed_values.recordings,
        help="Without it: the newest recording of the cluster.",
    )(command)


@contextmanager
def reading(target: Target, what: str | None) -> Iterator[Recording]:
    """The recording that is meant, open for reading; unpacked so long where it is packed.

    Raises:
        ConfigError: there is none.
        DataError: it cannot be read.
    """
    from distdiag_core.recording import recordings
    from distdiag_core.recording.reader import Recording

    path = recordings.find(what) if what is not None else recordings.newest(target.settings().name)
    with recordings.opened(path) as unpacked, Recording(unpacked) as recording:
        yield recording
