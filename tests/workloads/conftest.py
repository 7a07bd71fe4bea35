"""One engine for all tests of the room, since it takes ten seconds to come up."""

from __future__ import annotations

import importlib.util
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.workloads.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if importlib.util.find_spec("pylibseekdb") is None:
        pytest.skip("NOT TESTED: pylibseekdb is not installed (pip install 'distdiag[lab]')")
    if shutil.which("sysbench") is None:
        pytest.skip("NOT TESTED: sysbench is not installed (apt-get install sysbench)")
    engine = Engine(tmp_path_factory.mktemp("engine") / "data")
    engine.start()
    yield engine
    engine.kill()
