"""One link to a node: connected again whenever it breaks, with growing delays."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from distdiag_core.cluster.status import Link, LinkState
from distdiag_core.errors import DistdiagError, NotListeningError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cluster.connection_gate import ConnectionGate

T = TypeVar("T")

log = logging.getLogger(__name__)

_FIRST_DELAY_S = 0.25
# Short, because the operator waits for a node that came back, and one attempt in so many seconds is no load.
_LONGEST_DELAY_S = 5.0
# A connection that did not last even so long is no reason to begin again at full speed.
_LASTING_S = 5.0
# Accounts are locked, and addresses banned, after a few refusals within some minutes.
REFUSED_DELAY_S = 60.0


class AccountRefusedError(UnreachableError):
    """The node does not accept the account; trying again soon does not help, and may get it locked."""


class Connector(Protocol):
    """The interface of what makes the connection of a link."""

    async def open(self) -> None:
        """Make it.

        Raises:
            AccountRefusedError: nor will it soon.
            UnreachableError: it cannot be made.
        """

    @property
    def notes(self) -> tuple[str, ...]:
        """What was passed over in order to make the connection that there is."""

    async def lost(self) -> str:
        """Wait until it breaks; why, in plain words."""

    async def close(self) -> None:
        """Let go of it; harmless when there is none."""


class Held(Generic[T]):
    """The current connection of a link, for those that send requests over it.

    The first attempt is waited for, later ones are not: who asks a node that is down learns at once why.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._connection: T | None = None
        self._reason = "not connected"
        self._kind: type[UnreachableError] = UnreachableError
        self._tried = asyncio.Event()

    def take(self, connection: T) -> None:
        """Give out `connection` from now on."""
        self._connection = connection
        self._tried.set()

    def drop(self, reason: str | Exception) -> None:
        """Refuse requests from now on, for `reason`; whoever asks learns of what kind it is."""
        self._connection = None
        self._reason = reason if isinstance(reason, str) else reason_of(reason)
        kinds = (NotListeningError, AccountRefusedError)
        self._kind = next((kind for kind in kinds if isinstance(reason, kind)), UnreachableError)
        self._tried.set()

    async def get(self) -> T:
        """The connection.

        Raises:
            NotListeningError: there is none, because nothing listens there.
            AccountRefusedError: there is none, because the node does not accept the account.
            UnreachableError: there is none for another reason.
        """
        await self._tried.wait()
        if self._connection is None:
            raise self._kind(self._reason, where=self.where)
        return self._connection


async def keep(connector: Connector, changed: Callable[[Link], None], gate: ConnectionGate) -> None:
    """Keep a link up until cancelled, and report every change; `gate` is that of all links of the cluster."""
    failures = 0
    try:
        while True:
            refused = False
            try:
                lasted_s = await _stay_connected(connector, changed, gate)
                failures = 0 if lasted_s >= _LASTING_S else failures + 1
            except Exception as error:
                if not isinstance(error, UnreachableError):
                    # Whatever one node makes us stumble over, the others are watched on.
                    log.exception("a link failed unexpectedly")
                changed(Link(LinkState.DOWN, reason_of(error)))
                refused = isinstance(error, AccountRefusedError)
                failures += 1
            _heed_cancellation()
            with gate.broken.waiting() as spread_s:
                await asyncio.sleep(delay_s(failures, refused=refused) + spread_s)
    finally:
        await connector.close()


async def _stay_connected(connector: Connector, changed: Callable[[Link], None], gate: ConnectionGate) -> float:
    """Connect, and wait until the connection breaks; returns how long it lasted."""
    with await gate.enter():
        await connector.open()
    _heed_cancellation()
    changed(Link(LinkState.UP, notes=connector.notes))
    clock = asyncio.get_running_loop()
    since_s = clock.time()
    changed(Link(LinkState.DOWN, await connector.lost()))
    return clock.time() - since_s


def _heed_cancellation() -> None:
    # Up to Python 3.11 `asyncio.wait_for`, with which asyncssh connects, loses a cancellation that comes when it is
    # just done or has just failed; the link would then be kept for ever by a process that wants to end.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def reason_of(error: Exception) -> str:
    """The reason and the hint of an error, without its place, which a display of it has already."""
    if not isinstance(error, DistdiagError):
        return f"a mistake of distdiag itself: {type(error).__name__}: {error}; its log says more"
    return f"{error.what}; {error.hint}" if error.hint else error.what


def delay_s(failures: int, *, refused: bool = False) -> float:
    """The delay before the next attempt: exponential, with jitter so that many nodes do not come in step."""
    spread = random.uniform(0.5, 1.0)  # noqa: S311 - no secret depends on it
    if refused:
        return REFUSED_DELAY_S * 2 * spread
    return min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2.0 ** min(failures, 16)) * spread
