"""Themes: what can be read on what, and theme files of one's own."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, get_args

import pytest
from textual.color import Color

from distdiag_core.cluster.inventory import AccentName
from distdiag_core.errors import ConfigError
from distdiag_tui.drawing import theme_files
from distdiag_tui.drawing.palettes import ACCENTS
from distdiag_tui.drawing.theme import NIGHT_INKS, SIXTEEN, SIXTEEN_INKS, THEMES, inks_of, with_accent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.theme import Theme

_TEXTS = ("muted", "strong", "accent", "calm", "good", "warn", "bad", "spark", "injected")
# Of WCAG 2: AA for text and for graphics, AAA for text.
_AA, _GRAPHICS, _AAA = 4.5, 3.0, 7.0


def _luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in Color.parse(colour).normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


_BARS = ("background", "surface", "panel", "line-cursor", "line-cursor-blurred")


def _pairs(theme: Theme) -> Iterator[tuple[str, str, float]]:
    """Every text of a theme on every background that it stands on, with the contrast of the two."""
    colours = {
        **theme.variables,
        "background": theme.background,
        "surface": theme.surface,
        "panel": theme.panel,
        "plain": theme.foreground,
    }
    texts = (*(f"tone-{name}" for name in _TEXTS), "plain", "footer-key-foreground")
    pairs = [*product(texts, _BARS)]
    # In charts and strips of time, behind which a stretch with an injection is shaded.
    pairs += [(text, "tone-shade") for text in ("plain", "tone-strong", "tone-warn", "tone-spark", "tone-injected")]
    # Badges and buttons, which are filled.
    pairs += [("background", filled) for filled in ("tone-bad", "tone-accent", "block-cursor-background")]
    pairs.append(("input-selection-foreground", "input-selection-background"))
    for text, behind in pairs:
        one, other = colours[text], colours[behind]
        assert one is not None
        assert other is not None
        yield text, behind, contrast(one, other)


def _too_low(theme: Theme, least: float) -> dict[tuple[str, str], float]:
    return {(text, behind): round(ratio, 2) for text, behind, ratio in _pairs(theme) if ratio < least}


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("name", "least"), [("dark", _AA), ("light", _AA), ("high-contrast", _AAA)])
def test_every_text_can_be_read_on_every_background(name: str, least: float) -> None:
    theme = THEMES[name]
    assert _too_low(theme, least) == {}
    assert all(_too_low(with_accent(theme, accent), least) == {} for accent in get_args(AccentName))


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
def test_lines_of_charts_stand_out_from_what_is_behind_them(name: str) -> None:
    theme = THEMES[name]
    assert theme.background is not None
    for behind in (theme.background, theme.variables["tone-shade"]):
        assert all(contrast(f"#{r:02x}{g:02x}{b:02x}", behind) >= _GRAPHICS for r, g, b in inks_of(theme).lines)  # type: ignore[misc]
    # Lines between panels only part; where contrast was asked for, they can be seen as well.
    assert contrast(theme.variables["rule"], theme.background) >= (_GRAPHICS if name == "high-contrast" else 1.5)


def test_an_accent_changes_no_tone_of_severity() -> None:
    assert set(ACCENTS) == set(get_args(AccentName))
    for accent, (name, theme) in product(get_args(AccentName), THEMES.items()):
        accented = with_accent(theme, accent).variables
        assert all(accented[f"tone-{tone}"] == theme.variables[f"tone-{tone}"] for tone in ("bad", "warn", "calm"))
        assert accented["tone-accent"].startswith("ansi_") == (name == "ansi-16")


def test_charts_have_the_inks_of_their_theme() -> None:
    assert inks_of(SIXTEEN) == SIXTEEN_INKS
    assert inks_of(THEMES["light"]).line(0) != NIGHT_INKS.line(0)
    assert NIGHT_INKS.line(6) == NIGHT_INKS.line(0)


def test_a_theme_file_changes_some_colours_of_another_theme() -> None:
    theme_files.directory().mkdir(parents=True)
    (theme_files.directory() / "paper.yaml").write_text('base: light\naccent: "#7a0099"\nseries: ["#000000"]\n')
    assert theme_files.names() == ("dark", "light", "high-contrast", "ansi-16", "paper")
    theme = theme_files.load("paper")
    assert theme.variables["tone-accent"] == "#7a0099"
    assert theme.background == THEMES["light"].background
    assert inks_of(theme).lines == ((0, 0, 0),)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("accent: blue\n", "mine.yaml:1: accent: must be a colour as '#5aa9e6', in quotes, not 'blue'"),
        ("base: light\nacent: '#123456'\n", "mine.yaml:2: acent: unknown key; is accent meant?"),
        ("base: paper\n", "mine.yaml:1: base: must be one of dark, light, high-contrast"),
        ("base: [\n", "is not valid YAML"),
    ],
)
def test_a_broken_theme_file_is_named_with_line_and_key(text: str, complaint: str) -> None:
    theme_files.directory().mkdir(parents=True)
    (theme_files.directory() / "mine.yaml").write_text(text)
    with pytest.raises(ConfigError) as raised:
        theme_files.load("mine")
    assert complaint in str(raised.value)


def test_a_theme_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ConfigError, match="there is no theme nacht"):
        theme_files.load("nacht")
