"""What is said in two places says the same in both."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from distdiag_core.lab import oceanbase, requirements

_ROOT = Path(__file__).parents[1]


def test_make_installs_what_the_lab_asks_for() -> None:
    installed = set((_ROOT / "packages.txt").read_text(encoding="ascii").split())
    assert {*requirements._REQUIRED, *requirements._OPTIONAL} <= installed


def test_the_engine_that_is_installed_is_the_one_that_the_lab_is_made_for() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"]["lab"] == [f"{oceanbase.PACKAGE}=={oceanbase.VERSION}"]


def _locked(name: str) -> dict[str, set[str]]:
    """The versions that a lock file names of each distribution; several where it has one for each Python."""
    versions: dict[str, set[str]] = {}
    for line in (_ROOT / "requirements" / f"{name}.txt").read_text(encoding="ascii").splitlines():
        if not line.startswith(" "):
            pinned = line.split(";")[0].removesuffix("\\").strip()
            distribution, version = pinned.split("==")
            versions.setdefault(distribution, set()).add(version)
    return versions


def test_the_lock_files_have_what_the_project_asks_for() -> None:
    data = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = data["project"]["optional-dependencies"]
    console = data["project"]["dependencies"]
    demo = [*console, *data["dependency-groups"]["build"]]
    demo += [each for name, wanted in extras.items() if name not in {"dask", "dev"} for each in wanted]
    for name, wanted in (("console", console), ("demo", demo), ("test", [*demo, *extras["dev"]])):
        locked = _locked(name)
        for requirement in map(Requirement, wanted):
            versions = locked.get(canonicalize_name(requirement.name), set())
            assert versions, (name, requirement.name, "make lock")
            assert all(version in requirement.specifier for version in versions), (name, str(requirement), "make lock")


def test_the_lock_files_agree_and_can_be_checked_anywhere() -> None:
    tested = _locked("test")
    for name in ("console", "demo"):
        assert _locked(name).items() <= tested.items()
    for name in ("console", "demo", "test"):
        text = (_ROOT / "requirements" / f"{name}.txt").read_text(encoding="ascii")
        assert "://" not in text
        assert "--index-url" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
