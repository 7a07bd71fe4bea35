"""One act on many nodes at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


async def on_each(nodes: Sequence[str], act: Callable[[str], Awaitable[None]]) -> None:
    """Do it on all nodes at once; what fails on one does not keep the others from getting done."""
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
    """What failed in the same way on several nodes is said once."""
    if len(failures) == 1:
        return failures[0]
    alike: dict[tuple[str, str], list[str]] = {}
    for each in failures:
        alike.setdefault((each.what, each.hint), []).append(each.where)
    said = [
        DistdiagError(what, where=", ".join(filter(None, dict.fromkeys(where))), hint=hint)
        for (what, hint), where in alike.items()
    ]
    return said[0] if len(said) == 1 else DistdiagError("; ".join(map(str, said)))
