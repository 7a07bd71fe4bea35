"""Size of the dependencies of each extra, as installed here: `python -m tests.bench.dependency_sizes`."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROJECT = "distdiag"
_MB = 1e6
_LARGEST = 3


def dependencies(name: str, extra: str = "") -> set[str]:
    """Distributions that `name[extra]` brings along, itself left out.

    Raises:
        PackageNotFoundError: one of them is not installed.
    """
    found: set[str] = set()
    left = [(name, extra)]
    while left:
        for wanted in _requirements(*left.pop()):
            each = canonicalize_name(wanted.name)
            if each not in found:
                found.add(each)
                left += [(each, inner) for inner in {"", *wanted.extras}]
    return found


def _requirements(name: str, extra: str) -> Iterator[Requirement]:
    for text in metadata.requires(name) or ():
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
            yield wanted


def size_bytes(name: str) -> int:
    """Size of the files that a distribution has installed, compiled modules left out."""
    files = metadata.files(name) or ()
    paths = {file.locate() for file in files if "__pycache__" not in file.parts}
    return sum(path.stat().st_size for path in map(_real, paths) if path.is_file())


def _real(path: object) -> Path:
    return Path(str(path))


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Extra, how many distributions it adds to the console, their size, and the largest of them."""
    console = dependencies(_PROJECT)
    extras = sorted(metadata.metadata(_PROJECT).get_all("Provides-Extra") or ())
    yield _row("(none)", console)
    for extra in extras:
        try:
            yield _row(extra, dependencies(_PROJECT, extra) - console)
        except metadata.PackageNotFoundError as missing:
            yield extra, "?", "?", f"{missing.name} is not installed here"


def _row(extra: str, names: set[str]) -> tuple[str, str, str, str]:
    sizes = {name: size_bytes(name) for name in names}
    largest = sorted(sizes, key=lambda name: -sizes[name])[:_LARGEST]
    shown = ", ".join(f"{name} {sizes[name] / _MB:.0f}" for name in largest)
    return extra, str(len(names)), f"{sum(sizes.values()) / _MB:.0f}", shown


def main() -> None:
    """Print the table of docs/installing.md."""
    table = [("extra", "packages", "MB", "the largest"), ("---", "---:", "---:", "---"), *rows()]
    sys.stdout.writelines(f"| {' | '.join(row)} |\n" for row in table)


if __name__ == "__main__":
    main()
