"""Messages from the core to the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot


@dataclass
class SnapshotArrived(Message):
    """The core has finished a tick; a newer one makes an unread one pointless."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, SnapshotArrived)


@dataclass
class CoreEnded(Message):
    """The core has stopped; `error` is why, None where it was asked to stop."""

    error: BaseException | None
