from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from distdiag_tui.views.graph_labels import Labelled, PlacedText, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _HEIGHT = 66, 28


def _disc(x: float, y: float, *texts: str, important: bool = False) -> Labelled:
    return Labelled((x, y), 3, tuple((text, "plain") for text in texts), important)


def _cells(texts: Sequence[PlacedText]) -> list[tuple[int, int]]:
    return [(each.column + at, each.row) for each in texts for at in range(len(each.text))]


def test_a_label_stands_on_the_outer_side() -> None:
    left, right = placed([_disc(20, 10, "n1"), _disc(50, 10, "n2")], _WIDTH, _HEIGHT)
    assert left.column < 20
    assert right.column > 50
    assert (left.row, right.row) == (9, 9)


def test_a_label_gives_way_to_another_disc() -> None:
    first, second = placed([_disc(40, 10, "n1 1.00"), _disc(46, 10, "n2 1.00")], _WIDTH, _HEIGHT)
    assert first.text == "n1 1.00"
    assert first.column + len(first.text) <= 40
    assert second.column > 46


def test_what_is_important_has_its_place_first() -> None:
    quiet, hurt = _disc(40, 10, "quiet"), _disc(40, 11, "hurt", "CPU stress", important=True)
    assert [each.text for each in placed([quiet, hurt], _WIDTH, _HEIGHT)][:2] == ["hurt", "CPU stress"]


def test_where_there_is_no_room_the_first_text_stands_alone() -> None:
    crowd = [_disc(7, row, "name", "marks") for row in range(9)]
    said = [each.text for each in placed(crowd, 14, 9)]
    assert said.count("name") == 9
    assert said.count("marks") < 9


@given(st.lists(st.tuples(st.integers(0, _WIDTH - 1), st.integers(0, _HEIGHT - 1)), max_size=20))
def test_labels_stay_in_the_drawing(middles: list[tuple[int, int]]) -> None:
    found = placed([_disc(x, y, "n1 1.00", "marks") for x, y in middles], _WIDTH, _HEIGHT)
    assert all(0 <= column < _WIDTH and 0 <= row < _HEIGHT for column, row in _cells(found))
    assert sum(each.text == "n1 1.00" for each in found) == len(middles)


def test_a_label_gives_way_to_what_has_its_place_already() -> None:
    (label,) = placed([_disc(40, 10, "n1")], _WIDTH, _HEIGHT, [PlacedText(44, 9, "0.31", "muted")])
    assert label.column + len(label.text) <= 40
