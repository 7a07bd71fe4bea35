"""The models: which one diagnoses, how good each is, and what can be done with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on

from distdiag_core import models as core_models
from distdiag_core.models import ModelFacts
from distdiag_tui import models
from distdiag_tui.keymap import bindings
from distdiag_tui.messages import VerbFailed, VerbSucceeded
from distdiag_tui.screens.entry import Entry
from distdiag_tui.screens.listing import Listing
from distdiag_tui.screens.model_comparison import ModelComparisonScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from textual.binding import BindingType

    from distdiag_core.snapshot import ModelStatus
    from distdiag_tui.core import Verbs
    from distdiag_tui.lines import Line
    from distdiag_tui.scene import Scene


class ModelsScreen(Listing[ModelFacts]):
    """By name; two marked ones are compared."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("models")
    """The acts of scope `models`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("MODELS", "models")
        self._models: tuple[ModelFacts, ...] = ()
        self._marked: list[str] = []
        self._active: ModelStatus | None = None
        self._nothing = "reading the models ..."

    def on_mount(self) -> None:
        """What is on file now."""
        if self.console.scene is not None:
            self._active = self.console.scene.snapshot.model
        self._read_again()

    def show(self, scene: Scene) -> None:
        """Paint the newest tick; the files are read again when another model diagnoses."""
        if scene.snapshot.model != self._active:
            self._active = scene.snapshot.model
            self._read_again()
        super().show(scene)

    def _read_again(self) -> None:
        self._in_thread("models", "reading the models", core_models.listed)

    @on(VerbSucceeded)
    def _done(self, message: VerbSucceeded) -> None:
        message.stop()
        if message.verb == "models":
            self._models, self._nothing = message.result, "there is no model yet: train one"
            self.repaint()
        else:
            self._read_again()

    @on(VerbFailed)
    def _failed(self, message: VerbFailed) -> None:
        message.stop()
        self.console.tell(f"{message.doing}: {message.error}", "error")
        self._nothing = str(message.error)
        self.repaint()

    def items(self, scene: Scene) -> tuple[ModelFacts, ...]:
        """The user's own and those that ship."""
        return self._models

    def key(self, item: ModelFacts) -> Hashable:
        """No two have one name."""
        return item.name

    def header(self, width: int) -> Line:
        """The columns."""
        return models.HEADER

    def nothing(self) -> str:
        """Why nothing is seen."""
        return self._nothing

    def row(self, scene: Scene, item: ModelFacts, width: int) -> Line:
        """One model, and whether it is marked."""
        return models.row(scene, item, width, marked=item.name in self._marked)

    def whole(self, scene: Scene, item: ModelFacts, width: int) -> list[Line]:
        """What it was made of and what it is worth."""
        return models.whole(scene, item, width)

    def action_mark(self) -> None:
        """Mark the model under the cursor or not; of three, the one that was marked first is let go."""
        if (facts := self.item) is not None:
            if facts.name in self._marked:
                self._marked.remove(facts.name)
            else:
                self._marked = [*self._marked[-1:], facts.name]
            self.repaint()

    def action_compare(self) -> None:
        """Ask which cases the two marked ones are to be judged on."""
        chosen = [facts.name for facts in self._models if facts.name in self._marked]
        if len(chosen) != 2:
            self.console.tell("mark two models first", "warning")
            return
        one, other = chosen

        def compare(typed: dict[str, str] | None) -> None:
            if typed is not None:
                directory = Path(typed["cases"]).expanduser() if typed["cases"] else None
                self.app.push_screen(ModelComparisonScreen((one, other), directory))

        lines = (f"{one} and {other} are judged on the cases in this directory; on the dataset where none is named.",)
        self.app.push_screen(Entry("COMPARE TWO MODELS", lines, {"cases": ("Cases in", "")}, "Compare"), compare)

    def action_use(self) -> None:
        """Diagnose with the model under the cursor."""
        if (facts := self.item) is not None:
            name = facts.name
            self.console.perform("use_model", f"using {name}", lambda verbs: verbs.use_model(name))

    def _in_thread(self, verb: str, doing: str, work: Callable[[], Any]) -> None:
        async def call(_: Verbs) -> Any:  # noqa: ANN401 - whatever the work returns
            return await asyncio.to_thread(work)

        self.console.perform(verb, doing, call, reply_to=self)
