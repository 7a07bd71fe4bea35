"""A verb that is ended from outside cleans up, whichever signal it is."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

WITHIN_S = 30

_VERB = """
import asyncio, sys
from distdiag_core.cli.run import exit_code_of, run

async def verb():
    print("begun", flush=True)
    try:
        await asyncio.sleep(20)
    finally:
        print("cleaned up", flush=True)

sys.exit(exit_code_of(lambda: run(verb())))
"""


def _begun(*before: str) -> subprocess.Popen[str]:
    program = subprocess.Popen((*before, sys.executable, "-c", _VERB), stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    assert program.stdout.readline() == "begun\n"
    return program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_cleans_up_and_says_that_it_was_interrupted(number: signal.Signals) -> None:
    program = _begun()
    program.send_signal(number)
    said, _ = program.communicate(timeout=WITHIN_S)
    assert (said, program.returncode) == ("cleaned up\n", 130)


def test_nohup_keeps_its_promise() -> None:
    program = _begun("nohup")
    program.send_signal(signal.SIGHUP)
    program.send_signal(signal.SIGTERM)
    said, _ = program.communicate(timeout=WITHIN_S)
    assert (said, program.returncode) == ("cleaned up\n", 130)
