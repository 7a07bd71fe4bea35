"""What a screen needs of the app around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.message_pump import MessagePump

    from distdiag_core.models.training_job import TrainRequest
    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.actions.registry import Action
    from distdiag_tui.views.view_state import ViewState

T = TypeVar("T")


class Console(Protocol):
    """The app, as its screens see it."""

    @property
    def view(self) -> ViewState | None:
        """The newest tick; None before the first."""

    @property
    def verbs(self) -> Operations:
        """The core's settings and catalogues; its verbs are only called through `perform`."""

    @property
    def keys(self) -> Mapping[str, str]:
        """The operator's own keys, by action."""

    def refused(self, action: Action) -> str:
        """Why an action is not allowed on this cluster; empty where it is."""

    def perform(
        self, verb: str, doing: str, call: Callable[[Operations], Any], *, reply_to: MessagePump | None = None
    ) -> None:
        """Let the core do something.

        Args:
            verb: its name; no two of one name run at a time, except that a new plan replaces the last.
            doing: what is being done, as it stands before an error.
            reply_to: who is told how it ended; without it the app says it to the operator.
        """

    def cancel(self, verb: str) -> None:
        """Cancel what the core is doing by that name, if anything; whoever asked for it hears `VerbCancelled`."""

    def train(self, request: TrainRequest) -> None:
        """Train a model; how far it is, and what came of it, is in the view state."""

    def cancel_training(self) -> None:
        """End the training that goes on; the view state shows when it has come to its end."""

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line to the operator."""
