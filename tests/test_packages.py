"""The source distribution and the wheel: what is in them, and that the wheel works in a clean environment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from distdiag_core import __version__
from tests.containerfile import copied
from tests.lab.terminal import Terminal

# One process builds and installs for all of them.
pytestmark = [pytest.mark.xdist_group("packages"), pytest.mark.timeout(600)]

_ROOT = Path(__file__).parents[1]
_PACKAGED = ("config", "distdiag_core", "distdiag_tui")
_WITHIN_S = 600
_NAME = f"distdiag-{__version__}"


def _run(*command: str | Path, where: Path) -> str:
    ended = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False, timeout=_WITHIN_S)
    assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def _build(target: str, *, of: Path, into: Path) -> Path:
    _run(sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", into, where=of)
    (made,) = into.iterdir()
    return made


def _committed(*below: str) -> set[str]:
    """The files of the sources that git knows, or would take."""
    listed = _run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *below, where=_ROOT)
    return {name for name in listed.split("\0") if (_ROOT / name).is_file()}


@pytest.fixture(scope="module")
def source_distribution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("sdist", of=_ROOT, into=tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(source_distribution: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the source distribution makes."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(source_distribution) as archive:
        archive.extractall(unpacked, filter="data")
    return _build("wheel", of=unpacked / _NAME, into=tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what the lock file of the console names."""
    environment = tmp_path_factory.mktemp("clean")
    _run(sys.executable, "-m", "venv", environment, where=environment)
    python = environment / "bin" / "python"
    install = (python, "-m", "pip", "install", "--quiet", "--no-compile")
    _run(*install, "--require-hashes", "--requirement", _ROOT / "requirements" / "console.txt", where=environment)
    _run(*install, "--no-deps", wheel, where=environment)
    return environment


def test_the_source_distribution_has_the_sources_and_nothing_else(source_distribution: Path) -> None:
    with tarfile.open(source_distribution) as archive:
        names = {member.name.removeprefix(f"{_NAME}/") for member in archive if member.isfile()}
    assert names == _committed(*_PACKAGED, "README.md", "LICENSE", "pyproject.toml", ".gitignore") | {"PKG-INFO"}


def test_the_wheel_has_the_packages_with_their_configuration_and_nothing_else(wheel: Path) -> None:
    wanted = {f"distdiag_core/{name}" if name.startswith("config/") else name for name in _committed(*_PACKAGED)}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.startswith(f"{_NAME}.dist-info/")}
        about = archive.read(f"{_NAME}.dist-info/METADATA").decode()
        licensed = f"{_NAME}.dist-info/licenses/LICENSE" in archive.namelist()
    assert names == wanted
    assert {"distdiag_core/config/recordings/example.sqlite.xz", "distdiag_core/config/models/lab/model.json"} <= names
    assert licensed
    assert about.startswith("Metadata-Version:")


def test_what_the_image_is_built_from_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    for name in copied():
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (_ROOT / name).is_dir() else shutil.copy
        copy(_ROOT / name, sources / name)
    built = _build("wheel", of=sources, into=tmp_path / "built")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(built) as other:
        checksums = [{each.filename: each.CRC for each in archive.infolist()} for archive in (one, other)]
    assert checksums[0] == checksums[1]


def test_the_wheel_needs_what_its_lock_file_names(clean: Path) -> None:
    assert "No broken requirements" in _run(clean / "bin" / "python", "-m", "pip", "check", where=clean)


def test_the_installed_command_finds_its_configuration(clean: Path) -> None:
    command = clean / "bin" / "distdiag"
    assert _run(command, "--version", where=clean).split() == ["distdiag,", "version", __version__]
    about = json.loads(_run(command, "info", "--json", where=clean))
    shipped = Path(about["shipped configuration"])
    assert shipped.is_relative_to(clean)
    assert shipped.is_dir()
    assert {"cpu_stress", "network_delay"} <= set(json.loads(_run(command, "advice", "--json", where=clean)))


def test_the_installed_console_opens_on_the_recording_that_ships(clean: Path, tmp_path: Path) -> None:
    places = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    # Not from the sources, which Python would find in the working directory.
    command = ["env", "-u", "PYTHONPATH", "-C", str(tmp_path), str(clean / "bin" / "distdiag"), "replay", "example"]
    with Terminal(command, places) as terminal:
        terminal.wait(lambda screen: "ROOT CAUSES" in screen and "n2" in screen, "the recording", within_s=_WITHIN_S)
        terminal.keys("q")
        terminal.wait_end(within_s=_WITHIN_S)
