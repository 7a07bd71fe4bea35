"""Figures as an operator reads them: short, with their unit, seldom more than six cells wide."""

from __future__ import annotations

import math

from distdiag_core.metrics import connection

WIDTH = 6
_PREFIXES = ("", "k", "M", "G", "T", "P")
_BYTE_STEP = 1024.0
_COUNT_STEP = 1000.0
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


def figure(value: float, unit: str, *, unknown: str = "-") -> str:
    """`value` with its unit, for instance `31%`, `2.1M/s`, `12 ms`, `412/s`, `refused`; `unknown` for NaN."""
    if not math.isfinite(value):
        return unknown
    match unit:
        case "%":
            return f"{_significant_digits(value)}%"
        case "us" | "ms" | "s":
            return _duration(value * _SECONDS[unit])
        case connection.UNIT:
            return connection.word(value)
        case "bytes":
            return _scaled(value, _BYTE_STEP)
        case "bytes/s":
            return f"{_scaled(value, _BYTE_STEP)}/s"
        case "ms/s":
            return (
                f"{_significant_digits(value)}ms/s" if abs(value) < 999.5 else f"{_significant_digits(value / 1000)}s/s"
            )
        case _ if unit.endswith("/s"):
            return f"{_scaled(value, _COUNT_STEP)}/s"
        case _:
            return _scaled(value, _COUNT_STEP)


def _significant_digits(value: float) -> str:
    """Two significant digits or all before the point, whichever is more."""
    if value == round(value) or abs(value) >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 0.095 else f"{value:.2f}"


def _scaled(value: float, step: float) -> str:
    size = abs(value)
    for prefix in _PREFIXES:
        if size < 999.5 or prefix == _PREFIXES[-1]:
            return f"{_significant_digits(math.copysign(size, value))}{prefix}"
        size /= step
    raise AssertionError


def _duration(seconds: float) -> str:
    if abs(seconds) < 0.000_000_5:
        return "0 s"
    if abs(seconds) < 0.000_999_5:
        return f"{_significant_digits(seconds * 1_000_000)} us"
    if abs(seconds) < 0.999_5:
        return f"{_significant_digits(seconds * 1000)} ms"
    return f"{_significant_digits(seconds)} s" if abs(seconds) < 5_999 else f"{_scaled(seconds / 3600, _COUNT_STEP)} h"


def change(before: float | None, now: float | None, unit: str, *, to: str = "->", unknown: str = "-") -> str:
    """A change of a metric, for instance `31% -> 99%`; what it is now, where nothing is known of before."""
    newest = unknown if now is None else figure(now, unit, unknown=unknown)
    return newest if before is None else f"{figure(before, unit, unknown=unknown)} {to} {newest}"
