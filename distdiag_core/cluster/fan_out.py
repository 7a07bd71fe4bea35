"""Fan-out of an operation to many nodes at once, each to its end, and the errors of all of them as one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

T = TypeVar("T")


async def on_each(nodes: Iterable[str], act: Callable[[str], Awaitable[T]]) -> dict[str, T]:
    """What `act` returns for each node; it runs on all of them to the end, also where one fails.

    Raises:
        DistdiagError: one for all nodes that failed, of the type that their errors have in common.
    """
    done: dict[str, T] = {}
    failures: list[DistdiagError] = []
    for node, outcome in (await outcomes(nodes, act)).items():
        if isinstance(outcome, DistdiagError):
            failures.append(outcome)
        else:
            done[node] = outcome
    if failures:
        raise _as_one(failures)
    return done


async def outcomes(nodes: Iterable[str], act: Callable[[str], Awaitable[T]]) -> dict[str, T | DistdiagError]:
    """What `act` returns or raises for each node; the error of one node does not affect the others."""

    async def outcome(node: str) -> T | DistdiagError:
        try:
            return await act(node)
        except DistdiagError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = {node: group.create_task(outcome(node)) for node in nodes}
    return {node: task.result() for node, task in tasks.items()}


def _as_one(failures: Sequence[DistdiagError]) -> DistdiagError:
    """One error for all failures, in which equal ones are merged and name their nodes."""
    if len(failures) == 1:
        return failures[0]
    kind = _common_type(failures)
    alike: dict[tuple[str, str], list[str]] = {}
    for each in failures:
        alike.setdefault((each.what, each.hint), []).append(each.where)
    merged = [
        kind(what, where=", ".join(filter(None, dict.fromkeys(where))), hint=hint)
        for (what, hint), where in alike.items()
    ]
    return merged[0] if len(merged) == 1 else kind("; ".join(map(str, merged)))


def _common_type(failures: Sequence[DistdiagError]) -> type[DistdiagError]:
    """The narrowest of the general types of errors that all failures have; special ones want more than words."""
    return next(
        kind
        for kind in type(failures[0]).mro()
        if issubclass(kind, DistdiagError)
        and kind.__module__ == DistdiagError.__module__
        and all(isinstance(each, kind) for each in failures)
    )
