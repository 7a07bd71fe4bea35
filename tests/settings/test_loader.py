"""YAML into dataclasses: every mistake has a line, and nothing but ConfigError ever comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tool:
    """What the tests read."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    weight_kg: float = 1.0
    parts: tuple[str, ...] = ()


def problem(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loader.parse(text, Tool, where="tool.yaml")
    return str(caught.value)


def test_good_text_is_read() -> None:
    assert loader.parse("name: saw\nparts: [blade]", Tool, where="x") == Tool("saw", 1.0, ("blade",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: saw\nwieght_kg: 2", "tool.yaml:2: wieght_kg: unknown key; is weight_kg meant?"),
        ("weight_kg: 2", "tool.yaml:1: name: is required but missing"),
        ("name: saw\nparts:\n  - blade\n  - [1]", "tool.yaml:4: parts.1: must be a text, not a list"),
        ("name: saw\nname: axe", "tool.yaml:2: name: is given twice; remove one of the two"),
        ("name: [", "tool.yaml:1: is not valid YAML: "),
        ("name: !!timestamp 2024-13-45", "tool.yaml: is not valid YAML: a value is not what its tag says: "),
        ("name: !!int x", "tool.yaml: is not valid YAML: a value is not what its tag says: "),
        ("name: !!bool maybe", "tool.yaml: is not valid YAML: a value is not what its tag says: "),
        ("name: !!python/object:os.system x", "tool.yaml:1: is not valid YAML: could not determine a constructor"),
        ("[" * 5000, "tool.yaml: is not valid YAML: it is nested too deeply"),
        ("name: \0", "tool.yaml: is not valid YAML: "),
    ],
)
def test_mistake_has_its_place(text: str, expected: str) -> None:
    assert problem(text).startswith(expected)


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problem("weight_kg: heavy\ncolour: red").splitlines()) == 3


def test_bomb_of_aliases_makes_a_short_error() -> None:
    bomb = "\n".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9) if n else 'lol'}]" for n in range(12))
    assert len(problem(f"{bomb}\nname: *x11")) < 10_000


@given(text=st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = loader.parse(text, Tool, where="tool.yaml")
    except ConfigError as error:
        refusal = error
    else:
        assert isinstance(read, Tool)
        return
    assert str(refusal).startswith("tool.yaml")


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.yaml: cannot be read: No such file"):
        loader.load(tmp_path / "no.yaml", Tool)
    (tmp_path / "odd.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(ConfigError, match=r"odd\.yaml: cannot be read: it is not UTF-8"):
        loader.load(tmp_path / "odd.yaml", Tool)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        loader.load(tmp_path, Tool)
