"""How one way to a node is kept: whatever goes wrong is said, and tried again at a fitting time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from distdiag_core.cluster.connection_gate import ConnectionGate
from distdiag_core.cluster.link import AccountRefusedError, delay_s, keep
from distdiag_core.cluster.status import Link, LinkState
from distdiag_core.errors import UnreachableError
from tests.metrics.virtual_time import run

_LIMIT_S = 60.0


class Failing:
    """A way that fails like this, one error an attempt, and then holds."""

    notes: tuple[str, ...] = ()

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.tried_s: list[float] = []
        self.closed = False

    async def open(self) -> None:
        self.tried_s.append(asyncio.get_running_loop().time())
        if self._errors:
            raise self._errors.pop(0)

    async def lost(self) -> str:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody ends this wait")

    async def close(self) -> None:
        self.closed = True


class Deaf(Failing):
    """A link that loses its cancellation while it is made, or fails: so does asyncssh on Python 3.11."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__(*errors)
        self.opening = asyncio.Event()

    async def open(self) -> None:
        self.opening.set()
        with suppress(asyncio.CancelledError):
            await asyncio.get_running_loop().create_future()
        await super().open()


def _told_until_up(way: Failing) -> list[Link]:
    async def scenario() -> list[Link]:
        told: asyncio.Queue[Link] = asyncio.Queue()
        heard: list[Link] = []
        async with asyncio.TaskGroup() as tasks:
            keeper = tasks.create_task(keep(way, told.put_nowait, ConnectionGate()))
            while Link(LinkState.UP) not in heard:
                heard.append(await told.get())
            keeper.cancel()
        return heard

    heard = run(scenario())
    assert way.closed
    return heard


def test_an_unexpected_error_is_logged_and_the_link_is_kept_on(caplog: pytest.LogCaptureFixture) -> None:
    heard = _told_until_up(Failing(UnreachableError("no route"), KeyError("a mistake")))
    assert [link.reason for link in heard] == [
        "no route",
        "a mistake of distdiag itself: KeyError: 'a mistake'; its log says more",
        "",
    ]
    (record,) = caplog.records
    assert record.exc_info is not None


def test_a_refused_account_is_tried_again_after_a_minute() -> None:
    way = Failing(*[AccountRefusedError("permission denied")] * 3)
    _told_until_up(way)
    assert all(later - earlier >= 60.0 for earlier, later in zip(way.tried_s, way.tried_s[1:], strict=False))


@pytest.mark.parametrize("failures", [1, 3, 10, 1000])
def test_a_node_that_came_back_is_reached_soon(failures: int) -> None:
    assert 0 < delay_s(failures) <= 5.0


@pytest.mark.parametrize("errors", [(), (UnreachableError("connection refused"),)], ids=["made", "failed"])
def test_a_link_ends_even_where_connecting_loses_the_cancellation(errors: tuple[Exception, ...]) -> None:
    async def scenario() -> Deaf:
        way = Deaf(*errors)
        async with asyncio.timeout(_LIMIT_S), asyncio.TaskGroup() as tasks:
            keeper = tasks.create_task(keep(way, lambda _: None, ConnectionGate()))
            await way.opening.wait()
            keeper.cancel()
        return way

    assert run(scenario()).closed
