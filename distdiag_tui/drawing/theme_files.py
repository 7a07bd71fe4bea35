"""Theme files of the operator's own: YAML in the directory `themes` of the configuration, by the name of the theme."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import MinLen
from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS
from distdiag_tui.drawing.palettes import DARK, HIGH_CONTRAST, LIGHT
from distdiag_tui.drawing.theme import THEMES, theme_of

if TYPE_CHECKING:
    from pathlib import Path

    from textual.theme import Theme

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$"), Words("a colour as '#5aa9e6', in quotes")]
_BASES = {"dark": DARK, "light": LIGHT, "high-contrast": HIGH_CONTRAST}


@dataclass(frozen=True, slots=True, config=SETTINGS)
class ThemeFile:
    """Another theme with some of its colours changed."""

    base: Literal["dark", "light", "high-contrast"] = "dark"
    """The theme that all other colours are taken from."""
    background: Colour | None = None
    surface: Colour | None = None
    panel: Colour | None = None
    foreground: Colour | None = None
    border: Colour | None = None
    muted: Colour | None = None
    strong: Colour | None = None
    accent: Colour | None = None
    calm: Colour | None = None
    good: Colour | None = None
    warn: Colour | None = None
    bad: Colour | None = None
    spark: Colour | None = None
    injected: Colour | None = None
    shade: Colour | None = None
    cursor: Colour | None = None
    cursor_blurred: Colour | None = None
    rule: Colour | None = None
    series: Annotated[tuple[Colour, ...], MinLen(1)] | None = None


def directory() -> Path:
    """Where theme files lie."""
    return places.config_dir() / "themes"


def names() -> tuple[str, ...]:
    """The themes that ship, then those of the files."""
    return (*THEMES, *sorted(path.stem for path in directory().glob("*.yaml") if path.stem not in THEMES))


def load(name: str) -> Theme:
    """The theme of this name.

    Raises:
        ConfigError: there is none, or its file has a mistake; says which, with file, line and key.
    """
    if name in THEMES:
        return THEMES[name]
    path = directory() / f"{name}.yaml"
    if name not in names():
        raise ConfigError(f"there is no theme {name}", where=str(path), hint=f"the themes are: {', '.join(names())}")
    written = loader.load(path, ThemeFile)
    changed = {
        field.name: value
        for field in fields(written)
        if field.name != "base" and (value := getattr(written, field.name)) is not None
    }
    return theme_of(name, replace(_BASES[written.base], **changed))
