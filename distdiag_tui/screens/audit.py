"""The audit log of the cluster: what anybody did to it from this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.recording.audit_log import AuditEntry
from distdiag_tui.operations.read_audit_log import read_audit_log
from distdiag_tui.screens.listing import Listing
from distdiag_tui.views import audit
from distdiag_tui.views.list_fields import audit_fields

if TYPE_CHECKING:
    from collections.abc import Hashable

    from distdiag_core.errors import DistdiagError
    from distdiag_core.recording.audit_log import AuditLog
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class AuditScreen(Listing[AuditEntry]):
    """The newest action first, as the log was when the screen was opened."""

    def __init__(self) -> None:
        super().__init__("AUDIT LOG", reading="reading the log ...")
        self._entries: tuple[AuditEntry, ...] = ()

    def on_mount(self) -> None:
        """Read the log."""
        read_audit_log(self.console, "audit", self, self._read, self._not_read)

    def _read(self, found: AuditLog) -> None:
        self._entries = tuple(reversed(found.entries))
        self.has_read("nothing was done to this cluster yet")
        if found.damaged:
            self.console.report(f"the audit log is damaged, and these lines are left out: {'; '.join(found.damaged)}")

    def _not_read(self, error: DistdiagError) -> None:
        self.has_read(str(error))

    def items(self, view: ViewState) -> tuple[AuditEntry, ...]:
        """The audited operations of this cluster, the newest first."""
        return self._entries

    def fields(self, view: ViewState) -> tuple[Field[AuditEntry], ...]:
        """By time, operation, node, result, length or account."""
        return audit_fields(view)

    def key(self, item: AuditEntry) -> Hashable:
        """The identity of the entry, since entries of the log never change."""
        return id(item)

    def header(self, width: int) -> Line:
        """The column headings of the audit log."""
        return audit.header(width)

    def row(self, view: ViewState, item: AuditEntry, width: int) -> Line:
        """One operation with its time, account, nodes and result."""
        return audit.row(item, width, view.glyphs)

    def detail(self, view: ViewState, item: AuditEntry, width: int) -> list[Line]:
        """The whole entry, with the parameters of the operation and the reason of a failure."""
        return audit.detail(item, width)
