"""A run of a task that goes on behind the screens, as these show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRun:
    """A run from its start to its end.

    Attributes:
        ended_s: None while it goes on.
        called_off: the operator has cancelled it: it ends soon, and no other can begin before that.
        failure: why it has no result, or not all of it; empty where it has.
    """

    ended_s: float | None = None
    called_off: bool = False
    failure: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether it has not ended yet."""
        return self.ended_s is None

    def ended(self, now_s: float, failure: str = "") -> Self:
        """The same at its end."""
        return replace(self, ended_s=now_s, failure=failure)
