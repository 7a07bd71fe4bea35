"""What is injected at the moment, until when, how far it is, and the way to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.collecting.collecting_status import OpenCase
from distdiag_core.operations.compound_injection import PartStatus
from distdiag_tui.actions.registry import BY_ID, bindings
from distdiag_tui.drawing.format import clock, countdown
from distdiag_tui.drawing.lines import BLANK, block, fit
from distdiag_tui.operations.inject import call_off, cancel_injecting, clear
from distdiag_tui.screens.listing import Listing
from distdiag_tui.views import collecting, compound
from distdiag_tui.views.list_fields import ListedInjection, injection_fields

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Line, Tone
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class InjectionsScreen(Listing[ListedInjection]):
    """One line per injection, the whole of the one under the cursor below.

    What is held back stands above them; what is to come of a compound injection, or is over or failed, below them.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("injections")
    """The actions of scope `injections`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("ACTIVE INJECTIONS", "injections", "everywhere")

    def items(self, view: ViewState) -> tuple[ListedInjection, ...]:
        """The active injections, orphaned ones first because nothing ends them by itself."""
        known = sorted(view.snapshot.injections, key=lambda each: each.state is not InjectionState.ORPHANED)
        return (*collecting.held_back(view), *known, *compound.unlisted(view))

    def fields(self, view: ViewState) -> tuple[Field[ListedInjection], ...]:
        """By node, anomaly, severity, state or what is left."""
        return injection_fields(view)

    def key(self, item: ListedInjection) -> Hashable:
        """The id of the lease; of the case where there is none yet."""
        return item.name if isinstance(item, OpenCase) else item.id

    def header(self, width: int) -> Line:
        """The column headings of the list of injections."""
        columns = f"   {'node':<12} {'anomaly':<18} {'severity':<9} {'state':<10} {'left':>7}  {'until':<8}"
        return ((columns + ("  what is known" if compound.has_remarks(width) else ""), "muted"),)

    def nothing(self) -> str:
        """What is shown when no injection is active."""
        return "nothing is injected"

    def row(self, view: ViewState, item: ListedInjection, width: int) -> Line:
        """The same on every console that looks at the cluster; what is held back is known to this one alone."""
        if isinstance(item, OpenCase):
            return collecting.held_line(view, item, width)
        if isinstance(item, PartStatus):
            return compound.part_row(view, item, width)
        orphan = item.state is InjectionState.ORPHANED
        remark: Tone = "muted"
        tone: Tone = "bad" if orphan else "plain"
        state = item.state.upper() if orphan else str(item.state)
        active = item.state is InjectionState.ACTIVE
        left = countdown(item.deadline_s - view.now_s) if active else view.glyphs.unknown
        label = view.glyphs.fit(view.anomaly_label(item.anomaly), 18)
        return (
            (f" {view.glyphs.down if orphan else ' '} ", "bad"),
            (f"{view.glyphs.fit(item.node, 12)} {label} ", "bad" if orphan else "strong"),
            (f"{item.severity:<9} ", "plain"),
            (f"{state:<10} ", tone),
            (f"{left:>7}  ", "warn" if active else "muted"),
            (f"{clock(view.wall_s(item.deadline_s))}", "plain"),
            *((("  " + view.glyphs.fit(item.detail, width - 75), remark),) if compound.has_remarks(width) else ()),
        )

    def detail(self, view: ViewState, item: ListedInjection, width: int) -> list[Line]:
        """Everything known about the injection, with how it ends; of one of several, planned against real."""
        if isinstance(item, OpenCase):
            return collecting.case_lines(view, item, width)
        act, of_one = view.snapshot.compound, [] if isinstance(item, PartStatus) else self._of_one(view, item, width)
        if act is None or len(act.parts) == 1 or item.id not in {part.id for part in act.parts}:
            return of_one
        return [*compound.act_lines(view, act, width, marked=item.id), *([BLANK, *of_one] if of_one else [])]

    def _of_one(self, view: ViewState, item: Injection, width: int) -> list[Line]:
        lines: list[Line] = []
        if item.state is InjectionState.ORPHANED:
            lines += block(f" {view.glyphs.down} ORPHANED: ", item.detail or "nothing ends it", width, "bad")
            said = f"nothing new begins on {item.node} until it is cleared: by key, or with distdiag clear {item.id}"
            lines += block(" ", said, width)
        elif item.detail:
            lines += block(" ", item.detail, width)
        begun = f"begun {clock(view.wall_s(item.started_s))}, ends by itself {clock(view.wall_s(item.deadline_s))}"
        about = (("id", item.id), ("anomaly", item.anomaly), ("by", item.owner), ("time", begun))
        return [*lines, *(((fit(f" {name}", 9), "muted"), (value, "plain")) for name, value in about)]

    def action_clear_one(self) -> None:
        """End the injection under the cursor."""
        if reason := self.console.refused(BY_ID["clear-one"]):
            self.console.report(f"nothing is cleared: {reason}", "warning")
            return
        injection, view = self.chosen_item(), self.console.view
        if isinstance(injection, OpenCase):
            cancel_injecting(self.console)
        elif isinstance(injection, PartStatus):
            call_off(self.console)
        elif injection is not None and view is not None:
            clear(self.console, injection)
