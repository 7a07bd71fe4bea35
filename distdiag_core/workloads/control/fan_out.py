"""Fan-out of an operation to many nodes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


async def on_each(nodes: Sequence[str], act: Callable[[str], Awaitable[None]]) -> None:
    """Run `act` on all nodes concurrently and to the end; the errors are raised together afterwards."""
    failures: dict[str, DistdiagError] = {}

    async def attempt(node: str) -> None:
        try:
            await act(node)
        except DistdiagError as error:
            failures[node] = error

    async with asyncio.TaskGroup() as group:
        for node in nodes:
            group.create_task(attempt(node))
    if failures:
        raise _as_one([failures[node] for node in nodes if node in failures])


def _as_one(failures: Sequence[DistdiagError]) -> DistdiagError:
    """One error for all failures, in which equal ones are merged and name their nodes."""
    if len(failures) == 1:
        return failures[0]
    alike: dict[tuple[str, str], list[str]] = {}
    for each in failures:
        alike.setdefault((each.what, each.hint), []).append(each.where)
    merged = [
        DistdiagError(what, where=", ".join(filter(None, dict.fromkeys(where))), hint=hint)
        for (what, hint), where in alike.items()
    ]
    return merged[0] if len(merged) == 1 else DistdiagError("; ".join(map(str, merged)))
