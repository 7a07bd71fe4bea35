"""Parsing of the error messages of sysbench, and explanations that say what to do."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmark import ClientFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

_CODE = re.compile(r"error:? (\d{4})\b")
_PREPARE = "the tables of the benchmark are not there; prepare it first"
_LOST = "the connections to the database were lost"
_BY_CODE = {
    1040: ClientFailure("the database takes no more connections; use fewer threads"),
    1044: ClientFailure("the SQL user may not use the benchmark's database; grant it all rights on it", permanent=True),
    1045: ClientFailure("the database refuses the SQL user or its password", permanent=True),
    1049: ClientFailure(_PREPARE, permanent=True),
    1054: ClientFailure("the benchmark's tables have other columns; clean up and prepare again", permanent=True),
    1142: ClientFailure(
        "the SQL user may not read or change the benchmark's tables; grant it the rights", permanent=True
    ),
    1146: ClientFailure(_PREPARE, permanent=True),
    1461: ClientFailure("the database holds too many prepared statements; use fewer threads or tables"),
    2002: ClientFailure("the database refuses connections or does not answer"),
    2003: ClientFailure("the database refuses connections or does not answer"),
    2006: ClientFailure(_LOST),
    2013: ClientFailure(_LOST),
}
_CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})
_MOST_WORDS = 200
_NO_SCRIPT = ClientFailure("this sysbench does not have that script", permanent=True)
_BY_WORDS = {
    "Cannot find benchmark": _NO_SCRIPT,
    # The message where percentiles.lua loads the script.
    "module '": _NO_SCRIPT,
    "Invalid random numbers distribution": ClientFailure(
        "this sysbench does not have that distribution; zipfian wants sysbench 1.1", permanent=True
    ),
    "invalid option": ClientFailure(
        "this sysbench is too old or too new: it does not know one of its options", permanent=True
    ),
}


def explain(lines: Sequence[str], status: int) -> ClientFailure:
    """Explain the end of a sysbench that printed `lines`, with its exit status; a negative one is a signal."""
    for line in lines:
        for code in _CODE.findall(line):
            if int(code) in _BY_CODE:
                return _BY_CODE[int(code)]
        for words, failure in _BY_WORDS.items():
            if words in line:
                return failure
    for line in lines:
        if fatal := line.partition("FATAL:")[2].strip():
            return ClientFailure(fatal)
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ClientFailure(f"{_ended(status)}{f'; its last words: {last[:_MOST_WORDS]}' if last else ''}")


def _ended(status: int) -> str:
    if status >= 0:
        return f"sysbench ended with status {status}"
    if -status in _CRASHES:
        # sysbench 1.0.20 crashes when all errors are ignored and the connection is lost.
        return f"sysbench crashed (signal {-status}), as it does where {_LOST}"
    if -status == signal.SIGKILL:
        return f"sysbench was killed (signal {-status}): by the kernel where memory ran out, or by somebody"
    return f"sysbench was ended by signal {-status}"
