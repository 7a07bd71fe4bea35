"""What is said in two places says the same in both."""

from __future__ import annotations

import tomllib
from pathlib import Path

from distdiag_core.lab import oceanbase, requirements

_ROOT = Path(__file__).parents[1]


def test_make_installs_what_the_lab_asks_for() -> None:
    installed = set((_ROOT / "packages.txt").read_text(encoding="ascii").split())
    assert {*requirements._REQUIRED, *requirements._OPTIONAL} <= installed


def test_the_engine_that_is_installed_is_the_one_that_the_lab_is_made_for() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"]["lab"] == [f"{oceanbase.PACKAGE}=={oceanbase.VERSION}"]
