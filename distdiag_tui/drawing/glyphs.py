"""The signs that the screens are drawn with, in three sets for three kinds of terminals."""

from __future__ import annotations

import codecs
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from distdiag_core.errors import ConfigError, quoted
from distdiag_tui.drawing.lines import fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_tui.drawing.lines import Align

# `braille` draws charts in braille and all else in blocks, whose sparklines have twice the levels.
GlyphSetName = Literal["braille", "block", "ascii"]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs, each one cell wide.

    Attributes:
        levels: of a sparkline, the lowest first.
        chart_markers: what lines are drawn with, as plotext names it; later ones tell lines apart without colour.
    """

    name: GlyphSetName
    levels: str
    unknown: str
    up: str
    anomaly: str
    degraded: str
    down: str
    late: str
    connecting: str
    rise: str
    fall: str
    to: str
    sigma: str
    dot: str
    record: str
    good: str
    running: str
    stopped: str
    warning: str
    bar_full: str
    bar_part: str
    bar_empty: str
    mark: str
    span: str
    injected: str
    diagnosed: str
    both: str
    ellipsis: str
    chart_markers: tuple[str, ...]

    def spark(self, values: Iterable[float], top: float, bottom: float = 0.0) -> str:
        """A sparkline of `values` on a scale from `bottom` to `top`; unknown values leave a gap."""
        span = top - bottom
        highest = len(self.levels) - 1
        return "".join(
            self.levels[min(highest, max(0, round((value - bottom) / span * highest) if span > 0 else 0))]
            if math.isfinite(value)
            else " "
            for value in values
        )

    def bar(self, fraction: float, width: int) -> str:
        """A bar of `width` cells, full up to `fraction` (0 to 1)."""
        full = round(min(1.0, max(0.0, fraction)) * width)
        return self.bar_full * full + self.bar_empty * (width - full)

    def fit(self, text: str, width: int, align: Align = "left") -> str:
        """`text` in exactly `width` cells, marked where something was left out."""
        return fit(text, width, align, ellipsis=self.ellipsis)


_BLOCK = Glyphs(
    name="block",
    levels="▁▂▃▄▅▆▇█",
    unknown="–",
    up="●",
    anomaly="▲",
    degraded="◐",
    down="✖",
    late="◌",
    connecting="○",
    rise="↑",
    fall="↓",
    to="→",
    sigma="σ",
    dot="·",
    record="●",
    good="✔",
    running="▶",
    stopped="■",
    warning="▲",
    bar_full="━",
    bar_part="╍",
    bar_empty="─",
    mark="━",
    span="–",
    injected="▄",
    diagnosed="▀",
    both="█",
    ellipsis="…",
    chart_markers=("hd",),
)

SETS: dict[GlyphSetName, Glyphs] = {
    "block": _BLOCK,
    "braille": Glyphs(
        **{field: getattr(_BLOCK, field) for field in Glyphs.__slots__}
        | {"name": "braille", "chart_markers": ("braille",)}
    ),
    "ascii": Glyphs(
        name="ascii",
        levels="_.-~=+*#",
        unknown="-",
        up="o",
        anomaly="!",
        degraded="%",
        down="X",
        late="?",
        connecting=".",
        rise="+",
        fall="-",
        to=">",
        sigma="s",
        dot="-",
        record="*",
        good="+",
        running=">",
        stopped="#",
        warning="!",
        bar_full="#",
        bar_part="=",
        bar_empty=".",
        mark="=",
        span="-",
        injected="i",
        diagnosed="d",
        both="#",
        ellipsis="~",
        chart_markers=("*", "+", "o", "x"),
    ),
}


def choose(wanted: str, environ: Mapping[str, str], encoding: str | None) -> Glyphs:
    """The set called `wanted`; for `auto` the best that the terminal and the locale can be trusted with.

    Raises:
        ConfigError: no set is called so.
    """
    if wanted in SETS:
        return SETS[wanted]
    if wanted != "auto":
        raise ConfigError(
            f"no glyph set is called {quoted(wanted)}", where="glyphs", hint="auto, braille, block or ascii"
        )
    if not _speaks_utf8(environ, encoding):
        return SETS["ascii"]
    # The consoles of Linux and of old terminals have no braille in their fonts, and few blocks.
    return SETS["ascii"] if environ.get("TERM", "").startswith(("vt", "linux")) else SETS["braille"]


def _speaks_utf8(environ: Mapping[str, str], encoding: str | None) -> bool:
    try:
        if codecs.lookup(encoding or "ascii").name != "utf-8":
            return False
    except LookupError:
        return False
    # Python turns the C locale into UTF-8 by itself, whatever the terminal is: trust what the user set.
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    return "utf" in locale.lower()
