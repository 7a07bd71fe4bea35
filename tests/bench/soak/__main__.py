"""The command line of the soak; see the page of the package."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from distdiag_core.anomalies import catalogue
from tests.bench.soak import findings, operations, report
from tests.bench.soak.plan import plan
from tests.bench.soak.program import distdiag
from tests.bench.soak.soak_run import SoakRun

_ROOT = Path(__file__).resolve().parents[3]
_KINDS = ("sysbench", "tpcc")
_COULD_NOT_BEGIN, _INTERRUPTED = 2, 130
_FINISH_S = 600.0


def main() -> None:
    """Soak, print the report, and exit with a status that tells what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description="A soak of distdiag on the lab.")
    parser.add_argument("--hours", type=float, default=2.0, help="how long, fractions allowed; 2 by default")
    parser.add_argument("--seed", type=int, default=1, help="of the plan; 1 by default")
    parser.add_argument("--directory", type=Path, help="for all that is kept; by default a new one below /tmp")
    wanted = parser.parse_args()
    if os.geteuid() != 0:
        say("the lab of a soak needs root")
        sys.exit(_COULD_NOT_BEGIN)
    directory = wanted.directory or Path(tempfile.mkdtemp(prefix="distdiag-soak-"))
    directory.mkdir(parents=True, exist_ok=True)
    _use(directory.resolve())
    sys.exit(asyncio.run(_soak(directory.resolve(), wanted.hours * 3600, wanted.seed)))


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _use(directory: Path) -> None:
    """Keep everything of distdiag in a directory, in this process and in those that it starts."""
    for kind in ("CONFIG", "DATA", "STATE"):
        os.environ[f"XDG_{kind}_HOME"] = str(directory / kind.lower())
    os.environ["PYTHONPATH"] = str(_ROOT)
    os.environ["LC_ALL"] = "C.UTF-8"
    os.chdir(_ROOT)


async def _soak(directory: Path, seconds: float, seed: int) -> int:
    task = asyncio.current_task()
    if task is None:
        raise AssertionError("a coroutine runs in no task")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    say(f"everything is kept in {directory}")
    try:
        if problem := await _begin():
            say(problem)
            return _COULD_NOT_BEGIN
        return await _run(directory, seconds, seed)
    except asyncio.CancelledError:
        say("interrupted before the run began")
        return _INTERRUPTED
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, lambda: say("the lab is being taken down; it takes some seconds"))
        say("taking the lab down")
        ended = await distdiag("lab", "down", within_s=120.0)
        if ended.status:
            say(f"the lab was not taken down: {ended.said}")


async def _begin() -> str:
    """The lab up and its tables filled; the problem, empty where there is none."""
    say("bringing the lab up")
    ended = await distdiag("lab", "up", within_s=400.0)
    if ended.status != 0:
        return f"the lab is not up: {ended.said}"
    return await operations.prepare(_KINDS)


async def _run(directory: Path, seconds: float, seed: int) -> int:
    nodes = ("n1", "n2", "n3")
    soak = SoakRun(directory, nodes, seed, say)
    steps = plan(seed, seconds, nodes, [each.name for each in catalogue.load().anomalies])
    say(f"{seconds / 3600:.2f} hours, seed {seed}, {len(steps)} steps")
    began_s, interrupted, failure = time.time(), False, ""
    try:
        await soak.run(steps, seconds)
    except asyncio.CancelledError:
        interrupted = True
        say("interrupted: clearing what was begun")
    except BaseExceptionGroup as group:
        # Of the soak itself; what was measured until then is still worth its table.
        failure = f"the soak failed: {group.exceptions[0]!r}"
        say(failure)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, lambda: say("the soak is ending; it takes a while"))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_FINISH_S):
                await soak.finish(interrupted=interrupted or bool(failure))
    finally:
        soak.kill_all()
    if failure:
        soak.ledger.unexpected[failure] += 1
    title = f"soak of {(time.time() - began_s) / 3600:.2f} hours, seed {seed}" + (
        ", interrupted" if interrupted else ""
    )
    wrong = _report(directory, soak, title)
    return _INTERRUPTED if interrupted else int(bool(wrong))


def _report(directory: Path, soak: SoakRun, title: str) -> list[str]:
    text, wrong, markdown = report.whole(soak.rows, soak.ledger, findings.find(soak.ledger, soak.parts.values()), title)
    say(text)
    (directory / "report.txt").write_text(text, encoding="utf-8")
    (directory / "report.md").write_text(markdown, encoding="utf-8")
    return wrong


if __name__ == "__main__":
    main()
