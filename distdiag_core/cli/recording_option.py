"""The recording that a verb reads: `--recording FILE|RUN|example`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from distdiag_core.cli import completed_values
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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


def path_of(recording: Recording, what: str | None) -> Path:
    """The file that was asked for, which is not the one that it was unpacked to for reading."""
    from distdiag_core.recording import recordings

    return recordings.find(what) if what is not None else recording.path


def writable_path(recording: Recording, what: str | None) -> Path:
    """The file of a recording that is open, to write to.

    Raises:
        ConfigError: it was unpacked for reading alone.
    """
    if what is not None and path_of(recording, what) != recording.path:
        raise ConfigError("is packed, and takes nothing more", where=what, hint="unpack it with `xz -dk`")
    return recording.path
