"""Warehouses at one percent of the specification on the session-wide engine, loaded for each module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workloads.benchmarks.tpcc.warehouses import Warehouses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.workloads.engine import Engine


@pytest.fixture(scope="module")
def warehouses(engine: Engine) -> Iterator[Warehouses]:
    """Two of them, one for each of two nodes that show the same tables."""
    loaded = Warehouses(engine)
    loaded.load("n1", "n2")
    yield loaded
    loaded.drop()
