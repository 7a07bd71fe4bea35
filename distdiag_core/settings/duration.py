"""Durations as people write them."""

from __future__ import annotations

import math
import re

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h)?", re.ASCII | re.IGNORECASE)


def parse_duration(text: str) -> float | None:
    """The seconds of `90`, `90s`, `2m` or `1.5h`; None where the text is no duration, or an empty one."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    seconds = float(match[1]) * _UNITS_S[(match[2] or "s").lower()]
    return seconds if math.isfinite(seconds) and seconds > 0 else None
