"""Filling in the forms of the console, and the models and snapshots that their tests begin with."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.events import Paste
from textual.widgets import Input

from distdiag_core import places
from distdiag_core.models import model_registry
from distdiag_tui.screens.entry_dialog import EntryDialog
from tests.tui.conftest import until

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from distdiag_core.runtime.snapshot import Snapshot

# A training takes a few seconds, and some times that on a busy machine.
TRAINED_WITHIN_S = 100.0


def with_collecting(snapshot: Snapshot, **changes: object) -> Snapshot:
    assert snapshot.collecting is not None
    return replace(
        snapshot,
        tick=snapshot.tick + 1,
        collecting=replace(snapshot.collecting, **changes),  # type: ignore[arg-type]
    )


def own_model(name: str) -> Path:
    path = Path(shutil.copytree(model_registry.find(model_registry.DEFAULT), places.models_dir() / name))
    index = json.loads((path / "model.json").read_text(encoding="utf-8"))
    (path / "model.json").write_text(json.dumps(index | {"name": name}), encoding="utf-8")
    return path


async def put_into(pilot: Pilot[None], field: str, value: str) -> None:
    """Paste into a field over what is in it; typing would wait after each key until the page is painted."""
    pilot.app.screen.query_one(f"{field} Input", Input).focus()
    await pilot.press("home", "shift+end", "delete")
    pilot.app.post_message(Paste(value))
    await pilot.pause()


async def answer(pilot: Pilot[None], key: str, field: str, value: str) -> None:
    """Open an entry by its key, fill one of its fields, and confirm."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, EntryDialog))
    await put_into(pilot, field, value)
    await pilot.press("ctrl+s")
