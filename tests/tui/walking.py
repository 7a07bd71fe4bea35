"""What the walks through the console share: the app, its core, and what is shown and said."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from distdiag_tui.cluster_sources import ClusterSource

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from distdiag_tui.app import DistdiagApp
    from distdiag_tui.core import Core
    from distdiag_tui.drawing.lines import Line
    from tests.tui.scripted_core import ScriptedCore


def app_of(pilot: Pilot[None]) -> DistdiagApp:
    return cast("DistdiagApp", pilot.app)


def core_of(pilot: Pilot[None]) -> ScriptedCore:
    return cast("ScriptedCore", app_of(pilot).current.core)


def only(core: Core) -> tuple[ClusterSource]:
    """The source of a console of one cluster."""
    return (ClusterSource("it", "a core", lambda: core),)


def text(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def notifications(pilot: Pilot[None]) -> list[str]:
    return [notification.message for notification in app_of(pilot)._notifications]
