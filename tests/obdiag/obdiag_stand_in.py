"""A STAND-IN for obdiag 5.0.0, for tests: `obdiag_stand_in.py DIRECTORY ARGUMENTS...`.

It prints, logs and exits as obdiag does, in formats seen on the real one, and asks no node. What it is asked for stands
in `calls.jsonl` of the directory, and what goes wrong is said by `scenario.json` there (see `Scenario`).
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TRACE = "d3adbeef-0000-4000-8000-000000000001"


@dataclass
class Scenario:
    """What this obdiag does.

    Attributes:
        data: of its answer.
        error: of a failed one.
        logged: messages in its log, before it answers.
        noise: printed before the answer, as libraries do.
        text: printed instead of an answer, as by a version that knows no silent one.
        status: how it ends where it prints `text`.
        archives: of `gather sysstat`, by address the texts of the files; the directory in /tmp stays, as it does.
        hangs: it never answers, and ignores SIGTERM.
    """

    code: int = 200
    data: dict[str, Any] | None = field(default_factory=dict)
    error: str | None = None
    logged: list[str] = field(default_factory=list)
    noise: str = ""
    text: str | None = None
    status: int = 0
    archives: dict[str, dict[str, str]] = field(default_factory=dict)
    hangs: bool = False


def main(directory: Path, arguments: list[str]) -> int:
    file = directory / "scenario.json"
    scenario = Scenario(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else Scenario()
    home = Path(os.environ["HOME"])
    config = Path(arguments[arguments.index("-c") + 1])
    facts = {
        "arguments": arguments,
        "home": str(home),
        "cwd": os.getcwd(),  # noqa: PTH109 - as a program sees it
        "mode": oct(config.stat().st_mode & 0o777),
        "config": config.read_text(encoding="utf-8"),
        "plugins": sorted(each.name for each in (home / ".obdiag").iterdir() if each.is_symlink()),
        "pid": os.getpid(),
    }
    with (directory / "calls.jsonl").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(facts) + "\n")
    log = home / ".obdiag" / "log" / "obdiag.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    log.write_text("".join(f"[{stamp}.123] [{TRACE}] [ERROR] {each}\n" for each in scenario.logged), encoding="utf-8")
    if scenario.hangs:
        import signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            signal.pause()
    for address, texts in scenario.archives.items():
        _gather(address, texts, Path(next(each for each in arguments if "--store_dir=" in each).partition("=")[2]))
    if scenario.noise:
        print(scenario.noise)  # noqa: T201
    if scenario.text is not None:
        print(scenario.text)  # noqa: T201
        return scenario.status
    answer = {
        "code": scenario.code,
        "data": scenario.data,
        "error_data": scenario.error,
        "trace_id": TRACE,
        "command": " ".join(arguments),
    }
    print(json.dumps(answer, ensure_ascii=False))  # noqa: T201
    return 0 if scenario.code == 200 else 1


def _remote_directory(address: str) -> Path:
    """A new directory with the second in its name, as obdiag makes one; tests that run at once take later seconds."""
    for ahead_s in range(60):
        stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(time.time() + ahead_s))
        directory = Path("/tmp") / f"sysstat_{address.replace(':', '_')}_{stamp}"  # noqa: S108 - as obdiag does
        with suppress(FileExistsError):
            directory.mkdir()
            return directory
    raise FileExistsError(f"there is a directory of {address} for each second of this minute")


def _gather(address: str, texts: dict[str, str], store: Path) -> None:
    remote = _remote_directory(address)
    name = remote.name
    for file, text in texts.items():
        (remote / file).write_text(text, encoding="utf-8")
    pack = store / "obdiag_gather_pack_20261130090500"
    pack.mkdir(parents=True)
    with tarfile.open(pack / f"{name}.tar.gz", "w:gz") as archive:
        archive.add(remote, arcname=name)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
