from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from distdiag_tui.drawing.lines import Line, block, changed_runs, clean, fit, width_of


@given(st.text(max_size=30), st.integers(0, 30))
def test_fit_takes_exactly_its_width(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, "right")) == width


@given(st.text(max_size=60))
def test_clean_text_cannot_move_the_cursor(text: str) -> None:
    assert clean(text).isprintable()
    assert len(clean(text)) == len(text)


def test_fit_marks_what_was_cut() -> None:
    assert fit("observer", 6) == "obser~"
    assert fit("数据库节点", 6, ellipsis="…") == "数据… "
    assert fit("ab", 4, "right") == "  ab"


OLD: Line = (("n1 ", "plain"), (" 31%", "plain"), (" 2M/s", "plain"))


@pytest.mark.parametrize(
    ("new", "runs"),
    [
        (OLD, []),
        ((("n1 ", "plain"), (" 32%", "plain"), (" 2M/s", "plain")), [(5, 1)]),
        ((("n2 ", "plain"), (" 31%", "plain"), (" 2M/m", "plain")), [(1, 1), (11, 1)]),
        ((("n2 ", "plain"), (" 31%", "plain"), (" 3M/s", "plain")), [(1, 8)]),
        ((("n1 ", "plain"), (" 31%", "warn"), (" 2M/s", "plain")), [(3, 4)]),
        ((("n1 ", "plain"), ("down", "bad")), [(3, 9)]),
        ((("n1 ", "plain"), (" 31%", "plain"), (" 2M/s  later", "plain")), [(14, 5)]),
        (OLD[:2], [(8, 4)]),
        ((*OLD, (" up", "good")), [(12, 3)]),
        ((("节点", "plain"),), [(0, 80)]),
    ],
    ids=[
        "nothing",
        "one cell",
        "far apart",
        "near each other",
        "only a tone",
        "shorter",
        "longer",
        "a part less",
        "a part more",
        "wide characters",
    ],
)
def test_only_what_changed_is_painted(new: Line, runs: list[tuple[int, int]]) -> None:
    assert changed_runs(OLD, new, 80) == runs


def test_nothing_is_painted_beyond_the_width() -> None:
    assert changed_runs(OLD, (*OLD, (" and more", "plain")), 12) == []


def test_width_counts_cells_and_not_characters() -> None:
    assert width_of((("节点", "plain"), ("n1", "plain"))) == 6


def test_a_text_goes_on_right_under_itself() -> None:
    lines = [text for _, (text, _) in block("  ", "oltp_read_write on n1, n2, n3: running", 25)]
    assert lines == ["oltp_read_write on n1,", "n2, n3: running"]
