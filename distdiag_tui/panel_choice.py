"""The panels that the operator has hidden and the time span of the charts, kept from one console to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from distdiag_tui import state_files

if TYPE_CHECKING:
    from pathlib import Path

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
    return state_files.file_of("panels")


def load() -> PanelChoice:
    """The choice of the last console; all panels where there is none, or none that can be read."""
    return state_files.load("panels", PanelChoice, PanelChoice())


def save(choice: PanelChoice) -> None:
    """Keep the choice.

    Raises:
        OSError: it cannot be written.
    """
    state_files.save("panels", choice)
