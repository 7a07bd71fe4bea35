"""The files that are made from the code are as the code makes them."""

from __future__ import annotations

import json

import pytest

from tests.pages.api_shapes import API_PATHS
from tests.pages.command_line import leaves
from tests.pages.json_schema import mismatches
from tests.pages.json_shapes import SHAPES
from tests.pages.reference import MADE, text_of
from tests.pages.verb_groups import GROUPS


@pytest.mark.parametrize("name", MADE)
def test_a_made_file_is_up_to_date(name: str) -> None:
    assert MADE[name](text_of(name)) == text_of(name), "`make reference` writes it anew"


def test_each_verb_with_json_has_a_shape() -> None:
    with_json = {name for name, command in leaves() if any("--json" in each.opts for each in command.params)}
    assert with_json == set(SHAPES)


def test_the_schema_is_that_of_the_shapes() -> None:
    written = json.loads(text_of("docs/json/schema.json"))["$defs"]
    assert set(SHAPES) | {f"api {path}" for path in API_PATHS} <= set(written)
    assert written["doctor"] == {"$ref": "#/$defs/DoctorReport"}
    assert written["DoctorReport"]["properties"]["servers"]["anyOf"][0] == {"$ref": "#/$defs/report.Check"}


def test_each_verb_is_on_the_pages_of_one_group() -> None:
    of_groups = [name for group in GROUPS for verb in group.verbs() for name in verb.commands]
    assert sorted(of_groups) == sorted(name for name, _ in leaves())


@pytest.mark.parametrize(
    "name", [name for name in MADE if name.startswith(("docs/verbs", "docs/json/")) and name.endswith(".md")]
)
def test_a_page_of_verbs_is_short(name: str) -> None:
    assert len(text_of(name).splitlines()) <= 250


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"case": "a"}, []),
        ({"case": 1}, ["$.case: 1 is no string"]),
        ({}, ["$.case: is missing"]),
        ({"case": "a", "more": 1}, ["$.more: is not in the schema"]),
    ],
)
def test_what_is_not_of_a_shape_is_named(value: dict[str, object], wrong: list[str]) -> None:
    assert list(mismatches(value, SHAPES["cases import"].schema())) == wrong
