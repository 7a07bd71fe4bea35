"""YAML by the core schema of version 1.2, read and written."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
