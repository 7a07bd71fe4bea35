"""The dataset: how much there is of what, what is being collected, and its cases one by one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical

from distdiag_core import places
from distdiag_core.dataset.case import Case
from distdiag_core.dataset.case_files import case_editing
from distdiag_core.errors import ConfigError
from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.drawing.lines import BLANK
from distdiag_tui.screens import case_summaries
from distdiag_tui.screens.advice import AdviceScreen
from distdiag_tui.screens.entry_dialog import EntryDialog
from distdiag_tui.screens.listing import Listing
from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.views import balance, case_labels, cases, collecting
from distdiag_tui.views.list_fields import case_fields
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.errors import DistdiagError
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.screens.case_summaries import CaseSummaries
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class DatasetScreen(Listing[Case]):
    """The newest case first, under what all of them together come to."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dataset", "collect")
    """The actions of scopes `dataset` and `collect`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("DATASET", "dataset", "collect", reading="reading the cases ...")
        self._cases: tuple[Case, ...] = ()
        self._finished = 0

    def compose(self) -> ComposeResult:
        """Totals over the list over the whole of one case."""
        with Vertical(classes="box large") as box:
            box.border_title = self._title
            with Horizontal(id="totals"):
                yield Panel(collecting.panel_lines, id="glance")
                yield Panel(_tables, id="tables")
            yield from self.table()
            yield TextPane(id="detail", classes="panel")
            yield self.key_bar(*self._scopes)

    def on_mount(self) -> None:
        """Read the cases of the dataset from the disk."""
        self.query_one(ListView).focus()
        if self.console.view is not None:
            self._finished = _finished(self.console.view)
        self._read_again()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; the files are read again when a case has come."""
        for panel in self.query(Panel):
            panel.show(view)
        if _finished(view) != self._finished:
            self._finished = _finished(view)
            self._read_again()
        super().show(view)

    def _read_again(self) -> None:
        doing = "reading the cases"
        operation = Operation["CaseSummaries"](
            "cases", doing, self._read, partial(self._failed, doing), while_running="replace", owner=self
        )
        self.console.run_in_background(operation, lambda: asyncio.to_thread(case_summaries.read))

    def _read(self, found: CaseSummaries) -> None:
        self._cases = found.cases
        self.has_read("no case yet: collect, or `distdiag cases import DIR`")
        if found.damaged:
            self.console.report(f"left out, since they cannot be read: {'; '.join(found.damaged)}", "error")

    def _failed(self, doing: str, error: DistdiagError) -> None:
        self.console.report(f"{doing}: {error}", "error")
        self.has_read(str(error))

    def items(self, view: ViewState) -> tuple[Case, ...]:
        """The cases of the dataset on this machine, sorted by name."""
        return self._cases

    def fields(self, view: ViewState) -> tuple[Field[Case], ...]:
        """By time, length, name or what it has."""
        return case_fields(view)

    def key(self, item: Case) -> Hashable:
        """The name of the case, which is unique in the dataset."""
        return item.name

    def header(self, width: int) -> Line:
        """The column headings of the list of cases."""
        return cases.header(width)

    def row(self, view: ViewState, item: Case, width: int) -> Line:
        """One case with its anomalies, length and tags."""
        return cases.row(view, item, width)

    def detail(self, view: ViewState, item: Case, width: int) -> list[Line]:
        """The labels of the case, its metadata and its files."""
        return cases.detail(view, item, width)

    def action_advice(self) -> None:
        """Open the advice on which cases to collect next."""
        self.console.push_screen(AdviceScreen())

    def action_relabel(self) -> None:
        """Ask which anomalies the case under the cursor really has."""
        case = self.chosen_item()
        if case is None:
            return

        def change(typed: dict[str, str]) -> None:
            labels = case_labels.parse(typed["labels"], case)
            self._edit("relabel", case, lambda path: case_editing.relabel(path, partial(replace, labels=labels)))

        lines = (
            "Which anomalies were on which nodes, from when to when in seconds of the case; nothing for a normal case.",
            "For instance: cpu_stress@n2 20-60, io_stress@n1 25-60",
        )
        self._ask("RELABEL A CASE", lines, {"labels": ("Anomalies", case_labels.as_typed(case))}, change)

    def action_cut(self) -> None:
        """Ask which stretch of the case under the cursor is kept."""
        case = self.chosen_item()
        if case is None:
            return
        first_s, last_s = float(case.window.times_s[0]), float(case.window.times_s[-1])

        def change(typed: dict[str, str]) -> None:
            start_s, end_s = (first_s + _seconds(typed[name], name) for name in ("from", "to"))
            self._edit("cut", case, lambda path: case_editing.cut(path, start_s, end_s))

        lines = (f"What to keep of {case.name}, in seconds of the case; the rest is lost for good.",)
        fields = {"from": ("From", "0"), "to": ("To", f"{ceil(last_s - first_s)}")}
        self._ask("CUT A CASE", lines, fields, change)

    def action_tag(self) -> None:
        """Ask for the tags of the case under the cursor."""
        case = self.chosen_item()
        if case is None:
            return

        def change(typed: dict[str, str]) -> None:
            tags = tuple(dict.fromkeys(tag for each in typed["tags"].split(",") if (tag := each.strip())))
            self._edit("tag", case, lambda path: case_editing.relabel(path, partial(replace, tags=tags)))

        lines = (f"Words to find {case.name} by, with commas between them.",)
        self._ask("TAG A CASE", lines, {"tags": ("Tags", ", ".join(case.tags))}, change)

    def action_drop(self) -> None:
        """Ask whether the case under the cursor is to be deleted."""
        case = self.chosen_item()
        if case is None:
            return

        def drop(answer: str | None) -> None:
            if answer == "drop":
                self._edit("drop", case, case_editing.drop)

        answers = (Answer("keep", "Keep it"), Answer("drop", "Drop it", "warning"))
        self.console.push_screen(Question("DROP A CASE", (f"{case.name} is deleted for good.",), answers), drop)

    def _ask(
        self,
        title: str,
        lines: Sequence[str],
        fields: Mapping[str, tuple[str, str]],
        change: Callable[[dict[str, str]], None],
    ) -> None:
        def answered(typed: dict[str, str] | None) -> None:
            try:
                if typed is not None:
                    change(typed)
            except ConfigError as error:
                self.console.report(str(error), "warning")

        self.console.push_screen(EntryDialog(title, lines, fields, "Do it"), answered)

    def _edit(self, edit: str, case: Case, change: Callable[[Path], object]) -> None:
        doing = f"{edit} {case.name}"
        operation = Operation[object](
            f"{edit} case", doing, lambda _: self._read_again(), partial(self._failed, doing), owner=self
        )
        self.console.run_in_background(operation, lambda: asyncio.to_thread(change, places.cases_dir() / case.name))


def _seconds(typed: str, name: str) -> float:
    try:
        return float(typed)
    except ValueError:
        raise ConfigError(f"{typed or 'nothing'} is no number of seconds", where=name) from None


def _finished(view: ViewState) -> int:
    """The number of cases that this console has written since it started."""
    return view.snapshot.collecting.finished_cases if view.snapshot.collecting is not None else 0


def _tables(view: ViewState, width: int) -> list[Line]:
    known = view.snapshot.collecting
    found = known.statistics if known is not None else None
    if found is None:
        return []
    labelled = {view.anomaly_label(name): samples for name, samples in found.by_anomaly.items()}
    by_anomaly = balance.table_lines(view, "anomalous samples by anomaly", labelled, width)
    return [*by_anomaly, BLANK, *balance.table_lines(view, "by node", found.by_node, width)]
