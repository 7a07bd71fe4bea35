"""What every room's tests may need."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

_TESTS = Path(__file__).parent

# On a busy machine an example may take any time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Places of our own for everything that distdiag keeps."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start an engine; those of one engine stay in one process, since starting it takes long."""
    for item in items:
        if "engine" in getattr(item, "fixturenames", ()) or item.path.name == "test_loopback.py":
            item.add_marker("engine")
            item.add_marker(pytest.mark.xdist_group(f"engine of {item.path.relative_to(_TESTS).parts[0]}"))
