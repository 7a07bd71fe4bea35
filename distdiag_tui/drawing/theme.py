"""Colours: one palette that the colour-blind can read, once in RGB and once in the terminal's own sixteen."""

from __future__ import annotations

from rich.color import Color
from rich.style import Style
from textual.theme import Theme

# Blue for what is well and orange for what is not: no meaning hangs on telling red from green.
_TONES = {
    "tone-muted": "#8b94a3",
    "tone-strong": "#f2f4f8",
    "tone-accent": "#8ecbff",
    "tone-calm": "#5aa9e6",
    "tone-good": "#3ecf9a",
    "tone-warn": "#f5a623",
    "tone-bad": "#ff7043",
    "tone-spark": "#6b9fcf",
    "tone-injected": "#f5a623",
    "tone-shade": "#3a2e1c",
    "line-cursor": "#2b3a4f",
    "cursor-style": "none",
    "line-cursor-blurred": "#222a36",
    "rule": "#3a4452",
}

NIGHT = Theme(
    name="distdiag",
    primary="#5aa9e6",
    secondary="#8ecbff",
    accent="#8ecbff",
    success="#5aa9e6",
    warning="#f5a623",
    error="#ff7043",
    foreground="#d5dae2",
    background="#14181f",
    surface="#1a2029",
    panel="#232b36",
    dark=True,
    variables=_TONES
    | {
        "block-cursor-background": "#5aa9e6",
        "block-cursor-foreground": "#14181f",
        "border": "#5aa9e6",
        "border-blurred": "#3a4452",
        "footer-key-foreground": "#f5a623",
    },
)

_ANSI_TONES = {
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
}

SIXTEEN = Theme(
    name="distdiag-16",
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
    variables=_ANSI_TONES
    | {
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

THEMES = (NIGHT, SIXTEEN)

Ink = tuple[int, int, int] | int
# One colour per node in charts, after Okabe and Ito; numbers are the terminal's own colours.
_SERIES: tuple[Ink, ...] = (
    (90, 169, 230),
    (245, 166, 35),
    (86, 214, 190),
    (204, 121, 207),
    (240, 228, 90),
    (255, 112, 67),
)
_SERIES_16: tuple[Ink, ...] = (12, 11, 14, 13, 7, 9)
_SHADE: Ink = (58, 46, 28)


def series_ink(position: int, *, ansi: bool) -> Ink:
    """The colour of the line at `position` of a chart."""
    inks = _SERIES_16 if ansi else _SERIES
    return inks[position % len(inks)]


def shade_ink(*, ansi: bool) -> Ink | None:
    """The colour behind a stretch with an injection; none of the sixteen is dim enough to be read on."""
    return None if ansi else _SHADE


def ink_style(ink: Ink | None = None, *, behind: Ink | None = None) -> Style:
    """A style in this colour, and on that one."""
    return Style(color=_colour(ink), bgcolor=_colour(behind))


def _colour(ink: Ink | None) -> Color | None:
    if ink is None:
        return None
    return Color.from_rgb(*ink) if isinstance(ink, tuple) else Color.from_ansi(ink)
