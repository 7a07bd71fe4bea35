"""Advice that ships, and advice of the user that replaces and adds single texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.anomalies import advice_catalogue, catalogue
from distdiag_core.anomalies.advice_catalogue import SECTIONS
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = places.shipped_config() / "advice"
ANOMALIES = sorted(each.name for each in catalogue.load(places.shipped_config() / "anomalies").anomalies)


@pytest.mark.parametrize("anomaly", ANOMALIES)
def test_every_anomaly_has_advice_in_every_section(anomaly: str) -> None:
    advice = advice_catalogue.load((SHIPPED,))[anomaly]
    assert "\n" not in advice.first
    assert all(getattr(advice, section) for section in SECTIONS)


def test_there_is_no_advice_on_what_is_no_anomaly() -> None:
    assert sorted(advice_catalogue.load((SHIPPED,))) == ANOMALIES


def test_a_file_of_the_user_replaces_texts_by_their_keys_and_adds_others(tmp_path: Path) -> None:
    (tmp_path / "cpu_stress.yaml").write_text(
        "first: Zuerst top.\nlook_at: {processes: Welcher Prozess es ist, ticket: Unser Handbuch}\n", encoding="utf-8"
    )
    shipped = advice_catalogue.load((SHIPPED,))["cpu_stress"]
    ours = advice_catalogue.load((SHIPPED, tmp_path))["cpu_stress"]
    assert ours.first == "Zuerst top."
    assert ours.look_at == shipped.look_at | {"processes": "Welcher Prozess es ist", "ticket": "Unser Handbuch"}
    assert next(iter(ours.look_at)) == "processes"
    assert ours.views == shipped.views


def test_files_of_the_user_are_found_in_the_configuration_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    places.advice_dir().mkdir(parents=True)
    (places.advice_dir() / "gremlins.yaml").write_text("first: Feed them before midnight.\n", encoding="utf-8")
    assert advice_catalogue.load()["gremlins"].first == "Feed them before midnight."


def test_all_mistakes_are_named_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "cpu_stress.yaml").write_text("frist: top\n", encoding="utf-8")
    (tmp_path / "gremlins.yaml").write_text("helps: {light: bright light}\n", encoding="utf-8")
    (tmp_path / "memory_stress.yaml").write_text("views: {GV$OB_MEMORY: }\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        advice_catalogue.load((SHIPPED, tmp_path))
    said = str(caught.value)
    assert "cpu_stress.yaml:1: frist: unknown key; is first meant?" in said
    assert "gremlins.yaml: first: is required but missing" in said
    assert "memory_stress.yaml:1: views.GV$OB_MEMORY: must be" in said
