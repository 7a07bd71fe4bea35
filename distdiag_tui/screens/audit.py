"""The audit trail of the cluster: what anybody did to it from this machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on

from distdiag_core.recording import audit_log
from distdiag_core.recording.audit_log import AuditEntry
from distdiag_tui.messages import VerbFailed, VerbSucceeded
from distdiag_tui.screens.listing import Listing
from distdiag_tui.views import audit

if TYPE_CHECKING:
    from collections.abc import Hashable

    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState


class AuditScreen(Listing[AuditEntry]):
    """The newest action first, as the trail was when the screen was opened."""

    def __init__(self) -> None:
        super().__init__("AUDIT TRAIL")
        self._entries: tuple[AuditEntry, ...] = ()
        self._nothing = "reading the trail ..."

    def on_mount(self) -> None:
        """Read the trail, which may be long, where the screen does not wait for it."""

        async def read(verbs: Operations) -> audit_log.Trail:
            return await asyncio.to_thread(audit_log.read, None, verbs.cluster.name)

        self.console.perform("audit", "reading the audit trail", read, reply_to=self)

    @on(VerbSucceeded)
    def _read(self, message: VerbSucceeded) -> None:
        message.stop()
        found: audit_log.Trail = message.result
        self._entries, self._nothing = tuple(reversed(found.entries)), "nothing was done to this cluster yet"
        self.repaint()
        if found.damaged:
            self.console.report(f"the audit trail is damaged, and these lines are left out: {'; '.join(found.damaged)}")

    @on(VerbFailed)
    def _not_read(self, message: VerbFailed) -> None:
        message.stop()
        self._nothing = str(message.error)
        self.repaint()

    def items(self, view: ViewState) -> tuple[AuditEntry, ...]:
        """Of this cluster."""
        return self._entries

    def key(self, item: AuditEntry) -> Hashable:
        """Nothing is changed once it is on the trail."""
        return id(item)

    def header(self, width: int) -> Line:
        """The columns."""
        return audit.HEADER

    def row(self, view: ViewState, item: AuditEntry, width: int) -> Line:
        """One action."""
        return audit.row(item, width, view.glyphs)

    def detail(self, view: ViewState, item: AuditEntry, width: int) -> list[Line]:
        """With its parameters and its reason."""
        return audit.detail(item, width)
