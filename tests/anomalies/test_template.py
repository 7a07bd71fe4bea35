"""Nothing that is typed becomes shell, and what cannot be filled in is said."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distdiag_core.anomalies.template import fill, placeholders, quoted_placeholders
from distdiag_core.errors import ConfigError

# What `str.isprintable` is true of; most texts of any characters are not, and would be thrown away.
PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(PRINTABLE)
def test_the_shell_sees_every_value_as_one_word(value: str) -> None:
    command = fill("printf '%s\\n' a{value}b {value}", {"value": value})
    ran = subprocess.run(["sh", "-c", command], capture_output=True, check=True, encoding="utf-8")
    assert ran.stdout == f"a{value}b\n{value}\n"
    assert ran.stderr == ""


@pytest.mark.parametrize("value", ["", "a\nb", "a\0b", "\x1b[31m"])
def test_what_nobody_types_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="value"):
        fill("echo {value}", {"value": value})


def test_a_value_is_not_filled_again() -> None:
    assert fill("echo {a} {b}", {"a": "{b}", "b": 1}) == "echo '{b}' 1"


def test_numbers_are_written_as_programs_expect_them() -> None:
    assert fill("{a} {b} {c}", {"a": 60.0, "b": 0.25, "c": 7}) == "60 0.25 7"


def test_a_missing_value_is_named() -> None:
    with pytest.raises(ConfigError, match="device"):
        fill("dd of={device}", {})


def test_the_braces_of_shell_and_awk_are_left_alone() -> None:
    template = "awk '{ print $1 }' ${HOME}/x | sed 's/a{2}//' {real}"
    assert placeholders([template]) == {"real"}
    assert fill(template, {"real": 1}) == "awk '{ print $1 }' ${HOME}/x | sed 's/a{2}//' 1"


def test_holes_inside_quotes_are_found() -> None:
    assert quoted_placeholders('a {one} \'b {two}\' "c {three} \\" {four}" {five}') == {"two", "three", "four"}
    assert quoted_placeholders("awk '$1 == '{number}' { exit }'") == frozenset()
