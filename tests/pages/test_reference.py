"""The files that are made from the code are as the code makes them."""

from __future__ import annotations

import pytest

from tests.pages.reference import MADE, text_of


@pytest.mark.parametrize("name", MADE)
def test_a_made_file_is_up_to_date(name: str) -> None:
    assert MADE[name](text_of(name)) == text_of(name), "`make reference` writes it anew"
