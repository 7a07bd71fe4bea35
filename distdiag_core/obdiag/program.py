"""One call of obdiag at a time on this machine: its directory, its HOME, its progress and its time-out."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import shlex
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.cluster.lines import lines_of
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import DataError, RefusedError, TimedOutError, UnsupportedError
from distdiag_core.obdiag import sysstat_archive
from distdiag_core.obdiag.answer import answer_of, evidence_of
from distdiag_core.obdiag.configuration import address_of, configuration
from distdiag_core.obdiag.obdiag_settings import ObdiagSettings
from distdiag_core.obdiag.sysstat_archive import SysstatHistory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.obdiag.answer import Answer
    from distdiag_core.obdiag.call import Call
    from distdiag_core.obdiag.evidence import ObdiagEvidence

    Tell = Callable[[str], None]

# What obdiag looks for below its HOME.
_PLUGINS = ("check", "rca", "gather", "display")
# Silent: one JSON object, and an exit status; otherwise it is coloured text, and 0 whatever happened.
_OPTIONS = ("--inner_config=obdiag.logger.silent=true", "--inner_config=obdiag.basic.telemetry=false")
_LOOK_EVERY_S, _TELL_EVERY_S = 0.5, 10.0
_TAIL_BYTES = 4096
_LOG_BYTES = 4 * 2**20
_SHOWN_CHARS = 100
# Time, trace id and level before each message; and the messages after which nothing comes, beside tables and JSON.
_HEAD = re.compile(r"(?:\[[^\]]*\] ?)+")
_TIPS = ("Trace ID", "If you want to view")


async def run(
    cluster: ClusterSettings, call: Call, *, nodes: Sequence[str], database: str, tell: Tell | None = None
) -> ObdiagEvidence:
    """Run a check or a scene to its end, and read what it found. Cancelled, it ends the program.

    Args:
        nodes: those that obdiag is told of.
        database: the one of them whose database is asked.
        tell: called with what obdiag does, when that changes.

    Raises:
        RefusedError: obdiag already runs for this cluster.
        UnsupportedError: it is not installed, or cannot reach a node.
        TimedOutError: it takes longer than it may; it has been ended.
        CommandFailedError, DataError: it failed, or its answer cannot be read.
        UnreachableError, ConfigError: its configuration cannot be made.
    """
    began_s, since_s = time.time(), time.monotonic()
    with _workspace(cluster.name) as workspace:
        _link_plugins(cluster.section(ObdiagSettings), workspace, call.verb)
        text = await configuration(cluster, nodes, database)
        answer = await _answer(cluster, workspace, text, (*call.arguments(), "--report_type=json"), tell)
        log = _log_of(workspace).read_bytes()[-_LOG_BYTES:] if _log_of(workspace).is_file() else b""
    return evidence_of(call, answer, log.decode(errors="replace"), began_s, round(time.monotonic() - since_s, 3))


async def gather_sysstat(
    cluster: ClusterSettings, *, utc_offsets_s: Mapping[str, float], database: str, tell: Tell | None = None
) -> tuple[SysstatHistory, ...]:
    """Let obdiag collect the history of tsar from nodes, one after the other, and read it.

    Args:
        utc_offsets_s: of the clock of each node that is asked.
        database, tell: as of `run`.

    Raises:
        DistdiagError: as of `run`; and an archive is damaged.
    """
    nodes = tuple(utc_offsets_s)
    with _workspace(cluster.name) as workspace:
        text = await configuration(cluster, nodes, database)
        await _answer(cluster, workspace, text, ("gather", "sysstat"), tell)
        archives = {
            sysstat_archive.address_of(path): path for path in sorted(workspace.glob("store/*/sysstat_*.tar.gz"))
        }
        found = []
        for node in nodes:
            address = await asyncio.to_thread(address_of, cluster.node(node))
            if (path := archives.get(address)) is None:
                found.append(SysstatHistory(node, notes=("obdiag has brought no archive of it",)))
            else:
                found.append(await asyncio.to_thread(sysstat_archive.read, path, node, utc_offsets_s[node]))
    return tuple(found)


async def _answer(
    cluster: ClusterSettings, workspace: Path, text: str, options: tuple[str, ...], tell: Tell | None
) -> Answer:
    settings = cluster.section(ObdiagSettings)
    program = settings.program()
    file = workspace / "config.yml"
    _write_secret(file, text)
    stored = ("-c", str(file), f"--store_dir={workspace / 'store'}")
    command = f"cd {shlex.quote(str(workspace))} && exec " + shlex.join(
        ["env", f"HOME={workspace / 'home'}", *program, *options, *stored, *_OPTIONS]
    )
    told = asyncio.create_task(_tell_progress(_log_of(workspace), tell)) if tell is not None else None
    try:
        result = await LocalShell("obdiag").run(command, timeout_s=settings.timeout_s)
    except TimedOutError as error:
        raise TimedOutError(
            f"no end within {settings.timeout_s:g} s, and was ended",
            where="obdiag",
            hint="obdiag.timeout_s is the longest that it may take",
        ) from error
    finally:
        if told is not None:
            told.cancel()
    return answer_of(result, program[0])


@contextmanager
def _workspace(cluster: str) -> Iterator[Path]:
    """A directory for one call, which is gone afterwards; a lock, since two calls ask every node at once.

    Raises:
        RefusedError: another call holds the lock.
        DataError: the directory cannot be made.
    """
    base = places.state_dir() / "obdiag"
    path = base / cluster
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(base / f"{cluster}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataError(f"cannot be made: {error.strerror or error}", where=str(base)) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusedError(
                "already runs for this cluster, from this machine",
                where="obdiag",
                hint="wait for its end, or cancel it",
            ) from None
        # What is left of one that was killed has a password in it.
        shutil.rmtree(path, ignore_errors=True)
        (path / "home" / ".obdiag").mkdir(mode=0o700, parents=True)
        path.chmod(0o700)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)


def _link_plugins(settings: ObdiagSettings, workspace: Path, needs: str) -> None:
    """Let its own HOME have the checks and scenes of the operator's."""
    found = settings.plugin_directory()
    for name in _PLUGINS:
        if (found / name).is_dir():
            (workspace / "home" / ".obdiag" / name).symlink_to(found / name)
        elif name == needs:
            raise UnsupportedError(
                f"is not installed for this account: there is no {found / name}",
                where="obdiag",
                hint="its installation makes that directory (init.sh, or make init in its source); "
                "another place of it is named by obdiag.plugins",
            )


def _write_secret(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)


def _log_of(workspace: Path) -> Path:
    return workspace / "home" / ".obdiag" / "log" / "obdiag.log"


async def _tell_progress(log: Path, tell: Tell) -> None:
    """Tell how long it has run and the newest line of its log, at each new line and now and then; until cancelled."""
    began_s = told_s = time.monotonic()
    before = ""
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        said, now_s = await asyncio.to_thread(_newest_line, log), time.monotonic()
        if said != before or now_s - told_s >= _TELL_EVERY_S:
            tell(f"{now_s - began_s:.0f} s{f': {said}' if said else ''}")
            before, told_s = said, now_s


def _newest_line(log: Path) -> str:
    """The message of the last whole line, without time, level and trace id; empty where there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    whole = lines_of(text[: text.rfind("\n") + 1])
    messages = (_HEAD.sub("", line).strip("- ") for line in reversed(whole) if _HEAD.match(line))
    line = next((each for each in messages if each[:1].isalnum() and not each.startswith(_TIPS)), "")
    shown = "".join(each if each.isprintable() else " " for each in line)
    return shown if len(shown) <= _SHOWN_CHARS else f"{shown[: _SHOWN_CHARS - 3]}..."
