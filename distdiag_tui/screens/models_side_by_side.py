"""The diagnosis of the same ticks by two models, side by side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from distdiag_core.models import model_registry
from distdiag_core.runtime.shadow_diagnosis import ShadowDiagnosis
from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.page import Page
from distdiag_tui.views import models_side_by_side
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.models.model_registry import ModelFacts
    from distdiag_core.runtime.shadow_diagnosis import ShadowComparison
    from distdiag_tui.views.view_state import ViewState


class ModelsSideBySideScreen(Page):
    """The second model diagnoses for as long as this screen is open, in a thread that nothing waits for."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("side-by-side")
    """The actions of scope `side-by-side`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("models side by side", "side-by-side")
        self._names: tuple[str, ...] = ()
        self._name = ""
        self._said = "reading the models ..."
        self._shadow: ShadowDiagnosis | None = None
        self._compared: ShadowComparison | None = None

    def body(self) -> ComposeResult:
        """One text that scrolls."""
        yield TextPane()

    def on_mount(self) -> None:
        """Read which models there are."""
        operation = Operation["tuple[ModelFacts, ...]"](
            "models", "reading the models", self._read, lambda error: self._say(str(error)), owner=self
        )
        metrics = view.snapshot.catalogue.names if (view := self.console.view) is not None else None
        self.console.run_in_background(operation, lambda: asyncio.to_thread(model_registry.listed, metrics))

    def on_unmount(self) -> None:
        """Diagnose no more."""
        self._end()

    def show(self, view: ViewState) -> None:
        """Paint the newest comparison, and have the newest tick diagnosed."""
        super().show(view)
        if self._names and (self._shadow is None or self._name == _in_use(view)):
            self._choose(view)
        if self._shadow is not None and view.snapshot.diagnosis is not None:
            self._shadow.offer(view.snapshot)
        self._paint(view)

    def action_turn(self, by: int) -> None:
        """Compare with the next model, and round at the end."""
        view = self.console.view
        others = self._others(view) if view is not None else ()
        if view is None or len(others) < 2:
            self.console.report("there is no other model to compare with", "warning")
            return
        self._compare_with(others[(others.index(self._name) + by) % len(others)])
        self.repaint()

    def _read(self, models: tuple[ModelFacts, ...]) -> None:
        self._names = tuple(facts.name for facts in models if not facts.damage)
        self.repaint()

    def _choose(self, view: ViewState) -> None:
        """Take the first model that is not in use; several ship."""
        self._end()
        if others := self._others(view):
            self._compare_with(others[0])

    def _compare_with(self, name: str) -> None:
        self._end()
        self._name, self._said = name, f"{name} diagnoses what was seen before ..."

        def tell(compared: ShadowComparison) -> None:
            self.console.call_later(self._take, name, compared)

        self._shadow = ShadowDiagnosis(name, self.console.runtime.anomalies, tell)

    def _take(self, name: str, compared: ShadowComparison) -> None:
        if self._shadow is not None and self._name == name and self.is_attached:
            self._compared = compared
            if (view := self.console.view) is not None:
                self._paint(view)

    def _end(self) -> None:
        if self._shadow is not None:
            self._shadow.close()
        self._shadow, self._compared = None, None

    def _others(self, view: ViewState) -> tuple[str, ...]:
        return tuple(name for name in self._names if name != _in_use(view))

    def _say(self, text: str) -> None:
        self._said = text
        self.repaint()

    def _paint(self, view: ViewState) -> None:
        pane = self.query_one(TextPane)
        if pane.line_width:
            pane.show_lines(models_side_by_side.page(view, self._compared, self._said, pane.line_width))


def _in_use(view: ViewState) -> str:
    return view.snapshot.model.name if view.snapshot.model is not None else ""
