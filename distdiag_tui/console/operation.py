"""An operation: a task that takes a while, with what becomes of its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump

    from distdiag_core.errors import DistdiagError

T = TypeVar("T")


# No slots: `Operation[T](...)` fails on a frozen generic class with slots.
@dataclass(frozen=True)
class Operation(Generic[T]):
    """A task that takes a while, and what becomes of its result.

    Attributes:
        name: tasks of one name are cancelled together, and `while_running` is about them.
        doing: the task in words, as it stands before an error.
        done: called with the result.
        failed: called with the error; None reports it to the operator, as does an owner that has closed.
        cancelled: called when the operator has cancelled it, which is reported in any case.
        while_running: what becomes of a second task of this name: it is refused, replaces the first, or runs beside it.
        owner: the screen that takes the result; once it has closed, results are dropped. None for the app.
    """

    name: str
    doing: str
    done: Callable[[T], None]
    failed: Callable[[DistdiagError], None] | None = None
    cancelled: Callable[[], None] | None = None
    while_running: Literal["refuse", "replace", "beside"] = "refuse"
    owner: MessagePump | None = None
