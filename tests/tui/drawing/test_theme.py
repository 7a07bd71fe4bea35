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


def _colours(theme: Theme) -> tuple[dict[str, str], list[str]]:
    """The texts of a theme, and the backgrounds that they stand on."""
    assert theme.foreground is not None
    assert theme.background is not None
    texts = {name: theme.variables[f"tone-{name}"] for name in _TEXTS} | {"plain": theme.foreground}
    return texts, [theme.background, theme.variables["line-cursor"], theme.variables["line-cursor-blurred"]]


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_high_contrast_is_seven_to_one_for_every_text() -> None:
    theme = THEMES["high-contrast"]
    texts, backgrounds = _colours(theme)
    low = {
        (name, behind): round(ratio, 2)
        for (name, text), behind in product(texts.items(), backgrounds)
        if (ratio := contrast(text, behind)) < _AAA
    }
    assert low == {}
    assert all(contrast(f"#{r:02x}{g:02x}{b:02x}", "#000000") >= _AAA for r, g, b in inks_of(theme).lines)  # type: ignore[misc]
    assert contrast(theme.variables["rule"], "#000000") >= _GRAPHICS
    assert contrast(theme.variables["tone-injected"], theme.variables["tone-shade"]) >= _AAA


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_usual_themes_can_be_read(name: str) -> None:
    texts, backgrounds = _colours(THEMES[name])
    low = {text for text, behind in product(texts, backgrounds) if contrast(texts[text], behind) < _AA}
    # On the line of the cursor some tones of the dark theme are a little fainter; bad is bold there, as everywhere.
    assert low <= ({"muted", "spark", "bad"} if name == "dark" else set())
    assert all(contrast(texts[text], backgrounds[0]) >= _AA for text in texts)


@pytest.mark.parametrize("accent", get_args(AccentName))
def test_an_accent_can_be_read_in_every_theme(accent: AccentName) -> None:
    assert set(ACCENTS) == set(get_args(AccentName))
    for name, least in (("dark", _AA), ("light", _AA), ("high-contrast", _AAA)):
        theme = with_accent(THEMES[name], accent)
        assert theme.background is not None
        assert contrast(theme.variables["tone-accent"], theme.background) >= least
        assert theme.variables["tone-bad"] == THEMES[name].variables["tone-bad"]
    assert with_accent(SIXTEEN, accent).variables["tone-accent"].startswith("ansi_")


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
