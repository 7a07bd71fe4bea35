"""What is being collected, and whether the dataset is in balance, as lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.collecting.collecting_status import CollectingStatus, NormalStatus, OpenCase
from distdiag_core.dataset import statistics
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views import collecting
from distdiag_tui.views.balance import bar_line, table_lines
from distdiag_tui.views.training_run import TrainingRun
from distdiag_tui.views.view_state import ViewState
from tests.tui import canned
from tests.tui.canned import ANOMALIES
from tests.tui.walking import text

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot


def view(snapshot: Snapshot, *, training: TrainingRun | None = None) -> ViewState:
    return ViewState(snapshot, ANOMALIES, SETS["block"], snapshot.frame.time_s, training=training)


def with_status(**changes: object) -> Snapshot:
    snapshot = canned.collecting()
    assert isinstance(snapshot.collecting, CollectingStatus)
    return replace(snapshot, collecting=replace(snapshot.collecting, **changes))  # type: ignore[arg-type]


def samples(normal: int, anomalous: int) -> statistics.Statistics:
    return statistics.total([statistics.CaseCounts(normal + anomalous, normal, anomalous, {"cpu_stress": anomalous})])


def test_a_dataset_out_of_balance_says_what_is_missing() -> None:
    lines = collecting.panel_lines(view(canned.collecting()), 34)
    said = text(tuple(lines))
    assert "760 · 83% norm. 17% anom." in said
    assert "✖ add 193 anomalous samples" in said
    assert {tone for line in lines for part, tone in line if "anomalous samples" in part} == {"bad"}


def test_forty_and_sixty_percent_are_balanced() -> None:
    lines = collecting.panel_lines(view(with_status(statistics=samples(40, 60))), 60)
    assert "100 samples · 40% normal 60% anomalous" in text(tuple(lines))
    assert "✔ balanced" in text(tuple(lines))
    assert {tone for line in lines for part, tone in line if part == "balanced"} == {"good"}


@pytest.mark.parametrize("normal", [0, 1, 50, 99, 100])
def test_the_bar_is_as_long_as_its_room_and_parted_by_the_shares(normal: int) -> None:
    line = bar_line(view(canned.calm()), samples(normal, 100 - normal).balance, 52)
    assert width_of(line) == 51
    assert line[0][0].count("━") == round(normal / 2)
    assert line[1][0].count("╍") == 50 - round(normal / 2)


def test_an_empty_dataset_has_an_empty_bar() -> None:
    said = text(tuple(collecting.panel_lines(view(with_status(statistics=samples(0, 0))), 34)))
    assert "no samples yet" in said
    assert "━" not in said.splitlines()[1]


def test_the_stretch_before_holds_an_injection_back() -> None:
    said = text(tuple(collecting.panel_lines(view(canned.collecting()), 34)))
    assert "● REC normal 00:00:31 29 samples" in said
    assert "anomaly cases ON" in said
    assert "CPU stress on n2" in said
    assert "waiting for baseline" in said
    assert "▶before 18/60 s ·anomaly ·after" in said
    held = text(tuple(collecting.held_lines(view(canned.collecting()), 34)))
    assert "CPU stress on n2" in held
    assert held.endswith("waiting for baseline, 00:42")


def test_an_open_case_has_its_three_parts() -> None:
    case = OpenCase("c1", ("cpu_stress on n2", "io_stress on n1"), "after", 5.0, 20.0, "n3 was lost")
    said = text(tuple(collecting.case_lines(view(canned.calm()), case, 60)))
    assert "CPU stress on n2, I/O stress on n1" in said
    assert "✔before ✔anomaly ▶after 5/20 s" in said
    assert "excluded: n3 was lost" in said
    waiting = OpenCase("", ("cpu_stress on n2",), "before", 0.0, 60.0, waiting="n3 is down")
    assert "not steady yet: n3 is down" in text(tuple(collecting.case_lines(view(canned.calm()), waiting, 60)))
    assert "waiting for baseline" not in said


def test_what_is_not_collected_is_said_too() -> None:
    bare = view(with_status(normal=NormalStatus(), anomalies=False, open=(), finished_cases=0, problem="disk full"))
    said = text(tuple(collecting.panel_lines(bare, 34)))
    assert "normal not collected" in said
    assert "anomaly cases off" in said
    assert "disk full" in said
    assert "nothing collected here" in text(tuple(collecting.panel_lines(view(canned.calm()), 34)))
    simulated = replace(canned.calm(), simulated=True)
    lines = collecting.panel_lines(view(simulated), 33)
    assert text(tuple(lines)).split() == ["nothing", "collected", "in", "a", "simulated", "cluster"]
    assert max(map(width_of, lines)) <= 33


def test_a_training_shows_beside_the_dataset_while_it_goes_on() -> None:
    run = TrainingRun("mine", canned.NOW_S, share=0.45)
    assert "training mine  45%" in text(tuple(collecting.panel_lines(view(canned.collecting(), training=run), 40)))
    ended = run.ended(canned.NOW_S + 1, failure="no case has an anomaly")
    assert collecting.training_lines(view(canned.collecting(), training=ended), 40) == []


@pytest.mark.parametrize("width", [60, 80, 99])
def test_one_row_holds_the_word_and_what_is_collected(width: int) -> None:
    (line,) = collecting.one_line(view(canned.collecting()), width)
    assert width_of(line) <= width
    assert "before 18/60 s" in text((line,))
    assert collecting.one_line(view(canned.calm()), width) == []


def test_a_dataset_of_normal_life_alone_shows_every_node_with_nothing() -> None:
    lines = table_lines(view(canned.calm()), "BY NODE", {"n1": 0, "n2": 0}, 60)
    assert [text((line,)).split()[:2] for line in lines[1:]] == [["n1", "0"], ["n2", "0"]]
