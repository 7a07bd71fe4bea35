"""The statements that took most of the time of a node's database, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.lines import BLANK, Line, block

if TYPE_CHECKING:
    from distdiag_core.operations.top_sql import TopSql
    from distdiag_tui.views.view_state import ViewState

# More would push the charts off the screen; the command line shows the rest.
_MOST = 8
_FIGURE_CELLS = 38


def lines(view: ViewState, found: TopSql, asked_s: float, width: int) -> list[Line]:
    """A heading with the age and the source, what could not be read, and a line for each statement."""
    age_s = max(0.0, view.now_s - asked_s)
    about = f"  {age_s:.0f} s old, from {found.source}"
    result: list[Line] = [BLANK, ((" TOP SQL", "accent"), (view.glyphs.fit(about, max(0, width - 8)), "muted"))]
    for note in found.notes:
        result += block(f" {view.glyphs.warning} ", note, width, "warn")
    if not found.statements:
        return [*result, (("   no statements", "muted"),)]
    result.append(((f"   {'executions':>10}  {'mean ms':>9}  {'total ms':>10}  statement", "muted"),))
    for each in found.statements[:_MOST]:
        said = " ".join(each.statement.split())
        figures = f"   {each.executions:>10}  {each.mean_ms:>9.1f}  {each.total_ms:>10.0f}  "
        result.append(((figures, "plain"), (view.glyphs.fit(said, max(0, width - _FIGURE_CELLS)), "plain")))
    return result
