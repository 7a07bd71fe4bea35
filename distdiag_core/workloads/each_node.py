"""One act on many nodes at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


async def on_each(nodes: Sequence[str], act: Callable[[str], Awaitable[None]]) -> None:
    """Do it on all nodes at once; what fails on one does not keep the others from getting done."""
    failures: list[DistdiagError] = []

    async def attempt(node: str) -> None:
        try:
            await act(node)
        except DistdiagError as error:
            failures.append(error)

    async with asyncio.TaskGroup() as group:
        for node in nodes:
            group.create_task(attempt(node))
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise DistdiagError("; ".join(str(failure) for failure in failures))
