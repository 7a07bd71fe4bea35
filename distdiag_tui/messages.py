"""Facts that more than one part of the console hears of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.errors import DistdiagError
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
    """The core has stopped; `error` is why, None where it was told to."""

    error: BaseException | None


@dataclass
class VerbSucceeded(Message):
    """The core has done what was asked; `verb` is its name in the app, `result` what it returned after `lasted_s`."""

    verb: str
    result: Any
    lasted_s: float


@dataclass
class VerbCancelled(Message):
    """What the core was doing was called off by the operator; `doing` says what that was."""

    verb: str
    doing: str


@dataclass
class ClearingWaits(Message):
    """Clearing everything goes on, because of nodes that do not answer; `why` says which."""

    why: str


@dataclass
class TrainingProgressed(Message):
    """A training has come to its next step."""

    progress: TrainProgress


@dataclass
class VerbFailed(Message):
    """The core could not or would not do what was asked; `doing` says what that was."""

    verb: str
    doing: str
    error: DistdiagError
