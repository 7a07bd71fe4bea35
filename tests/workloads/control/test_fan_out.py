"""Fan-out to nodes, and the merging of their errors."""

from __future__ import annotations

import pytest

from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.workloads.control.fan_out import on_each

_NODES = ("n1", "n2", "n3")


async def failing(alike: frozenset[str]) -> str:
    """What is said when `alike` fail in one way and all others in another."""

    async def act(node: str) -> None:
        raise DataError("no table" if node in alike else "no room", where=node, hint="prepare")

    with pytest.raises(DistdiagError) as caught:
        await on_each(_NODES, act)
    return str(caught.value)


async def test_an_error_of_all_nodes_is_given_once() -> None:
    assert await failing(frozenset(_NODES)) == "n1, n2, n3: no table; prepare"


async def test_different_errors_are_given_in_the_order_of_the_nodes() -> None:
    assert await failing(frozenset({"n1", "n3"})) == "n1, n3: no table; prepare; n2: no room; prepare"


async def test_one_failure_keeps_its_own_type_and_the_others_are_done() -> None:
    done: list[str] = []

    async def act(node: str) -> None:
        if node == "n2":
            raise DataError("no table", where=node)
        done.append(node)

    with pytest.raises(DataError, match="n2: no table"):
        await on_each(_NODES, act)
    assert done == ["n1", "n3"]
