"""Change of one figure against another value of it: an earlier run, or what was expected."""

from __future__ import annotations


def difference(before: float | None, after: float | None) -> float | None:
    """`after` minus `before`; None where one is missing."""
    return None if before is None or after is None else after - before


def percent(before: float | None, after: float | None) -> float | None:
    """The difference in percent of `before`; None where one is missing or `before` is 0."""
    change = difference(before, after)
    return None if change is None or not before else 100 * change / before
