"""What the consoles of all clusters share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.screen import Screen

    from distdiag_tui.console.background_tasks import Training
    from distdiag_tui.console.cluster_switch import ClusterSwitch
    from distdiag_tui.console_settings import ConsoleSettings
    from distdiag_tui.drawing.glyphs import Glyphs
    from distdiag_tui.terminal_app import TerminalApp


class Shell(Protocol):
    """What the consoles of all clusters share: the operator's choices, and the terminal."""

    @property
    def terminal(self) -> TerminalApp:
        """The app."""

    @property
    def keys(self) -> Mapping[str, str]:
        """The operator's own keys, by action."""

    @property
    def settings(self) -> ConsoleSettings:
        """The operator's settings of the console."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs that screens are drawn with."""

    @property
    def training(self) -> Training:
        """The training on this machine."""

    @property
    def clusters(self) -> ClusterSwitch:
        """The clusters that are open, and those that can be."""

    def change_settings(self, settings: ConsoleSettings) -> None:
        """Let other settings take effect, and keep them."""

    def wall_s(self) -> float:
        """Seconds since the epoch."""

    def stack_of(self, mode: str) -> list[Screen[Any]]:
        """The screens of the cluster with this mode, the topmost last."""

    def repaint(self) -> None:
        """Every screen of the cluster that is seen shows what is known now."""

    def dress(self) -> None:
        """Put on the theme, with the accent of the cluster on the screen."""

    def settle(self) -> None:
        """What there is will stay: a core has started, or ended."""
