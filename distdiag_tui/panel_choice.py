"""The panels that the operator has hidden and the time span of the charts, kept from one console to the next."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from distdiag_core import places
from distdiag_core.errors import DataError
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

PanelName = Literal["charts", "causes", "timeline", "side"]


@dataclass(frozen=True, slots=True)
class PanelChoice:
    """What is shown on the main screen.

    Attributes:
        hidden: panels that are not shown.
        span_s: how much of the past the charts show.
    """

    hidden: tuple[PanelName, ...] = ()
    span_s: float = 300.0

    def toggled(self, panel: PanelName) -> tuple[PanelName, ...]:
        """The hidden panels after one was shown or hidden."""
        if panel in self.hidden:
            return tuple(each for each in self.hidden if each != panel)
        return (*self.hidden, panel)


def choice_file() -> Path:
    """Where the choice is kept."""
    return places.state_dir() / "panels.json"


def load() -> PanelChoice:
    """The choice of the last console; all panels where there is none, or none that can be read."""
    path = choice_file()
    try:
        return json_document.parse(path.read_bytes(), PanelChoice, where=str(path))
    except FileNotFoundError:
        return PanelChoice()
    except (OSError, DataError) as error:
        log.warning("the choice of panels is passed over: %s", error)
        return PanelChoice()


def save(choice: PanelChoice) -> None:
    """Keep the choice; the file is written completely or not at all.

    Raises:
        OSError: it cannot be written.
    """
    path = choice_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(choice)), encoding="utf-8")
    unfinished.replace(path)
