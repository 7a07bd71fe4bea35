"""One Prometheus for all tests of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.prometheus_server import running_prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.prometheus_server import Prometheus

TOKEN = "a-token-of-the-operator"


@pytest.fixture(scope="module")
def token_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the token that Prometheus sends."""
    path = tmp_path_factory.mktemp("token") / "token"
    path.write_text(TOKEN, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, token_file: Path) -> Iterator[Prometheus]:
    """A real one, which sends the token to whatever it scrapes."""
    authorization = {"authorization": {"credentials_file": str(token_file)}}
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), authorization) as server:
        yield server
