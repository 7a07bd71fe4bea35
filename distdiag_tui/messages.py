"""Messages from the core to the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.core import Core


@dataclass
class SnapshotArrived(Message):
    """A core has finished a tick; a newer one of the same core makes an unread one pointless."""

    snapshot: Snapshot
    core: Core

    def can_replace(self, message: Message) -> bool:
        """Only the newest of a core counts."""
        return isinstance(message, SnapshotArrived) and message.core is self.core


@dataclass
class CoreEnded(Message):
    """A core has stopped; `error` is why, None where it was asked to stop."""

    error: BaseException | None
    core: Core
