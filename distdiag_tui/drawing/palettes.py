"""Palettes: the colours of a theme by their purpose, on a dark, a light and a black background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import AccentName


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours in RGB, as `#5aa9e6`.

    Attributes:
        surface, panel: the background of fields, and of bars.
        border: of dialogs, and what is chosen.
        muted, strong, accent, calm, good, warn, bad, spark, injected: tones of text.
        shade: behind a stretch with an injection.
        cursor, cursor_blurred: behind the line under the cursor, with the focus and without.
        rule: lines between panels.
        series: of the nodes in charts, the first node first.
    """

    dark: bool
    background: str
    surface: str
    panel: str
    foreground: str
    border: str
    muted: str
    strong: str
    accent: str
    calm: str
    good: str
    warn: str
    bad: str
    spark: str
    injected: str
    shade: str
    cursor: str
    cursor_blurred: str
    rule: str
    series: tuple[str, ...]


# Blue for what is well and orange for what is not: no meaning hangs on telling red from green. The colours of the nodes
# in charts are after Okabe and Ito.
DARK = Palette(
    dark=True,
    background="#14181f",
    surface="#1a2029",
    panel="#232b36",
    foreground="#d5dae2",
    border="#5aa9e6",
    muted="#9aa3b0",
    strong="#f2f4f8",
    accent="#8ecbff",
    calm="#5aa9e6",
    good="#3ecf9a",
    warn="#f5a623",
    bad="#ff7f56",
    spark="#7badd9",
    injected="#f5a623",
    shade="#3a2e1c",
    cursor="#2b3a4f",
    cursor_blurred="#222a36",
    rule="#3a4452",
    series=("#5aa9e6", "#f5a623", "#56d6be", "#cc79cf", "#f0e45a", "#ff7f56"),
)
LIGHT = Palette(
    dark=False,
    background="#fafbfc",
    surface="#eef1f5",
    panel="#e2e7ee",
    foreground="#1f2630",
    border="#1467b3",
    muted="#55606e",
    strong="#000000",
    accent="#0a559e",
    calm="#1264ae",
    good="#006b45",
    warn="#8a4f00",
    bad="#ab2f0f",
    spark="#35689a",
    injected="#7a4600",
    shade="#fbe6bf",
    cursor="#d3e4f6",
    cursor_blurred="#e6ecf3",
    rule="#b6c0cc",
    series=("#1264ae", "#a85f00", "#00795f", "#8f3d93", "#6f6600", "#b5391a"),
)
HIGH_CONTRAST = Palette(
    dark=True,
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    foreground="#ffffff",
    border="#ffffff",
    muted="#d0d0d0",
    strong="#ffffff",
    accent="#7fdbff",
    calm="#9ad1ff",
    good="#5cf2b8",
    warn="#ffd24a",
    bad="#ffc2b0",
    spark="#a8d8ff",
    injected="#ffe08a",
    shade="#3d2c00",
    cursor="#00305e",
    cursor_blurred="#333333",
    rule="#a0a0a0",
    series=("#7fc4ff", "#ffb84d", "#6fe8d2", "#eaa0ec", "#fff27a", "#ff9f80"),
)

# Each on a dark background, on a light one, and among the sixteen colours of a terminal.
ACCENTS: dict[AccentName, tuple[str, str, str]] = {
    "blue": ("#8ecbff", "#0a559e", "ansi_bright_blue"),
    "cyan": ("#6fe3e8", "#006570", "ansi_bright_cyan"),
    "green": ("#6fe3a8", "#006b45", "ansi_bright_green"),
    "yellow": ("#f5dd5a", "#6b5a00", "ansi_bright_yellow"),
    "orange": ("#ffb84d", "#8a4f00", "ansi_yellow"),
    "red": ("#ffb3a5", "#ab2f0f", "ansi_bright_red"),
    "magenta": ("#f0b3f2", "#8f3d93", "ansi_bright_magenta"),
}
