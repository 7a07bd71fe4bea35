"""All events of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.recording.events import Event
from distdiag_tui.drawing.lines import block
from distdiag_tui.screens.listing import Listing
from distdiag_tui.views import panels
from distdiag_tui.views.list_fields import event_fields

if TYPE_CHECKING:
    from collections.abc import Hashable

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class EventsScreen(Listing[Event]):
    """The events of this run, the newest first."""

    def __init__(self) -> None:
        super().__init__("EVENTS")

    def items(self, view: ViewState) -> tuple[Event, ...]:
        """The events of the core and of the console, merged by time."""
        return view.events

    def fields(self, view: ViewState) -> tuple[Field[Event], ...]:
        """By time, kind, node, level or text."""
        return event_fields(view)

    def key(self, item: Event) -> Hashable:
        """The identity of the event, since events never change."""
        return id(item)

    def row(self, view: ViewState, item: Event, width: int) -> Line:
        """The time of the event and the beginning of its text."""
        return panels.event_line(view, item, width)

    def detail(self, view: ViewState, item: Event, width: int) -> list[Line]:
        """The full text of the event."""
        about = " - ".join(part for part in (item.kind, item.node or "", item.level) if part)
        return [((f" {about}", "muted"),), *block(" ", item.text, width)]
