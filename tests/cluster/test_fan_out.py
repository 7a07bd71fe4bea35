"""Fan-out to nodes, and the merging of their errors."""

from __future__ import annotations

import asyncio

import pytest

from distdiag_core.anomalies.planner import NoMethodError
from distdiag_core.cluster.fan_out import on_each, outcomes
from distdiag_core.errors import DataError, DistdiagError, TimedOutError, UnreachableError, UnsupportedError

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


async def test_errors_become_one_of_the_type_that_they_share() -> None:
    async def act(node: str) -> None:
        raise UnreachableError("refused", where=node) if node == "n1" else TimedOutError("late", where=node)

    with pytest.raises(UnreachableError, match="n1: refused; n2, n3: late"):
        await on_each(_NODES, act)


async def test_errors_with_more_than_words_are_merged_by_these() -> None:
    async def act(node: str) -> None:
        raise NoMethodError("cpu_stress", (("stress", "not installed"),), where=node)

    with pytest.raises(UnsupportedError, match="n1, n2, n3: no method to make cpu_stress"):
        await on_each(_NODES, act)


async def test_results_are_in_the_order_of_the_nodes_whichever_comes_first() -> None:
    first = asyncio.Event()

    async def act(node: str) -> str:
        if node == "n3":
            first.set()
        await first.wait()
        return node.upper()

    assert list((await on_each(_NODES, act)).items()) == [("n1", "N1"), ("n2", "N2"), ("n3", "N3")]


async def test_an_outcome_is_a_result_or_the_error_of_its_node() -> None:
    async def act(node: str) -> str:
        if node == "n2":
            raise DataError("no table", where=node)
        return node

    found = await outcomes(_NODES, act)
    assert (found["n1"], str(found["n2"]), found["n3"]) == ("n1", "n2: no table", "n3")


async def test_one_failure_keeps_its_own_type_and_the_others_are_done() -> None:
    done: list[str] = []

    async def act(node: str) -> None:
        if node == "n2":
            raise DataError("no table", where=node)
        done.append(node)

    with pytest.raises(DataError, match="n2: no table"):
        await on_each(_NODES, act)
    assert done == ["n1", "n3"]
