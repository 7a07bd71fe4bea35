"""What every room's tests may need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.workloads.engine import Engine

_TESTS = Path(__file__).parent
# Rooms whose tests share the engine of this file, and so a process.
_SHARING = {"cli", "doctor", "operations"}
_LAST_USES = pytest.StashKey[dict[pytest.FixtureDef[object], pytest.Item]]()

# On a busy machine an example may take any time; there are many properties, so that half the usual examples are enough.
settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")


@pytest.fixture
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Places of our own for everything that distdiag keeps."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """OceanBase's engine on loopback, for tests that leave it as it was."""
    from tests.workloads.engine import running_engine

    with running_engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


# Before pytest-xdist reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start an engine, and keep in one process what shares an engine or a fixture of its module."""
    for item in items:
        group = _engine_of(item)
        if group is not None:
            item.add_marker("engine")
        elif any(each.scope == "module" for each in _fixtures_of(item)):
            group = str(item.path.relative_to(_TESTS))
        if group is not None and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which test is the last that uses an engine."""
    session.stash[_LAST_USES] = {
        each: item for item in session.items for each in _fixtures_of(item) if each.argname == "engine"
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """End an engine after its last test: it needs memory and processor time even when nobody asks it anything."""
    yield
    for fixture, last in item.session.stash[_LAST_USES].items():
        if last is item:
            fixture.finish(item._request)  # type: ignore[attr-defined]


def _fixtures_of(item: pytest.Item) -> list[pytest.FixtureDef[object]]:
    """The definitions of the fixtures that a test uses."""
    info = getattr(item, "_fixtureinfo", None)
    return [] if info is None else [definitions[-1] for definitions in info.name2fixturedefs.values() if definitions]


def _engine_of(item: pytest.Item) -> str | None:
    """The name of the engine that a test asks, or starts."""
    if "engine" not in getattr(item, "fixturenames", ()) and item.path.name != "test_loopback.py":
        return None
    room = item.path.relative_to(_TESTS).parts[0]
    return "engine" if room in _SHARING else f"engine of {room}"
