"""Manifests are filled as structures: every value keeps its type, and every text stays a text for whoever reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from distdiag_core.anomalies.manifest import POD_VALUES, ChaosTemplate, filled, placeholders, problems, to_yaml
from distdiag_core.anomalies.parameter import Parameter
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from distdiag_core.anomalies.template import Value

TEXT = st.text(max_size=40)
MEANING = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")
STRUCTURE = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{load}", 15),
        ("{load:text}", "15"),
        ("{share:text}", "0.25"),
        ("{load}ms", "15ms"),
        ("{load*share}", 4),
        ("{share*load}MiB", "4MiB"),
        ("{load*load}", 225),
        ("{whole}", 2),
        ("{name}", "a: {load}"),
        ("no placeholder", "no placeholder"),
        (7, 7),
        (["{load}", {"a": "{name}"}], [15, {"a": "a: {load}"}]),
    ],
)
def test_holes_are_filled_with_their_types(template: object, expected: object) -> None:
    result = filled(template, {"load": 15, "share": 0.25, "whole": 2.0, "name": "a: {load}"})
    assert result == expected
    assert type(result) is type(expected)


def test_what_is_not_known_is_named() -> None:
    with pytest.raises(ConfigError, match=r"\{nothing\}: is not known"):
        filled({"a": ["{nothing}"]}, {})


def test_holes_are_found_wherever_they_are() -> None:
    assert placeholders({"a": ["{b}", {"c": "{d*e}x{f:text}"}], "g": 1}) == {"b", "d", "e", "f"}


@given(TEXT)
def test_no_value_becomes_structure(value: str) -> None:
    template = {"alone": "{value}", "within": "<{value}>", "list": ["{value:text}"]}
    assert filled(template, {"value": value}) == {"alone": value, "within": f"<{value}>", "list": [value]}


@given(STRUCTURE)
def test_yaml_says_what_was_meant(structure: object) -> None:
    assert yaml.safe_load(to_yaml(structure)) == structure


@example("1e5")
@example("1234e5678")
@example("0x1f")
@example("on")
@example("~")
@example(".inf")
@example("2026-01-01")
@given(TEXT)
def test_no_reader_of_yaml_takes_a_text_for_anything_else(text: str) -> None:
    node = yaml.compose(to_yaml({"key": text}))
    assert isinstance(node, yaml.MappingNode)
    value = node.value[0][1]
    # Plain is only what begins like a word, and is none that means something to any version of YAML.
    plain = re.fullmatch(r"[A-Za-z][\w./-]*", value.value, re.ASCII) and value.value.lower() not in MEANING
    assert value.value == text
    assert value.style == '"' or plain


def test_a_template_that_cannot_work_is_a_mistake() -> None:
    spec = {"duration": "5s", "delay": "{delay_ms}ms{no_such}"}
    severities: dict[str, dict[str, Value]] = {"low": {"delay_ms": 1, "typo": 1}, "medium": {"delay_ms": 1001}}
    template = ChaosTemplate("PodChaos", spec, severities, {"delay_ms": Parameter(1, 1000)})
    assert list(problems(template, ())) == [
        "spec: duration: is set for every injection; remove it",
        "severities: must be low, medium, high, not low, medium",
        "severities: low: typo: is no parameter",
        "severities: medium: delay_ms: must be a number from 1 to 1000, not 1001",
        f"{{no_such}} is neither a parameter nor one of {', '.join(sorted(POD_VALUES))}",
    ]
