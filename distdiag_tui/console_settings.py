"""The operator's own settings of the console: `console.yaml` in the configuration directory."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le
from pydantic.dataclasses import dataclass

from distdiag_core import places
from distdiag_core.settings import loader, yaml_document
from distdiag_core.settings.model import SETTINGS, Flag, Seconds, Text

if TYPE_CHECKING:
    from pathlib import Path

from distdiag_core.cluster.inventory import AccentName

_HEAD = "# The console's own settings; F2 in the console writes this file anew.\n"


@dataclass(frozen=True, slots=True, config=SETTINGS)
class ConsoleSettings:
    """How the console looks, and how it calls for attention."""

    theme: Text = "auto"
    """auto, dark, light, high-contrast, ansi-16, or the name of a theme file. auto is dark, or ansi-16 where the
    terminal has sixteen colours only."""
    accent: AccentName | None = None
    """The colour of headings and of what is chosen. Without it: that of the cluster file, else that of the theme."""
    refresh_s: Annotated[Seconds, Ge(0), Le(60)] = 0.0
    """The least time between two repaints, for slow lines. 0: every sample is shown."""
    glyphs: Literal["auto", "braille", "block", "ascii"] = "auto"
    """The signs that the screens are drawn with. auto: the best that terminal and locale can be trusted with."""
    bell: Flag = False
    """Ring the terminal's bell when an incident begins."""
    desktop: Flag = False
    """Ask the terminal for a notice on the desktop (OSC 9) when an incident begins and when it ends."""


def settings_file() -> Path:
    """Where the settings are."""
    return places.config_dir() / "console.yaml"


def load() -> ConsoleSettings:
    """The settings of the file; the defaults without one.

    Raises:
        ConfigError: the file has mistakes; all of them are listed, with their lines.
    """
    path = settings_file()
    return loader.load(path, ConsoleSettings) if path.is_file() and path.stat().st_size else ConsoleSettings()


def save(settings: ConsoleSettings) -> None:
    """Write what differs from the defaults; the file is written completely or not at all.

    Raises:
        ConfigError: the file that is there has mistakes, and is left as it is.
        OSError: it cannot be written.
    """
    load()
    path = settings_file()
    changed = {each.name: value for each in fields(settings) if (value := getattr(settings, each.name)) != each.default}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(_HEAD + (yaml_document.dump(changed) if changed else "{}\n"), encoding="utf-8")
    unfinished.replace(path)
