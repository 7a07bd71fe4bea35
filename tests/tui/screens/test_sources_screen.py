"""The sources of the cluster: their ages in words, and the switch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.screens.sources import SourcesScreen
from distdiag_tui.views import sources
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, calm
from tests.tui.canned_sources import BACKFILL, SOURCES
from tests.tui.conftest import until
from tests.tui.walking import core_of, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running

_TROUBLED = replace(calm(), sources=SOURCES, troubles={("n2", "host"): "n2: ssh: refused"})
_VIEW = ViewState(_TROUBLED, ANOMALIES, SETS["ascii"], _TROUBLED.frame.time_s)


def test_each_source_says_what_it_answers_and_how_old_it_is() -> None:
    host, sysstat, obdiag = (text((sources.row(_VIEW, each, 120),)) for each in SOURCES)
    assert "answers on 2 of 3 nodes" in host
    assert "switched off" in sysstat
    assert "12 min to 13 min old, of 2 of 3 nodes" in obdiag
    failed = replace(SOURCES[2], backfill=replace(BACKFILL, problem="obdiag: is not installed"))
    assert "obdiag: is not installed" in text((sources.row(_VIEW, failed, 120),))


def test_the_figures_of_the_past_have_their_times_and_what_is_missing_is_told() -> None:
    said = text(tuple(sources.detail(_VIEW, SOURCES[2], 150)))
    for part in (
        "every 10 min; the last one added 57 figures to the recording, as backfill",
        "1380 rows, one every 60 s; the newest is 12 min old",
        "34%",
        "tsar_io_data.txt is empty or missing",
        "n3  no figures",
    ):
        assert part in said
    assert "n2  n2: ssh: refused" in text(tuple(sources.detail(_VIEW, SOURCES[0], 100)))


async def test_the_source_under_the_cursor_is_switched_off_and_on(running: Running) -> None:
    async with running(_TROUBLED) as pilot:
        await pilot.press("O")
        await until(pilot, lambda: isinstance(pilot.app.screen, SourcesScreen))
        for on in (False, True):
            await pilot.press("space")
            await until(pilot, lambda on=on: core_of(pilot).runtime.newest.sources[0].on == on)  # type: ignore[misc]
