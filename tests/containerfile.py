"""The Containerfile of deploy/kubernetes, as its instructions."""

from __future__ import annotations

from pathlib import Path

_FILE = Path(__file__).parents[1] / "deploy" / "kubernetes" / "Containerfile"


def instructions(name: str) -> list[str]:
    """What stands after each instruction of that name."""
    lines = _FILE.read_text(encoding="ascii").replace("\\\n", " ").splitlines()
    return [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name} ")]


def copied() -> list[str]:
    """The files and directories of the sources that go into the image."""
    return [source for each in instructions("COPY") if not each.startswith("--from=") for source in each.split()[:-1]]
