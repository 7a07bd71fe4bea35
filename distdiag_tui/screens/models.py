"""The models: which one diagnoses, how good each is, and what can be done with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from distdiag_core.errors import DistdiagError
from distdiag_core.models import model_editing, model_fit
from distdiag_core.models import model_registry as core_models
from distdiag_core.models.model_registry import ModelFacts
from distdiag_core.runtime import allocator
from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.operations.use_model import use_model
from distdiag_tui.screens.entry_dialog import EntryDialog
from distdiag_tui.screens.listing import Listing
from distdiag_tui.screens.model_comparison import ModelComparisonScreen
from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.views import models
from distdiag_tui.views.list_fields import model_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from textual.binding import BindingType

    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState

T = TypeVar("T")


class ModelsScreen(Listing[ModelFacts]):
    """The models on this machine, sorted by name; two marked ones can be compared."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("models")
    """The actions of scope `models`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("MODELS", "models", reading="reading the models ...")
        self._models: tuple[ModelFacts, ...] = ()
        self._marked: list[str] = []
        self._warnings: dict[str, tuple[str, ...]] = {}
        self._active: ModelStatus | None = None

    def on_mount(self) -> None:
        """Read the models from the disk."""
        if self.console.view is not None:
            self._active = self.console.view.snapshot.model
        self._read_again()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; the files are read again when another model diagnoses."""
        if view.snapshot.model != self._active:
            self._active = view.snapshot.model
            self._read_again()
        super().show(view)

    def _read_again(self) -> None:
        view = self.console.view
        metrics = view.snapshot.catalogue.names if view is not None else None
        self._in_thread("models", "reading the models", lambda: core_models.listed(metrics), self._read, replace=True)

    def _read(self, models: tuple[ModelFacts, ...]) -> None:
        self._models = models
        self.has_read("there is no model yet: train one")
        self._see_how_they_fit()

    def _see_how_they_fit(self) -> None:
        """What each lacks here; that takes its classifiers, and so comes after the list."""
        names = tuple(facts.name for facts in self._models if not facts.damage)
        view = self.console.view
        if view is not None:
            snapshot = view.snapshot
            self._in_thread("model fits", "looking at the models", lambda: fit_warnings(names, snapshot), self._fitted)

    def _fitted(self, warnings: dict[str, tuple[str, ...]]) -> None:
        self._warnings = warnings
        self.repaint()

    def items(self, view: ViewState) -> tuple[ModelFacts, ...]:
        """The models of the user and those that ship."""
        return self._models

    def fields(self, view: ViewState) -> tuple[Field[ModelFacts], ...]:
        """By name, evaluation, size or age."""
        return model_fields(view)

    def key(self, item: ModelFacts) -> Hashable:
        """The name of the model, which is unique."""
        return item.name

    def header(self, width: int) -> Line:
        """The column headings of the list of models."""
        return models.header(width)

    def row(self, view: ViewState, item: ModelFacts, width: int) -> Line:
        """One model with its evaluation, and whether it is marked for a comparison."""
        return models.row(
            view, item, width, marked=item.name in self._marked, warning=next(iter(self._warnings_of(item)), "")
        )

    def detail(self, view: ViewState, item: ModelFacts, width: int) -> list[Line]:
        """The cases, training options and evaluation of the model."""
        return models.detail(view, item, width, warnings=tuple(filter(None, self._warnings_of(item))))

    def action_mark(self) -> None:
        """Mark the model under the cursor or not; of three, the one that was marked first is let go."""
        if (facts := self.chosen_item()) is not None:
            if facts.name in self._marked:
                self._marked.remove(facts.name)
            else:
                self._marked = [*self._marked[-1:], facts.name]
            self.repaint()

    def action_compare(self) -> None:
        """Ask which cases the two marked ones are to be judged on."""
        chosen = [facts.name for facts in self._models if facts.name in self._marked]
        if len(chosen) != 2:
            self.console.report("mark two models first", "warning")
            return
        one, other = chosen

        def compare(typed: dict[str, str] | None) -> None:
            if typed is not None:
                directory = Path(typed["cases"]).expanduser() if typed["cases"] else None
                self.console.push_screen(ModelComparisonScreen((one, other), directory))

        lines = (f"{one} and {other} are judged on the cases in this directory; on the dataset where none is named.",)
        self.console.push_screen(
            EntryDialog("COMPARE TWO MODELS", lines, {"cases": ("Cases in", "")}, "Compare"), compare
        )

    def action_use(self) -> None:
        """Diagnose with the model under the cursor."""
        if (facts := self.chosen_item()) is not None:
            use_model(self.console, facts.name)

    def action_rename(self) -> None:
        """Ask for a new name of the model under the cursor."""
        facts = self._own("renamed")
        if facts is None:
            return
        old = facts.name

        def rename(typed: dict[str, str] | None) -> None:
            if typed is not None and (new := typed["name"]) != old:
                self._in_thread("rename_model", f"renaming {old}", lambda: model_editing.rename(old, new))

        self.console.push_screen(EntryDialog("RENAME A MODEL", (), {"name": ("New name", old)}, "Rename"), rename)

    def action_export(self) -> None:
        """Ask for the directory that the model is copied to."""
        facts = self.chosen_item()
        if facts is None:
            return
        name = facts.name

        def export(typed: dict[str, str] | None) -> None:
            if typed is not None and typed["directory"]:
                directory = Path(typed["directory"]).expanduser()
                self._in_thread("export_model", f"exporting {name}", lambda: model_editing.export(name, directory))

        lines = (f"{name} is copied into this directory.",)
        self.console.push_screen(
            EntryDialog("EXPORT A MODEL", lines, {"directory": ("Directory", "")}, "Export"), export
        )

    def action_delete(self) -> None:
        """Ask whether the model under the cursor is to be deleted."""
        facts = self._own("deleted")
        if facts is None:
            return
        name = facts.name

        def delete(answer: str | None) -> None:
            if answer == "delete":
                self._in_thread("delete_model", f"deleting {name}", lambda: model_editing.delete(name, force=True))

        lines = [f"{name} is deleted for good, with all of its classifiers."]
        if facts.in_use:
            lines.append("It is in use: it diagnoses until the console ends, and one that ships from then on.")
        answers = (Answer("keep", "Keep it"), Answer("delete", "Delete it", "warning"))
        self.console.push_screen(Question("DELETE A MODEL", lines, answers), delete)

    def _own(self, done: str) -> ModelFacts | None:
        """The model under the cursor, unless it came with distdiag."""
        facts = self.chosen_item()
        if facts is not None and facts.ships:
            self.console.report(f"{facts.name} came with distdiag and cannot be {done}", "warning")
            return None
        return facts

    def _warnings_of(self, facts: ModelFacts) -> tuple[str, ...]:
        return self._warnings.get(facts.name, ())

    def _in_thread(
        self,
        name: str,
        doing: str,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        *,
        replace: bool = False,
    ) -> None:
        """Do what needs no core; without `done` the models are read again."""

        def failed(error: DistdiagError) -> None:
            self.console.report(f"{doing}: {error}", "error")
            self.has_read(str(error))

        operation = Operation[T](
            name,
            doing,
            done or (lambda _: self._read_again()),
            failed,
            while_running="replace" if replace else "refuse",
            owner=self,
        )
        self.console.run_in_background(operation, lambda: asyncio.to_thread(work))


def fit_warnings(names: tuple[str, ...], snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Warnings about models that are damaged, or lack metrics on this cluster: in short, then by anomaly."""
    found: dict[str, tuple[str, ...]] = {}
    seen = model_fit.seen_metrics(snapshot.window)
    for name in names:
        try:
            found[name] = model_fit.stored_model_warnings(
                name, snapshot.catalogue.names, snapshot.cluster.sources, seen
            )
        except DistdiagError as error:
            found[name] = (str(error),)
        # Before the next one is read: all of them together are not in use later.
        allocator.give_back()
    return found
