"""A source that is one new file: the one of docs/extending.md, put beside the sources that ship."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import inventory
from distdiag_core.errors import ConfigError
from distdiag_core.metrics import sources
from distdiag_core.metrics.source import SOURCES, BackfillKind, SampledKind, metrics_of
from distdiag_core.runtime.runtime import Runtime
from distdiag_core.settings.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
_MODULE = "distdiag_core.metrics.sources.toy"
_CLUSTER = """\
name: mine
interval_s: 0.2
sources: [host, toy]
sql: {port: 9}
nodes:
  - {name: here, host: 127.0.0.1, connection: local}
toy: {level: 7}
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of the source, in the package of the sources."""
    _, _, rest = _PAGE.read_text(encoding="utf-8").partition("```python\n")
    file = tmp_path / "toy.py"
    file.write_text(rest.partition("```")[0], encoding="utf-8")
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(tmp_path)])
    yield file
    SOURCES._kinds.pop("toy", None)
    sys.modules.pop(_MODULE, None)
    vars(sources).pop("toy", None)


def _cluster_file(directory: Path, before: str = "", after: str = "") -> Path:
    path = directory / "mine.yaml"
    path.write_text(_CLUSTER.replace(before, after) if before else _CLUSTER, encoding="utf-8")
    return path


@pytest.mark.usefixtures("toy", "own_places")
async def test_its_metric_is_read_by_the_runtime_with_the_settings_of_the_cluster_file(tmp_path: Path) -> None:
    cluster = inventory.load(_cluster_file(tmp_path))
    async with asyncio.timeout(20), Runtime(cluster) as runtime:
        while (await runtime.next_snapshot()).frame.value("here", "toy.level") != 7:
            pass
        snapshot = runtime.snapshot()
    assert snapshot is not None
    metric = snapshot.catalogue.get("toy.level")
    assert metric is not None
    assert metric.label == "toy level"


@pytest.mark.usefixtures("toy")
def test_its_settings_are_shown_with_their_origin(tmp_path: Path) -> None:
    path = _cluster_file(tmp_path)
    origins = {each.key: (each.value, each.origin) for each in inventory.read(path).origins}
    assert origins["toy.level"] == (7.0, f"{path}:7")
    path = _cluster_file(tmp_path, "toy: {level: 7}\n")
    origins = {each.key: (each.value, each.origin) for each in inventory.read(path).origins}
    assert origins["toy.level"] == (1.0, "default")


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("level: 7", "level: -1", ":7: toy.level: must be a number, 0 or more, not -1"),
        ("level: 7", "levle: 7", ":7: toy.levle: unknown key; is level meant?"),
        ("toy: {level: 7}", "tyo: {level: 7}", ":7: tyo: unknown key; is toy meant?"),
        (
            "[host, toy]",
            "[host, tyo]",
            ":3: sources.1: no source is called 'tyo'; there are host, mysql_status, obdiag, prometheus, sysstat, toy",
        ),
    ],
)
def test_its_settings_are_validated(tmp_path: Path, before: str, after: str, problem: str) -> None:
    path = _cluster_file(tmp_path, before, after)
    with pytest.raises(ConfigError) as caught:
        inventory.load(path)
    assert str(caught.value) == f"{path}{problem}"


@pytest.mark.usefixtures("toy")
def test_its_settings_are_validated_where_it_is_not_read(tmp_path: Path) -> None:
    path = _cluster_file(tmp_path, "[host, toy]", "[host]")
    assert inventory.load(path).sources == ("host",)
    path.write_text(path.read_text(encoding="utf-8").replace("level: 7", "level: x"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"toy\.level: must be a number, 0 or more, not 'x'"):
        inventory.load(path)


def test_a_source_of_an_installed_package_is_found_by_its_entry_point(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site"
    (installed / "toybox-1.dist-info").mkdir(parents=True)
    (installed / "toybox-1.dist-info" / "METADATA").write_text("Name: toybox\nVersion: 1\n")
    (installed / "toybox-1.dist-info" / "entry_points.txt").write_text("[distdiag.metrics_sources]\ntoy = toybox\n")
    toy.rename(installed / "toybox.py")
    monkeypatch.syspath_prepend(installed)
    try:
        assert SOURCES.names() == ("host", "mysql_status", "obdiag", "prometheus", "sysstat", "toy")
        assert metrics_of(["toy"]).get("toy.level") is not None
    finally:
        sys.modules.pop("toybox", None)


def test_a_source_that_cannot_be_imported_is_named(toy: Path) -> None:
    toy.write_text("import no_such_module\n")
    with pytest.raises(ConfigError, match="source toy: cannot be imported: No module named 'no_such_module'"):
        SOURCES.get("toy")


def test_two_kinds_of_one_name_are_refused() -> None:
    registry: Registry[SampledKind | BackfillKind] = Registry(
        "source", package="tests", module="source", group="distdiag.none"
    )
    host = SOURCES.get("host")
    assert registry.register(host) is host
    assert registry.register(host) is host
    with pytest.raises(ConfigError, match="two of them are called 'host'"):
        registry.register(replace(host, summary="another"))
