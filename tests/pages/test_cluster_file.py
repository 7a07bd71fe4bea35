"""The example of a cluster file and the page about its keys: as the settings classes make them, and right."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.cluster import inventory, layers, sections
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from tests.pages import cluster_file

if TYPE_CHECKING:
    from collections.abc import Iterator


def _settings() -> Iterator[type[object]]:
    yield from (ClusterSettings, NodeSettings, SshSettings, SqlSettings)
    yield from (section.settings for section in sections.everything()[0].values())


def test_the_example_is_well_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in layers.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    cluster = inventory.load(places.shipped_config() / "cluster.example.yaml")
    assert [node.name for node in cluster.nodes] == ["n1", "n2", "n3"]
    assert len(cluster.sections) == len(sections.everything()[0])


def test_the_example_shows_every_key() -> None:
    keys = set(re.findall(r"^\s*(?:- |# )?(\w+):(?: |$)", cluster_file.example(), re.MULTILINE))
    wanted = {field.name for kind in _settings() for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    assert wanted - {"sections"} <= keys


@pytest.mark.parametrize("kind", tuple(_settings()), ids=lambda kind: kind.__name__)
def test_every_key_has_a_docstring(kind: type[object]) -> None:
    sections_of = {"ssh", "sql", "sections"}
    assert {field.name for field in dataclasses.fields(kind)} - sections_of <= set(cluster_file.docstrings(kind))  # type: ignore[arg-type]
