"""The ranked root causes as a list with a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.views import root_causes
from distdiag_tui.widgets.list_view import Picker

if TYPE_CHECKING:
    from textual import events

    from distdiag_core.diagnosis.detection.ranking import RootCause
    from distdiag_tui.views.view_state import Scene


class RootCauses(Picker):
    """One line per root cause, the likeliest first."""

    def __init__(self) -> None:
        super().__init__(classes="panel")
        self.entitle("ROOT CAUSES")
        self._scene: Scene | None = None

    def show(self, scene: Scene) -> None:
        """Paint the newest tick."""
        self._scene = scene
        if self.line_width:
            self.show_lines(root_causes.rows(scene, self.line_width), header=root_causes.header(scene, self.line_width))
            verdict = root_causes.verdict(scene)
            self.entitle(f"ROOT CAUSES {scene.glyphs.dot} {verdict}" if verdict else "ROOT CAUSES")

    def at(self, index: int) -> RootCause | None:
        """The root cause on a line; None where the line only explains why there is none."""
        diagnosis = self._scene.snapshot.diagnosis if self._scene else None
        if diagnosis is None or index >= len(diagnosis.root_causes):
            return None
        return diagnosis.root_causes[index]

    def on_resize(self, event: events.Resize) -> None:
        """The same scene in another width."""
        if self._scene is not None:
            self.show(self._scene)
