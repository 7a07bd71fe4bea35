"""The dialog that keeps a compound injection as a preset of the user's own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.anomalies import notation, presets
from distdiag_core.errors import ConfigError
from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.entry_dialog import EntryDialog

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.anomalies.compound import CompoundRequest
    from distdiag_tui.console.console import Console


def save_preset(console: Console, request: CompoundRequest) -> None:
    """Ask for a name and a line about it, and keep the request under it."""
    nodes = [node.name for node in console.runtime.cluster.nodes]

    def answered(typed: dict[str, str] | None) -> None:
        if typed is None:
            return
        try:
            preset = presets.of_request(typed["name"], typed["about"], request, nodes)
        except ConfigError as error:
            console.report(str(error), "warning")
            return

        def kept(path: Path) -> None:
            console.report(f"kept as the preset {preset.name} in {path}")

        operation = Operation["Path"]("save preset", f"keeping the preset {preset.name}", kept)
        console.run_in_background(operation, lambda: asyncio.to_thread(presets.add, preset))

    lines = [*map(notation.written, request.parts), "Its nodes are kept as numbers, so that it can go to others."]
    fields = {"name": ("Name", ""), "about": ("What it does", "")}
    console.push_screen(EntryDialog("SAVE AS A PRESET", lines, fields, "Save"), answered)
