"""What to collect next, as a campaign that can be saved and run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from distdiag_core.campaign.advice import Advice, advise
from distdiag_core.errors import DataError
from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.drawing.lines import BLANK, Line, block
from distdiag_tui.screens import case_summaries
from distdiag_tui.screens.entry_dialog import EntryDialog
from distdiag_tui.screens.text_dialog import TextDialog

if TYPE_CHECKING:
    from textual.binding import BindingType


class AdviceScreen(TextDialog):
    """Of the anomalies that the dataset has; of all that can be injected where it has none."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("advice")
    """The actions of scope `advice`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("WHAT TO COLLECT NEXT", "advice")
        self._advice: Advice | None = None

    def on_mount(self) -> None:
        """Read the dataset, which may be long, where the screen does not wait for it."""
        runtime = self.console.runtime

        async def read() -> Advice:
            found = (await asyncio.to_thread(case_summaries.read)).cases
            known = sorted({label.anomaly for case in found for label in case.labels})
            allowed = (each.name for each in runtime.anomalies.anomalies if not each.off_by_default)
            nodes = tuple(node.name for node in runtime.cluster.nodes)
            return await asyncio.to_thread(advise, found, known or tuple(allowed), nodes)

        self.console.run_in_background(Operation["Advice"]("advice", "reading the cases", self._read, owner=self), read)

    def _read(self, advice: Advice) -> None:
        self._advice = advice
        self.paint()

    def lines(self, width: int) -> list[Line]:
        """What is thin and why, and the campaign that records all of it."""
        advice = self._advice
        if advice is None:
            return [((" reading the cases ...", "muted"),)]
        if not advice.reasons:
            return [((" nothing is thin: no anomaly, node, severity or load", "good"),)]
        reasons = [line for reason in advice.reasons for line in block(" ", reason, width)]
        campaign = str(advice).splitlines()[len(advice.reasons) :]
        return [
            *reasons,
            BLANK,
            ((" The campaign that records all of this:", "muted"),),
            BLANK,
            *(((f" {line}", "plain"),) for line in campaign),
        ]

    def action_save(self) -> None:
        """Ask for the name of the campaign file that the advice is written to."""
        advice = self._advice
        if advice is None or not advice.reasons:
            self.console.report("there is nothing to save", "warning")
            return

        def save(typed: dict[str, str] | None) -> None:
            if typed is not None and typed["path"]:
                self._save(advice, Path(typed["path"]).expanduser())

        lines = ("The campaign is written to this file; one that is there is replaced.",)
        self.console.push_screen(
            EntryDialog("SAVE THE CAMPAIGN", lines, {"path": ("File", "advised.yaml")}, "Save"), save
        )

    def _save(self, advice: Advice, path: Path) -> None:
        def saved(path: Path) -> None:
            self.console.report(f"saved; run it with distdiag campaign run {path} --out DIR")

        operation = Operation["Path"]("save advice", f"saving {path}", saved, owner=self)
        self.console.run_in_background(operation, lambda: asyncio.to_thread(_write, advice, path))


def _write(advice: Advice, path: Path) -> Path:
    try:
        path.write_text(str(advice), encoding="utf-8")
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    return path
