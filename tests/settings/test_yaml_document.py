"""YAML by the core schema of version 1.2, read and written."""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import ConfigError
from distdiag_core.settings import yaml_document

_scalar = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
_like_numbers = st.from_regex(r"[-+]?[0-9_.:eEoOxXbB+-]{1,8}", fullmatch=True)
_like_words = st.sampled_from(
    ["yes", "No", "on", "OFF", "y", "true", "False", "null", "~", "", "<<", ".nan", "2026-01-31"]
)
_text = _like_numbers | _like_words | st.text(max_size=12)
_data = st.recursive(
    _scalar | _text, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3), max_leaves=8
)


def _read(text: str) -> Any:  # noqa: ANN401 - YAML has no narrower type
    return yaml_document.parse(text, where="x.yaml").data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22", 22),
        ("022", 22),
        ("-7", -7),
        ("+7", 7),
        ("0o22", "0o22"),
        ("0x16", "0x16"),
        ("0b1", "0b1"),
        ("22:10", "22:10"),
        ("1:30:00.5", "1:30:00.5"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e5", 1e5),
        ("1.5E-3", 0.0015),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("off", "off"),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31 10:00:00", "2026-01-31 10:00:00"),
        ("!!str 22", "22"),
        ("!!int 22", 22),
        ("'22'", "22"),
    ],
)
def test_scalars_are_read_by_version_1_2(text: str, value: object) -> None:
    read = _read(f"key: {text}")["key"]
    assert read == value
    assert type(read) is type(value)


def test_not_a_number_is_read() -> None:
    assert math.isnan(_read(".nan"))


@given(_data)
def test_what_is_written_is_read_back(data: object) -> None:
    assert _read(yaml_document.dump(data)) == data


@pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\u2029"])
def test_other_line_ends_in_keys_and_values_are_read_back(end: str) -> None:
    assert _read(yaml_document.dump({end: f"a{end}b"})) == {end: f"a{end}b"}


def test_merged_keys_are_read_and_named_by_their_own_lines() -> None:
    document = yaml_document.parse("base: &base {a: 1,\n  b: 2}\nown:\n  <<: *base\n  b: 3\n", where="x.yaml")
    assert document.data == {"base": {"a": 1, "b": 2}, "own": {"a": 1, "b": 3}}
    assert document.place(("own", "b")) == "x.yaml:5: own.b"
    assert document.place(("own", "a")) == "x.yaml:1: own.a"
    assert document.repeated == ()


def test_keys_that_are_given_twice_are_found_with_their_lines() -> None:
    document = yaml_document.parse("a: 1\nb: {c: 1, c: 2}\na: 2\n", where="x.yaml")
    assert document.repeated == (
        (2, "x.yaml:2: c: is given twice; remove one of the two"),
        (3, "x.yaml:3: a: is given twice; remove one of the two"),
    )


_LAUGHS = "a0: &a0 [ha, ha]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 200))
_KEYS = ", ".join(f"k{number}: 1" for number in range(2000))


@pytest.mark.parametrize(
    "text",
    [
        _LAUGHS,
        f"base: &base {{{_KEYS}}}\nall:\n" + "- {<<: *base}\n" * 2000,
        f"base: &base {{{_KEYS}}}\nown:\n  <<: [{', '.join(['*base'] * 2000)}]\n",
        "m0: &m0 {a: 1}\n" + "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 20)}]}}\n" for n in range(1, 20)),
    ],
    ids=["aliases of aliases", "merged into many", "merged many times", "merges of merges"],
)
def test_aliases_that_make_a_huge_value_are_refused_before_it_is_made(text: str) -> None:
    # Each would take minutes or all memory, and ends the test by its time-out.
    with pytest.raises(ConfigError, match=r"^x\.yaml: is not valid here: its aliases repeat more than 100,000 values"):
        yaml_document.parse(text, where="x.yaml")


@pytest.mark.parametrize("text", ["a: &a [1, *a]", "a: &a\n  b: {c: *a}", "&a\nx: {<<: *a}"])
def test_aliases_within_themselves_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:1: is not valid here: an alias stands within"):
        yaml_document.parse(text, where="x.yaml")


def test_aliases_that_a_person_writes_are_read() -> None:
    text = f"base: &base {{{_KEYS}}}\nall:\n" + "- {<<: *base}\n" * 10 + "- *base\n" * 10
    assert [len(each) for each in _read(text)["all"]] == [2000] * 20


def test_a_file_of_many_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("- 1\n" * 2_500_000, encoding="ascii")
    with pytest.raises(ConfigError, match="it has more than 8 MiB"):
        yaml_document.read(path)


def test_nothing_else_reads_yaml() -> None:
    root = Path(__file__).parents[2]
    readers = {name for name in dir(yaml) if "load" in name.lower() or name in {"compose", "scan", "parse"}}
    found = {
        path.name
        for tree in ("distdiag_core", "distdiag_tui")
        for path in (root / tree).rglob("*.py")
        if "yaml." in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "yaml"
        and node.attr in readers
    }
    assert found == {"yaml_document.py"}
