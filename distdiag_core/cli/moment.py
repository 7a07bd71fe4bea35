"""A moment of a recording as an operator writes it: a time of day, a date and time, or a time before its end."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.errors import quoted
from distdiag_core.settings.duration import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
_HOW = "write 10m for ten minutes before the end, a time of day such as 09:31:12, or a date as in 2026-11-30T09:31:12Z"


class Moment(click.ParamType["Callable[[float], float]"]):
    """A moment that is known once the end of the recording is; times without a zone are of this machine's."""

    name = "time"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - as click has it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Callable[[float], float]:
        """Seconds since the epoch, of the end in seconds since the epoch."""
        if callable(value):
            return value  # type: ignore[no-any-return]  # it is converted already
        text = str(value).strip()
        if (before_s := parse_duration(text)) is not None:
            return lambda end_s: end_s - before_s
        try:
            if _TIME_OF_DAY.fullmatch(text):
                return _at_time_of_day(text)
            found_s = datetime.fromisoformat(text).astimezone().timestamp()
        except (ValueError, OverflowError):
            self.fail(f"{quoted(value)} is no time; {_HOW}", param, ctx)
        return lambda _: found_s


def _at_time_of_day(text: str) -> Callable[[float], float]:
    """The last such time of day that is not after the end."""
    hour, minute, *rest = text.split(":")
    second = float(rest[0]) if rest else 0.0
    # Raises where there is no such time.
    clock = timedelta(hours=int(hour), minutes=int(minute), seconds=second)
    datetime(2000, 1, 1, int(hour), int(minute), int(second))  # noqa: DTZ001 - checked, and not used

    def at(end_s: float) -> float:
        day = datetime.fromtimestamp(end_s).replace(hour=0, minute=0, second=0, microsecond=0)  # noqa: DTZ006 - local
        found_s = (day + clock).timestamp()
        return found_s if found_s <= end_s else (day - timedelta(days=1) + clock).timestamp()

    return at


MOMENT = Moment()
