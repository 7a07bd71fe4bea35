"""The operator's settings of the console; each takes effect at once, and is written to the settings file."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from textual import on
from textual.containers import Vertical

from distdiag_core.cluster.inventory import AccentName
from distdiag_tui.console_settings import ConsoleSettings
from distdiag_tui.drawing import theme_files
from distdiag_tui.drawing.lines import block
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.form import SelectField
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.select import Select

if TYPE_CHECKING:
    from typing import Literal

    from textual.app import ComposeResult

_WIDTH = 76
_WHERE = "Kept in console.yaml of the configuration directory; themes of your own are themes/NAME.yaml there."
_OFF, _ON = "off", "on"
_OF_CLUSTER = "that of the cluster"
_EVERY_SAMPLE = "every sample"
_REFRESH_S = (0.0, 2.0, 5.0, 10.0, 30.0)


class SettingsScreen(Dialog[None]):
    """A line for each setting: arrows change it, tab goes on."""

    def compose(self) -> ComposeResult:
        """The settings, and where they are written."""
        now = self.console.shell.settings
        refresh = tuple(sorted({*_REFRESH_S, now.refresh_s}))
        with Vertical(classes="box small") as box:
            box.border_title = "SETTINGS"
            yield SelectField("Theme", ("auto", *theme_files.names()), "theme", chosen=now.theme)
            accents = (_OF_CLUSTER, *get_args(AccentName))
            yield SelectField("Accent", accents, "accent", chosen=now.accent or _OF_CLUSTER)
            yield SelectField(
                "Repaint", [*map(_refresh_words, refresh)], "refresh", chosen=_refresh_words(now.refresh_s)
            )
            yield SelectField("Signs", ("auto", "braille", "block", "ascii"), "glyphs", chosen=now.glyphs)
            yield SelectField("Bell", (_OFF, _ON), "bell", chosen=_ON if now.bell else _OFF)
            yield SelectField("Desktop notice", (_OFF, _ON), "desktop", chosen=_ON if now.desktop else _OFF)
            yield LineView(classes="auto")
            yield self.key_bar("field")

    def on_mount(self) -> None:
        """Say where the settings are written."""
        self.query_one(LineView).show_lines(
            [
                ((" ", "muted"),),
                *block("", "Arrows change a setting, tab goes to the next.", _WIDTH, "muted"),
                *block("", _WHERE, _WIDTH, "muted"),
            ]
        )
        self.query(Select).first().focus()

    @on(Select.Changed)
    def _changed(self) -> None:
        accent = self._value("accent")
        seconds = next((each for each in _REFRESH_S if _refresh_words(each) == self._value("refresh")), None)
        self.console.shell.change_settings(
            ConsoleSettings(
                theme=self._value("theme"),
                accent=None if accent == _OF_CLUSTER else cast("AccentName", accent),
                refresh_s=self.console.shell.settings.refresh_s if seconds is None else seconds,
                glyphs=cast("Literal['auto', 'braille', 'block', 'ascii']", self._value("glyphs")),
                bell=self._value("bell") == _ON,
                desktop=self._value("desktop") == _ON,
            )
        )

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", SelectField).value


def _refresh_words(seconds: float) -> str:
    return f"every {seconds:g} s at most" if seconds else _EVERY_SAMPLE
