"""Which keys a bar names where there is little room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_tui.widgets.key_bar import fitting

if TYPE_CHECKING:
    from distdiag_tui.drawing.lines import Line

_LABELS: dict[str, Line] = {
    "inject": ((" i", "warn"), (" Inject ", "plain")),
    "events": ((" e", "warn"), (" Events ", "plain")),
    "help": ((" ?", "warn"), (" Help ", "plain")),
    "quit": ((" q", "warn"), (" Quit ", "plain")),
}


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (37, " i Inject  e Events  ? Help  q Quit "),
        (35, " i Inject  e Events  ? Help  q Quit "),
        (34, " i Inject  ? Help  q Quit "),
        (20, " ? Help  q Quit "),
    ],
)
def test_help_and_quit_keep_their_place_and_no_label_is_cut(width: int, said: str) -> None:
    assert "".join(text for text, _ in fitting(_LABELS, width)) == said


def test_what_can_be_spared_gives_way_to_all_others() -> None:
    def said(width: int) -> str:
        return "".join(text for text, _ in fitting(_LABELS, width, {"inject"}))

    assert said(35) == " i Inject  e Events  ? Help  q Quit "
    assert said(34) == " e Events  ? Help  q Quit "
