"""A cluster in memory for campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.small_cluster import SmallCluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    with SmallCluster(tmp_path_factory.mktemp("core")) as core:
        yield core


@pytest.fixture
def recordless(tmp_path: Path) -> SmallCluster:
    """A core that records nothing."""
    return SmallCluster(tmp_path, recorded=False)
