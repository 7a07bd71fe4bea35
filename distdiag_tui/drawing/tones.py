"""The tones of text as styles, from the colours of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style
from textual.color import Color

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Tone(NamedTuple):
    """The variables of the theme that a tone is made of; empty for what it leaves as it is."""

    colour: str = ""
    behind: str = ""
    bold: bool = False
    # The variable of a text style.
    text_style: str = ""


_TONES = {
    "plain": _Tone("foreground"),
    "muted": _Tone("tone-muted"),
    "strong": _Tone("tone-strong", bold=True),
    "accent": _Tone("tone-accent"),
    "calm": _Tone("tone-calm"),
    "good": _Tone("tone-good", bold=True),
    "warn": _Tone("tone-warn", bold=True),
    "bad": _Tone("tone-bad", bold=True),
    "spark": _Tone("tone-spark"),
    "injected": _Tone("tone-injected", "tone-shade"),
    "badge": _Tone("background", "tone-bad", bold=True),
    "chip": _Tone("background", "tone-accent", bold=True),
    "head": _Tone("tone-muted"),
    # The line under the cursor, in a widget with the focus and without.
    "cursor": _Tone(behind="line-cursor", text_style="cursor-style"),
    "cursor-blurred": _Tone(behind="line-cursor-blurred"),
}
_VARIABLES = tuple(
    dict.fromkeys(name for tone in _TONES.values() for name in (tone.colour, tone.behind, tone.text_style) if name)
)


def tones_of(variables: Mapping[str, str]) -> Mapping[str, Style]:
    """The style of each tone; the same object for the same colours.

    Args:
        variables: of the theme, by name.
    """
    return _styles(tuple(variables[name] for name in _VARIABLES))


@lru_cache(maxsize=8)
def _styles(values: tuple[str, ...]) -> Mapping[str, Style]:
    variables = dict(zip(_VARIABLES, values, strict=True))
    return {name: _style(tone, variables) for name, tone in _TONES.items()}


def _style(tone: _Tone, variables: Mapping[str, str]) -> Style:
    colour, behind = (Color.parse(variables[name]).rich_color if name else None for name in (tone.colour, tone.behind))
    underline = variables.get(tone.text_style) == "underline"
    return Style(color=colour, bgcolor=behind, bold=tone.bold or None, underline=underline or None)
