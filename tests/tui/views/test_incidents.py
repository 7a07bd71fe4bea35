"""The list of incidents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.incidents.incident_files import RecordedIncident
from distdiag_core.runtime.replay_status import ReplayStatus
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.views import incidents
from distdiag_tui.views.page_title import page_title
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, NOW_S, calm
from tests.tui.canned_incidents import with_incidents

if TYPE_CHECKING:
    from pathlib import Path

REPLAY = ReplayStatus(0, 300, NOW_S - 270, NOW_S + 29, 1, paused=True)


def test_what_a_replay_has_not_come_to_is_called_later(tmp_path: Path) -> None:
    current = with_incidents(tmp_path).incident
    assert current is not None
    for ahead_s, words in ((60.0, "later"), (-60.0, "00:")):
        recorded = RecordedIncident(replace(current, noticed_s=NOW_S + ahead_s))
        view = ViewState(replace(calm(), replay=REPLAY), ANOMALIES, SETS["braille"], NOW_S)
        assert words in "".join(text for text, _ in incidents.row(view, recorded, 120))


def test_every_page_of_a_replay_says_that_it_is_one() -> None:
    view = ViewState(replace(calm(), replay=REPLAY), ANOMALIES, SETS["braille"], NOW_S)
    assert " REPLAY " in [text for text, _ in page_title(view, "incidents", 80)]


def test_the_headings_stand_over_what_they_name(tmp_path: Path) -> None:
    snapshot = with_incidents(tmp_path)
    assert snapshot.incident is not None
    view = ViewState(snapshot, ANOMALIES, SETS["braille"], NOW_S)
    header = "".join(text for text, _ in incidents.header(120))
    row = "".join(text for text, _ in incidents.row(view, RecordedIncident(snapshot.incident), 120))
    for heading, begins in (
        ("onset", "09:29:18"),
        ("root cause", "n2 CPU stress"),
        ("cluster impact", "tps "),
        ("injected", "1, 1 named"),
    ):
        assert header.index(heading) == row.index(begins), heading
