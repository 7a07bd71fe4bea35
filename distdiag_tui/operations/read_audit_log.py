"""Reading the audit log of a cluster, which may be long, where no screen waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.recording import audit_log
from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump

    from distdiag_core.errors import DistdiagError
    from distdiag_core.recording.audit_log import AuditLog
    from distdiag_tui.console.console import Console


def read_audit_log(
    console: Console,
    name: str,
    owner: MessagePump,
    done: Callable[[AuditLog], None],
    failed: Callable[[DistdiagError], None],
) -> None:
    """Read what was done to the cluster of this console.

    Args:
        name: of the operation; another one of this name is replaced.
        owner: the screen that takes the log.
    """
    operation = Operation["AuditLog"](name, "reading the audit log", done, failed, while_running="replace", owner=owner)
    cluster = console.runtime.cluster.name
    console.run_in_background(operation, lambda: asyncio.to_thread(audit_log.read, None, cluster))
