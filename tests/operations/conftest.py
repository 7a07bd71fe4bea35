"""An engine on loopback, as other rooms have it."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from tests.cluster.conftest import free_port, home, new_server
from tests.workloads.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["engine", "free_port", "home", "new_server"]


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if importlib.util.find_spec("pylibseekdb") is None:
        pytest.skip("NOT TESTED: pylibseekdb is not installed (pip install 'distdiag[lab]')")
    engine = Engine(tmp_path_factory.mktemp("engine") / "data")
    engine.start()
    yield engine
    engine.kill()
