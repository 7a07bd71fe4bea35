"""Tests that share something that takes long to make run in one process."""

from __future__ import annotations

import pytest


def test_every_group_is_known_to_what_hands_out_the_tests(request: pytest.FixtureRequest) -> None:
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("NOT TESTED: one process runs all tests (pytest --numprocesses=2 --dist=loadgroup)")
    grouped = [item for item in request.session.items if item.get_closest_marker("xdist_group") is not None]
    # pytest-xdist goes by the end of the name, which it writes once.
    assert [item.nodeid for item in grouped if "@" not in item.nodeid] == []
