"""Theme and signs of the console: what the operator's settings, the terminal and the cluster file come to together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing import theme_files
from distdiag_tui.drawing.glyphs import SETS, Glyphs
from distdiag_tui.drawing.theme import NIGHT, SIXTEEN, with_accent

if TYPE_CHECKING:
    from textual.theme import Theme

    from distdiag_core.cluster.inventory import AccentName
    from distdiag_tui.console_settings import ConsoleSettings


class Appearance:
    """How the console looks.

    Args:
        glyphs: the signs that the terminal is trusted with.
        rgb: False for a terminal that has sixteen colours only.

    Attributes:
        settings: of the operator.
        glyphs: the signs in use.
        of_cluster: the accent of the cluster file; None without one.
    """

    def __init__(self, settings: ConsoleSettings, glyphs: Glyphs, *, rgb: bool) -> None:
        self.settings = settings
        self.glyphs = glyphs
        self.of_cluster: AccentName | None = None
        self._rgb = rgb
        self._usual_glyphs = glyphs

    def change(self, settings: ConsoleSettings) -> None:
        """Take other settings; signs that were asked for by a variable hold until others are chosen."""
        if settings.glyphs != self.settings.glyphs:
            self.glyphs = self._usual_glyphs if settings.glyphs == "auto" else SETS[settings.glyphs]
        self.settings = settings

    def theme(self) -> Theme:
        """The theme with its accent.

        Raises:
            ConfigError: there is no such theme, or its file has a mistake.
        """
        return self._accented(self._theme_of(self.settings.theme))

    def default_theme(self) -> Theme:
        """The theme that always works."""
        return self._accented(self._theme_of("auto"))

    def _theme_of(self, name: str) -> Theme:
        if not self._rgb:
            return SIXTEEN
        return NIGHT if name == "auto" else theme_files.load(name)

    def _accented(self, theme: Theme) -> Theme:
        accent = self.settings.accent or self.of_cluster
        return theme if accent is None else with_accent(theme, accent)
