"""The confirmation of a change on a production cluster: the operator types the cluster's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.screens.entry_dialog import EntryDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_tui.console.console import Console


def confirm_production(console: Console, what: str, label: str, confirmed: Callable[[str], None]) -> None:
    """Call `confirmed` with the cluster's name as the operator typed it; at once, with none, outside production.

    A wrong name is reported, and `confirmed` is not called.

    Args:
        what: the change in words, after "to".
        label: of the button.
    """
    cluster = console.runtime.cluster
    if not cluster.production:
        confirmed("")
        return

    def typed(values: dict[str, str] | None) -> None:
        if values is None:
            return
        if values["cluster"] == cluster.name:
            confirmed(values["cluster"])
        else:
            console.report(f"this is a production cluster: type its name to {what}", "warning")

    lines = (f"{cluster.name} is a production cluster. Type its name to {what}.",)
    console.push_screen(EntryDialog("PRODUCTION", lines, {"cluster": ("Cluster's name", "")}, label), typed)
