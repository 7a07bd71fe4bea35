"""Themes of Textual made of palettes, one of the terminal's own sixteen colours, and the inks of the charts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color
from rich.style import Style
from textual.theme import Theme

from distdiag_tui.drawing.palettes import ACCENTS, DARK, HIGH_CONTRAST, LIGHT

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import AccentName
    from distdiag_tui.drawing.palettes import Palette

# What a chart's line is drawn in: RGB, or a number among the terminal's own colours.
Ink = tuple[int, int, int] | int


def theme_of(name: str, palette: Palette) -> Theme:
    """The theme of a palette."""
    return Theme(
        name=name,
        primary=palette.border,
        secondary=palette.accent,
        accent=palette.accent,
        success=palette.calm,
        warning=palette.warn,
        error=palette.bad,
        foreground=palette.foreground,
        background=palette.background,
        surface=palette.surface,
        panel=palette.panel,
        dark=palette.dark,
        variables={
            "tone-muted": palette.muted,
            "tone-strong": palette.strong,
            "tone-accent": palette.accent,
            "tone-calm": palette.calm,
            "tone-good": palette.good,
            "tone-warn": palette.warn,
            "tone-bad": palette.bad,
            "tone-spark": palette.spark,
            "tone-injected": palette.injected,
            "tone-shade": palette.shade,
            "line-cursor": palette.cursor,
            "cursor-style": "none",
            "line-cursor-blurred": palette.cursor_blurred,
            "rule": palette.rule,
            "block-cursor-background": palette.border,
            "block-cursor-foreground": palette.background,
            "border": palette.border,
            "border-blurred": palette.rule,
            "footer-key-foreground": palette.warn,
            "input-selection-background": palette.cursor,
            "input-selection-foreground": palette.strong,
            "scrollbar-background": palette.surface,
            **{f"series-{at}": colour for at, colour in enumerate(palette.series)},
        },
    )


SIXTEEN = Theme(
    name="ansi-16",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_bright_cyan",
    success="ansi_bright_blue",
    warning="ansi_bright_yellow",
    error="ansi_bright_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "tone-muted": "ansi_white",
        "tone-strong": "ansi_bright_white",
        "tone-accent": "ansi_bright_cyan",
        "tone-calm": "ansi_bright_blue",
        "tone-good": "ansi_bright_green",
        "tone-warn": "ansi_bright_yellow",
        "tone-bad": "ansi_bright_red",
        "tone-spark": "ansi_cyan",
        "tone-injected": "ansi_bright_yellow",
        "tone-shade": "ansi_default",
        "line-cursor": "ansi_blue",
        # What is left to see of the cursor where colours are not wanted.
        "cursor-style": "underline",
        "line-cursor-blurred": "ansi_default",
        "rule": "ansi_bright_black",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border": "ansi_bright_blue",
        "border-blurred": "ansi_bright_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_bright_cyan",
        "input-cursor-background": "ansi_bright_white",
        "input-cursor-foreground": "ansi_black",
        "input-cursor-text-style": "none",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_white",
        "screen-selection-background": "ansi_blue",
        "screen-selection-foreground": "ansi_white",
        "footer-key-foreground": "ansi_bright_yellow",
    },
)
NIGHT = theme_of("dark", DARK)
THEMES: dict[str, Theme] = {
    theme.name: theme for theme in (NIGHT, theme_of("light", LIGHT), theme_of("high-contrast", HIGH_CONTRAST), SIXTEEN)
}


def with_accent(theme: Theme, accent: AccentName) -> Theme:
    """The same theme with another accent, under a name of its own."""
    on_dark, on_light, ansi = ACCENTS[accent]
    colour = ansi if theme.ansi else on_dark if theme.dark else on_light
    variables = theme.variables | {"tone-accent": colour, "border": colour}
    return replace(theme, name=f"{theme.name}-{accent}", secondary=colour, accent=colour, variables=variables)


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of charts.

    Attributes:
        lines: of the nodes; there may be more nodes than colours.
        shade: behind a stretch with an injection; None where no colour is dim enough to be read on.
    """

    lines: tuple[Ink, ...]
    shade: Ink | None

    def line(self, position: int) -> Ink:
        """The colour of the line at `position` of a chart."""
        return self.lines[position % len(self.lines)]


SIXTEEN_INKS = Inks((12, 11, 14, 13, 7, 9), None)


def inks_of(theme: Theme) -> Inks:
    """The inks that go with a theme."""
    if theme.ansi:
        return SIXTEEN_INKS
    lines = tuple(_rgb(colour) for name, colour in theme.variables.items() if name.startswith("series-"))
    return Inks(lines or NIGHT_INKS.lines, _rgb(theme.variables["tone-shade"]))


def _rgb(colour: str) -> Ink:
    triplet = Color.parse(colour).get_truecolor()
    return triplet.red, triplet.green, triplet.blue


NIGHT_INKS = inks_of(NIGHT)


# Every cell of a chart asks for one of a few, and one style is sooner compared with itself than with its equal.
@lru_cache(maxsize=256)
def ink_style(ink: Ink | None = None, *, behind: Ink | None = None) -> Style:
    """A style in this colour, and on that one."""
    return Style(color=_colour(ink), bgcolor=_colour(behind))


def _colour(ink: Ink | None) -> Color | None:
    if ink is None:
        return None
    return Color.from_rgb(*ink) if isinstance(ink, tuple) else Color.from_ansi(ink)
