"""The structure of the code, as far as import contracts cannot express it: no circles, a page each, short files."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_TREES = ("distdiag_core", "distdiag_tui")
# What runs on a node is no part of the program, and comes there without its packages.
_ON_NODES = ("distdiag_core/anomalies/node/", "distdiag_core/lab/node/")
_LONGEST_FILE, _LEAST_PAGE = 400, 6


@dataclass(frozen=True)
class Code:
    """Every module by its dotted name, and which modules each of them imports."""

    files: dict[str, Path] = field(default_factory=dict)
    imports: dict[str, set[str]] = field(default_factory=dict)

    def room(self, module: str) -> str:
        """The package that a module lies in; a loose module is a room of its own."""
        package = self.files[module].name == "__init__.py"
        return module if package or module.count(".") == 1 else module.rpartition(".")[0]

    def arrows(self) -> dict[str, dict[str, str]]:
        """For each room the rooms that it imports, each with an import as the evidence."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for module, targets in self.imports.items():
            for target in targets:
                if self.room(module) != self.room(target):
                    found[self.room(module)].setdefault(self.room(target), f"{module} imports {target}")
        return found


def _read() -> Code:
    code = Code()
    for path in chain.from_iterable((_ROOT / tree).rglob("*.py") for tree in _TREES):
        if path.relative_to(_ROOT).as_posix().startswith(_ON_NODES):
            continue
        parts = path.relative_to(_ROOT).with_suffix("").parts
        code.files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    for module, path in code.files.items():
        code.imports[module] = {
            target if (target := f"{node.module}.{name.name}") in code.files else str(node.module)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in _TREES
            for name in node.names
        }
    return code


CODE = _read()
PACKAGES = sorted(name for name, path in CODE.files.items() if path.name == "__init__.py")


def _circles(arrows: dict[str, dict[str, str]]) -> list[set[str]]:
    """The sets of rooms that reach each other."""
    reach: dict[str, set[str]] = {}
    for room, neighbours in arrows.items():
        seen: set[str] = set()
        ahead = list(neighbours)
        while ahead:
            if (there := ahead.pop()) not in seen:
                seen.add(there)
                ahead += arrows.get(there, {})
        reach[room] = seen
    circles = [{room, *(there for there in seen if room in reach.get(there, ()))} for room, seen in reach.items()]
    return [circle for circle in circles if len(circle) > 1]


def test_rooms_do_not_import_each_other_in_a_circle() -> None:
    arrows = CODE.arrows()
    evidence = [
        why
        for circle in _circles(arrows)
        for room in sorted(circle)
        for to, why in arrows[room].items()
        if to in circle
    ]
    assert evidence == []


def test_a_circle_is_found_when_there_is_one() -> None:
    arrows = {"a": {"b": "a imports b"}, "b": {"c": "b imports c"}, "c": {"b": "c imports b"}}
    assert _circles(arrows) == [{"b", "c"}, {"b", "c"}]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_room_has_a_page_that_says_what_it_may_import(package: str) -> None:
    page = ast.get_docstring(ast.parse(CODE.files[package].read_text(encoding="utf-8"))) or ""
    assert len(page.splitlines()) >= _LEAST_PAGE
    assert "mport" in page


def test_files_stay_short() -> None:
    long = {
        name: lines
        for name, path in CODE.files.items()
        if (lines := len(path.read_text().splitlines())) > _LONGEST_FILE
    }
    assert long == {}
