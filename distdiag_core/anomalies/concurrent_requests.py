"""Requests to many nodes at once, and work that has to finish although it is cancelled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping

T = TypeVar("T")


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`; a cancellation is raised only after it has finished."""
    task = asyncio.create_task(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
    return task.result()


async def ask_all(ask: Callable[[str], Awaitable[T]], nodes: Iterable[str]) -> dict[str, T | DistdiagError]:
    """The answers of all nodes, asked at once; the error of one node does not affect the others."""

    async def answer(node: str) -> T | DistdiagError:
        try:
            return await ask(node)
        except DistdiagError as error:
            return error

    async with asyncio.TaskGroup() as tasks:
        asked = {node: tasks.create_task(answer(node)) for node in nodes}
    return {node: task.result() for node, task in asked.items()}


def results_of(answers: Mapping[str, T | DistdiagError]) -> dict[str, T]:
    """The answers, none of which is an error.

    Raises:
        DistdiagError: the first error among them.
    """
    good: dict[str, T] = {}
    for node, answer in answers.items():
        if isinstance(answer, DistdiagError):
            raise answer
        good[node] = answer
    return good
