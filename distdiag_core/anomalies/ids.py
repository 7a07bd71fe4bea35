"""Ids of injections: short enough to type, and ordered by the time at which they were made."""

from __future__ import annotations

import secrets
import zlib

# Crockford's base 32: no letter that looks like a digit.
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH_S = 1_735_689_600  # 2025-01-01
_TIME_DIGITS = 6  # enough for 34 years
_RANDOM_DIGITS = 3


def new_id(now_s: float) -> str:
    """The id of an injection that is made at `now_s` (seconds since the epoch), such as `1t8y0zk4q`."""
    return _base32(int(now_s) - _EPOCH_S, _TIME_DIGITS) + "".join(
        secrets.choice(_DIGITS) for _ in range(_RANDOM_DIGITS)
    )


def number_of(name: str) -> int:
    """A number for the injection, where the kernel wants one; its four digits are also valid as hexadecimal."""
    return 1000 + zlib.crc32(name.encode()) % 9000


def _base32(number: int, width: int) -> str:
    digits = [_DIGITS[number >> (5 * place) & 31] for place in reversed(range(width))]
    return "".join(digits)
