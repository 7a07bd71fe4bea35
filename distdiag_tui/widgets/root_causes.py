"""The ranked root causes as a list with a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.views import root_causes
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from textual import events

    from distdiag_core.diagnosis.detection.ranking import RootCause
    from distdiag_tui.views.view_state import ViewState


class RootCauses(ListView):
    """One line per root cause, the likeliest first."""

    def __init__(self) -> None:
        super().__init__(classes="panel")
        self.entitle("ROOT CAUSES")
        self._scene: ViewState | None = None

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        self._scene = view
        if self.line_width:
            self.show_lines(root_causes.rows(view, self.line_width), header=root_causes.header(view, self.line_width))
            self.entitle(root_causes.title(view, self.outer_size.width - 4))

    def at(self, index: int) -> RootCause | None:
        """The root cause on a line; None where the line only explains why there is none."""
        shown = root_causes.shown(self._scene) if self._scene else ()
        return shown[index] if index < len(shown) else None

    def on_resize(self, event: events.Resize) -> None:
        """The same view state in another width."""
        if self._scene is not None:
            self.show(self._scene)
