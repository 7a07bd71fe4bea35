"""The top SQL of a node: figures, age, and foreign text that moves no cursor."""

from __future__ import annotations

import pytest

from distdiag_core.operations.top_sql import PROCESS_LIST, TopSql
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views.top_sql import lines
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, NOW_S, calm
from tests.tui.canned_sessions import STATEMENTS
from tests.tui.walking import text

_VIEW = ViewState(calm(), ANOMALIES, SETS["ascii"], NOW_S)


@pytest.mark.parametrize("width", [79, 119])
def test_each_statement_has_a_line_with_its_executions_and_times(width: int) -> None:
    found = lines(_VIEW, TopSql("n1", STATEMENTS), NOW_S - 12, width)
    said = text(tuple(found))
    assert max(map(width_of, found)) <= width
    assert "12 s old, from oceanbase.V$OB_SQL_AUDIT" in said
    assert "\x1b" not in said
    (row,) = [line for line in said.splitlines() if "UPDATE stock" in line]
    assert row.split()[:3] == ["1284", "75.0", "96300"]


def test_what_cannot_be_read_is_said_with_the_grant() -> None:
    note = "oceanbase.V$OB_SQL_AUDIT cannot be read; GRANT SELECT ON oceanbase.* TO 'shop'"
    said = text(tuple(lines(_VIEW, TopSql("n1", (), PROCESS_LIST, (note,)), NOW_S, 119)))
    assert "GRANT SELECT ON oceanbase.* TO 'shop'" in said
    assert "no statements" in said
