"""Where files are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from distdiag_core import places

KINDS = [
    (places.config_dir, "XDG_CONFIG_HOME", ".config"),
    (places.data_dir, "XDG_DATA_HOME", ".local/share"),
    (places.state_dir, "XDG_STATE_HOME", ".local/state"),
    (places.cache_dir, "XDG_CACHE_HOME", ".cache"),
]


@pytest.mark.parametrize(("place", "variable", "fallback"), KINDS)
def test_variable_counts_if_it_is_absolute(
    place: object, variable: str, fallback: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(place)
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv(variable, "/elsewhere")
    assert place() == Path("/elsewhere/distdiag")
    for useless in ("", "relative/path"):
        monkeypatch.setenv(variable, useless)
        assert place() == Path("/home/somebody") / fallback / "distdiag"


def test_shipped_configuration_is_there() -> None:
    assert (places.shipped_config() / "cluster.example.yaml").is_file()
