"""What is injected at the moment, until when, and the way to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical

from distdiag_core.anomalies.injection import InjectionState
from distdiag_tui.figures import clock, countdown
from distdiag_tui.keymap import bindings
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.picker import Picker

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.anomalies.injection import Injection
    from distdiag_tui.lines import Line, Tone
    from distdiag_tui.scene import Scene

_HEADER: Line = (
    (
        f" {'node':<12} {'anomaly':<18} {'severity':<9} {'state':<10} {'left':>7}  {'until':<8}  by, and what is known",
        "muted",
    ),
)


class InjectionsScreen(Dialog[None]):
    """One line per injection."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("injections")
    """The acts of scope `injections`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__()
        self._injections: tuple[Injection, ...] = ()

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(classes="box") as box:
            box.border_title = "ACTIVE INJECTIONS"
            yield Picker()
            yield KeyBar("injections", "everywhere", "dialog", keys=self.console.keys)

    def on_mount(self) -> None:
        """The tick that is known."""
        if self.console.scene is not None:
            self.show(self.console.scene)

    def show(self, scene: Scene) -> None:
        """Paint the newest tick; the cursor stays on its injection."""
        picker = self.query_one(Picker)
        chosen = self._injections[picker.cursor].id if picker.cursor < len(self._injections) else None
        self._injections = scene.snapshot.injections
        lines = [_line(scene, injection) for injection in self._injections]
        picker.show_lines(lines or [((" nothing is injected", "muted"),)], header=_HEADER)
        ids = [injection.id for injection in self._injections]
        if chosen in ids:
            picker.cursor = ids.index(chosen)

    def action_clear_one(self) -> None:
        """End the injection under the cursor."""
        cursor = self.query_one(Picker).cursor
        if cursor < len(self._injections):
            injection = self._injections[cursor]
            doing = f"clearing {injection.anomaly} on {injection.node}"
            self.console.tell(f"{doing} ...")
            self.console.perform("clear", doing, lambda verbs: verbs.clear([injection.id]))


def _line(scene: Scene, injection: Injection) -> Line:
    wrong = injection.state is InjectionState.ORPHANED
    tone: Tone = "bad" if wrong else "plain"
    state = injection.state.upper() if wrong else str(injection.state)
    left = countdown(injection.deadline_s - scene.now_s)
    return (
        (
            f" {scene.glyphs.fit(injection.node, 12)} {scene.glyphs.fit(scene.anomaly_label(injection.anomaly), 18)} ",
            "strong",
        ),
        (f"{injection.severity:<9} ", "plain"),
        (f"{state:<10} ", tone),
        (f"{left:>7}  ", "warn" if injection.state is InjectionState.ACTIVE else "muted"),
        (f"{clock(injection.deadline_s)}  ", "plain"),
        (f"{injection.owner} {injection.detail}", "muted"),
    )
