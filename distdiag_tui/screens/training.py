"""Train a model: what on, how, how far it is, and whether it is worth using."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from distdiag_core.diagnosis.training.training_options import TrainOptions
from distdiag_core.errors import ConfigError
from distdiag_core.models.training_job import TrainRequest
from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.lines import block, width_of
from distdiag_tui.operations.use_model import use_model
from distdiag_tui.screens.form import SelectField, TextField
from distdiag_tui.screens.form_dialog import FormDialog
from distdiag_tui.views import balance, training
from distdiag_tui.widgets.panel import Panel

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState

_YES, _NO = "yes", "no"


class ProgressPanel(Panel, can_focus=True):
    """A panel that is scrolled by keys."""

    DEFAULT_CSS = "ProgressPanel { height: 1fr; }"


class TrainingScreen(FormDialog[None]):
    """Closing it does not end the training; it is there again when the screen is opened."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("training")
    """The actions of scope `training`, beside those of every form."""

    def compose(self) -> ComposeResult:
        """What it is trained on and how on the left, how far it is on the right."""
        usual = TrainOptions()
        with Vertical(classes="box") as box:
            box.border_title = "TRAIN A MODEL"
            with Horizontal(classes="columns"):
                with Vertical(classes="fields"):
                    yield TextField("Name", "mine", "name")
                    yield TextField("Cases in", "", "cases", placeholder="the dataset")
                    yield TextField("Judge it on", "", "test", placeholder="a directory of cases")
                    yield TextField("Seed", str(usual.seed), "seed")
                    yield TextField("Rounds", "", "rounds", placeholder="as suit the data")
                    yield SelectField("Stop early", (_NO, _YES), "early", chosen=_YES if usual.early_stopping else _NO)
                    yield SelectField("Calibrate", (_YES, _NO), "calibrate", chosen=_YES if usual.calibrate else _NO)
                    yield TextField("False alarms/h", f"{usual.false_alarms_per_hour:g}", "alarms")
                    yield Panel(_dataset_lines, title="DATASET", id="of-dataset", classes="panel")
                yield ProgressPanel(training.run_lines, title="TRAINING", id="run", classes="panel")
            with Horizontal(classes="buttons"):
                yield Button("Train", id="train", variant="primary", compact=True)
                yield Button("Cancel the training", id="stop", compact=True, disabled=True)
                yield Button("Use it", id="use", compact=True, disabled=True)
                yield Button("Close", id="cancel", compact=True)
            yield self.key_bar("form", "training")

    def on_mount(self) -> None:
        """Show the last training of this console, if there was one."""
        self.query_one("#name Input").focus()
        self.call_after_refresh(self.repaint)

    def show(self, view: ViewState) -> None:
        """Progress; only what makes sense now can be pressed."""
        for panel in self.query(Panel):
            panel.show(view)
        run = view.training
        going = run is not None and run.goes_on
        self.query_one("#train", Button).disabled = going
        self.query_one("#stop", Button).disabled = run is None or not going or run.called_off
        self.query_one("#use", Button).disabled = run is None or run.facts is None
        if self.focused is None:
            # The button that was pressed was taken away meanwhile.
            usable = (self.query_one(name, Button) for name in ("#stop", "#train", "#cancel"))
            next(button for button in usable if not button.disabled).focus()

    @on(Button.Pressed, "#train")
    def action_submit(self) -> None:
        """Start a training with the options of the form."""
        try:
            request = self._request()
        except ConfigError as error:
            self.console.report(str(error), "warning")
        else:
            self.console.shell.training.start(request)

    @on(Button.Pressed, "#stop")
    def action_cancel_training(self) -> None:
        """Cancel the training; nothing of it is kept."""
        self.console.shell.training.cancel()

    @on(Button.Pressed, "#use")
    def action_use(self) -> None:
        """Diagnose with the model that was trained last."""
        view = self.console.view
        facts = view.training.facts if view is not None and view.training is not None else None
        if facts is None:
            self.console.report("nothing was trained yet that could be used", "warning")
        else:
            use_model(self.console, facts.name)

    @on(Button.Pressed, "#cancel")
    def _close(self) -> None:
        self.dismiss(None)

    def _request(self) -> TrainRequest:
        """The training request as the fields have it.

        Raises:
            ConfigError: a field does not make sense.
        """
        options = TrainOptions(
            seed=int(self._number("seed", whole=True)),
            rounds=int(self._number("rounds", whole=True)) if self._text("rounds") else None,
            early_stopping=self._is_on("early"),
            calibrate=self._is_on("calibrate"),
            false_alarms_per_hour=self._number("alarms", whole=False),
        )
        return TrainRequest(self._text("name"), self._directory("cases"), self._directory("test"), options=options)

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", TextField).value

    def _is_on(self, name: str) -> bool:
        return self.query_one(f"#{name}", SelectField).value == _YES

    def _directory(self, name: str) -> Path | None:
        typed = self._text(name)
        return Path(typed).expanduser() if typed else None

    def _number(self, name: str, *, whole: bool) -> float:
        field = self.query_one(f"#{name}", TextField)
        try:
            return int(field.value) if whole else float(field.value)
        except ValueError:
            kind = "whole number" if whole else "number"
            raise ConfigError(f"{field.value or 'nothing'} is no {kind}", where=field.heading) from None


def _dataset_lines(view: ViewState, width: int) -> list[Line]:
    known = view.snapshot.collecting
    if known is None or known.statistics is None:
        return block(" ", "the cases on this machine, which d shows", width, "muted")
    found = known.statistics
    kinds: Line = ((f" {found.cases} cases of {len(found.by_anomaly)} anomalies", "plain"),)
    excluded: Line = ((f" {found.excluded} excluded", "warn"),) if found.excluded else ()
    together: Line = (*kinds, (",", "plain"), *excluded) if excluded else kinds
    return [
        *([together] if width_of(together) <= width else [kinds, excluded]),
        balance.shares_line(view, found, width),
        balance.bar_line(view, found.balance, width),
        *balance.word_lines(view, found.balance, width),
    ]
