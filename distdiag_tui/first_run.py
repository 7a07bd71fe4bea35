"""The app of the first run, where there is no cluster file: it ends with what the operator chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cli.run import on_ending_signals
from distdiag_core.errors import ConfigError
from distdiag_tui.appearance import Appearance
from distdiag_tui.drawing.lines import clean
from distdiag_tui.screens.first_steps import FirstSteps
from distdiag_tui.screens.own_cluster import OwnCluster, PodCluster
from distdiag_tui.terminal_app import TerminalApp
from distdiag_tui.views.first_steps import OWN, PODS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from distdiag_core.recording.events import Level
    from distdiag_tui.actions.action import Action
    from distdiag_tui.console_settings import ConsoleSettings
    from distdiag_tui.drawing.glyphs import Glyphs


class FirstRunApp(TerminalApp, inherit_bindings=False):
    """Shows the first steps.

    Attributes:
        view: there are no ticks yet, nor anything that is refused.
        choice: of `views.first_steps`, once the app has ended; empty where the operator left.
        written: the cluster file that was written; None without one.
    """

    TITLE = "distdiag"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (30, "-medium")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, glyphs: Glyphs, settings: ConsoleSettings, keys: Mapping[str, str], *, rgb: bool = True) -> None:
        super().__init__(keys)
        self.keys = dict(keys)
        self.view = None
        self.choice = ""
        self.written: Path | None = None
        appearance = Appearance(settings, glyphs, rgb=rgb)
        try:
            theme = appearance.theme()
        except ConfigError:
            # The console itself reports it.
            theme = appearance.default_theme()
        self.register_theme(theme)
        self.theme = theme.name
        self.set_class(glyphs.name == "ascii", "-ascii")
        self.animation_level = "none"
        self.set_keymap(self.keys)

    @property
    def current(self) -> FirstRunApp:
        """The app itself, which has no cluster yet."""
        return self

    @property
    def shell(self) -> FirstRunApp:
        """The app itself, which there are no other consoles to share with."""
        return self

    @property
    def terminal(self) -> FirstRunApp:
        """The app itself."""
        return self

    def on_mount(self) -> None:
        """Ask for the first step."""
        on_ending_signals(self.exit)
        self._ask()

    def refused(self, _: Action) -> str:
        """Nothing is refused."""
        return ""

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line to the operator."""
        self.notify(clean(text), severity="information" if level == "info" else "warning", markup=False)

    def _ask(self) -> None:
        self.push_screen(FirstSteps(), self._chosen)

    def _chosen(self, choice: str | None) -> None:
        self.choice = choice or ""
        if choice == OWN:
            self.push_screen(OwnCluster(), self._has_written)
        elif choice == PODS:
            self.push_screen(PodCluster(), self._has_written)
        else:
            self.exit()

    def _has_written(self, path: Path | None) -> None:
        if path is None:
            self._ask()
            return
        self.written = path
        self.exit()
