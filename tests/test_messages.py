"""Foreign values in messages: in words, not as Python writes them."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import distdiag_core
import distdiag_tui
from distdiag_core.errors import quoted
from distdiag_core.settings import allowed_values

if TYPE_CHECKING:
    from collections.abc import Iterator

# What is for programs and debuggers: the repr of a class, a key to compare.
ALLOWED = {"cluster/account.py": 1, "operations/audit.py": 1, "settings/allowed_values.py": 1}


def reprs(source: str) -> Iterator[int]:
    """The lines where a text is made with Python's repr; those of a log are for developers."""
    tree = ast.parse(source)
    logs = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "logger")
        for inner in ast.walk(node)
    }  # fmt: skip
    for node in ast.walk(tree):
        if id(node) in logs:
            continue
        if isinstance(node, ast.FormattedValue) and node.conversion in (ord("r"), ord("a")):
            yield node.lineno
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in ("repr", "ascii", "pformat"):
                yield node.lineno
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "!r}" in node.value:
            yield node.lineno


def test_no_message_is_made_with_repr() -> None:
    for package in (distdiag_core, distdiag_tui):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            found = list(reprs(path.read_text(encoding="utf-8")))
            name = path.relative_to(root).as_posix()
            assert len(found) <= ALLOWED.get(name, 0), f"{path}:{found}"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (np.False_, "false"),
        (5, "5"),
        (np.float32(0.5), "0.5"),
        (np.int64(7), "7"),
        (float("nan"), "nan"),
        pytest.param(10**6000, "a number of many digits", id="long"),
        ("text", "'text'"),
        (b"text", "'text'"),
        (b"\xff", "'\ufffd'"),
        ("it's", '"it\'s"'),
        ("two\nlines\x1b[31m", "'two?lines?[31m'"),
        ("x" * 500, f"'{'x' * 77}...'"),
        (dt.date(2023, 11, 14), "2023-11-14"),
        (dt.datetime(2023, 11, 14, 22, 13, tzinfo=dt.UTC), "2023-11-14T22:13:00+00:00"),
        ([1, [2]], "a list"),
        ((), "an empty list"),
        ({"a": 1}, "a section"),
        (Path("a b"), "'a b'"),
    ],
)
def test_values_are_quoted_in_words(value: object, words: str) -> None:
    assert quoted(value) == words


@pytest.mark.parametrize("value", [b"x", dt.date(2023, 11, 14), None, True, [1], {"a": 1}, {1}])
def test_values_of_settings_are_shown_in_words(value: object) -> None:
    shown = allowed_values.shown(value)
    for word in ("b'", "datetime", "None", "True", "[", "{", '"'):
        assert word not in shown
