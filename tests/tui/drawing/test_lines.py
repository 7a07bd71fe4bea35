from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from distdiag_tui.drawing.lines import Line, changed_up_to, clean, fit, width_of


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
    ("new", "cells"),
    [
        (OLD, 0),
        ((("n1 ", "plain"), (" 32%", "plain"), (" 2M/s", "plain")), 7),
        ((("n1 ", "plain"), (" 31%", "plain"), (" 3M/s", "plain")), 12),
        ((("n1 ", "plain"), (" 31%", "warn"), (" 2M/s", "plain")), 7),
        ((("n1 ", "plain"), ("down", "bad")), 80),
        ((("n1  ", "plain"), (" 31%", "plain"), (" 2M/s", "plain")), 80),
    ],
    ids=["nothing", "in the middle", "at the end", "only a tone", "another shape", "another width"],
)
def test_only_what_changed_is_painted(new: Line, cells: int) -> None:
    assert changed_up_to(OLD, new, 80) == cells


def test_width_counts_cells_and_not_characters() -> None:
    assert width_of((("节点", "plain"), ("n1", "plain"))) == 6
