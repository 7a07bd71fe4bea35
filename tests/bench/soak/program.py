"""Verbs of distdiag, run to their end as an operator runs them."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any

_PROGRAM = "import sys; from distdiag_tui.main import main; sys.argv[0] = 'distdiag'; main()"
REFUSED = 3


@dataclass(frozen=True, slots=True)
class Ended:
    """How a verb ended; the status is None where it was killed because it took too long."""

    status: int | None
    stdout: str
    stderr: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - what JSON holds
        """What a verb with --json printed; an empty section where that is nothing."""
        return json.loads(self.stdout) if self.stdout.strip() else {}

    @property
    def said(self) -> str:
        """The last line of its messages."""
        lines = self.stderr.strip().split("\n")
        return "it took too long and was killed" if self.status is None else lines[-1]


async def distdiag(*arguments: str, within_s: float = 120.0) -> Ended:
    """Run a verb; it is killed where it takes longer than `within_s`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # A Ctrl-C of the operator is for the soak, which ends what it began in its own order.
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(within_s):
            stdout, stderr = await process.communicate()
    except TimeoutError:
        return Ended(None, "", "")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace"))
