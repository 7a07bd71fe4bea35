"""The screens of a cluster: a stack of its own, painted while it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.layered import size_classes, uncovered
from distdiag_tui.screens.main import MainScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.screen import Screen

    from distdiag_tui.console.console import Console
    from distdiag_tui.console.shell import Shell
    from distdiag_tui.views.view_state import ViewState


class ClusterScreens:
    """The stack of screens of one cluster, which is kept while another cluster is on the screen.

    Args:
        mode: of Textual: the name of the stack.
    """

    def __init__(self, shell: Shell, mode: str) -> None:
        self._shell, self._app, self._mode = shell, shell.terminal, mode

    @property
    def are_shown(self) -> bool:
        """Whether the cluster is the one on the screen."""
        return self._app.current_mode == self._mode

    @property
    def stack(self) -> list[Screen[Any]]:
        """The screens, the topmost last."""
        return self._shell.stack_of(self._mode)

    def push(self, screen: Any, callback: Callable[[Any], Any] | None, console: Console) -> Any:  # noqa: ANN401 - Textual's
        """Open a screen over the others, whether they are seen or not."""
        if isinstance(screen, Dialog):
            screen.console = console
            # Textual adds them after the first layout, and matches the style sheet once more for them.
            screen.add_class(*size_classes(self._app), update=False)
        return self._app.push_screen(screen, callback, mode=self._mode)

    def close_dialogs(self) -> None:
        """Back to the main screen; nothing where another cluster is on the screen."""
        while self.are_shown and len(self.stack) > 1:
            self._app.pop_screen()

    def show(self, view: ViewState | None) -> None:
        """Every screen shows what is known now; nothing where another cluster is on the screen."""
        if view is None or not self.are_shown:
            return
        seen = uncovered(self.stack)
        for screen in self.stack:
            # A screen that is still being put together paints the newest tick when it is done.
            if isinstance(screen, MainScreen | Dialog) and screen.is_mounted:
                screen.is_behind = screen not in seen
                if not screen.is_behind:
                    screen.show(view)

    def show_passed_time(self, view: ViewState | None) -> None:
        """Countdowns go on without a tick."""
        if view is not None:
            for screen in _main(uncovered(self.stack)):
                screen.passed(view)

    def repaint_keys(self) -> None:
        """The key bars say which actions are allowed now."""
        for screen in _main(self.stack):
            screen.repaint_keys()


def _main(screens: Iterable[Screen[Any]]) -> list[MainScreen]:
    """The main screen, once it is put together."""
    return [screen for screen in screens if isinstance(screen, MainScreen) and screen.is_mounted]
