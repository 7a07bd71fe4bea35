"""The pages of the JSON: how to read it, that of the verbs of each group, and that of `distdiag api`."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from tests.pages.api_shapes import API_PATHS
from tests.pages.json_notation import label, notation
from tests.pages.json_schema import inlined, referred, shared
from tests.pages.json_shapes import SHAPES
from tests.pages.markdown import anchor, table
from tests.pages.verb_groups import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.pages.json_schema import Schema
    from tests.pages.json_shapes import Shape
    from tests.pages.verb_groups import Group, Verb

_MADE = "The pages are made from the types by `make reference`."
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ABOUT = "What each verb of distdiag prints with --json, and what `distdiag api` serves: one value, or each line"
_INTRODUCTION = """\
# How to read the JSON

With `--json` a verb prints data alone on stdout: one value, or a line for each of something, as its page says.

- **Keys** may be added in later versions; none changes its meaning.
- **`"key"?`** is there in some cases alone. `NAME` stands for any name.
- **A number** that is unknown is null. `text | null` may be null, too.
- **Times** are seconds since the epoch: `time`, `start`, `end`, `onset`, and keys such as `started_s`. Durations are
  seconds: `seconds`, `duration_s`, `age_s`.
- **A name with a capital**, such as `Injection`, is an object that the end of the page shows.

[schema.json](schema.json) has the same as JSON Schema, by verb. {made}

"""
_API_INTRODUCTION = """\
# JSON by HTTP

[`distdiag api`](../verbs/watch.md#api) serves it, and [prometheus.md](../prometheus.md#without-prometheus-json-by-http)
says how to ask for it. [How to read these shapes](README.md). {made}
"""
# An object that is shorter is shown where it is used, however often.
_SHORT = 50


def introduction() -> str:
    """The page that says how to read the others."""
    rows = [
        (f"[{group.title}]({group.name}.md)", ", ".join(f"`{each.name}`" for each in group.verbs() if _shape(each)))
        for group in GROUPS
    ]
    rows.append(("[JSON by HTTP](api.md)", ", ".join(f"`{path}`" for path in API_PATHS)))
    return _INTRODUCTION.format(made=_MADE) + table(("page", "of"), rows)


def verbs_page(group: Group) -> str:
    """The JSON of the verbs of a group."""
    links = f"[All verbs](../verbs.md) · [options of these](../{group.link('verbs')}) · [how to read it](README.md)"
    shapes = {each.name: shape for each in group.verbs() if (shape := _shape(each)) is not None}
    return f"# JSON: {group.title}\n\n{links}\n{_sections(shapes)}"


def api_page() -> str:
    """The JSON of each path of `distdiag api`."""
    return _API_INTRODUCTION.format(made=_MADE) + _sections(API_PATHS)


def schema() -> str:
    """One JSON Schema with the shape of each verb and path under its name, and those of the objects in them."""
    objects: dict[str, Schema] = {}
    shapes = SHAPES | {f"api {path}": shape for path, shape in API_PATHS.items()}
    bodies = {name: shared(shape.schema(), objects) for name, shape in sorted(shapes.items())}
    whole = {"$schema": _DIALECT, "description": _ABOUT, "$defs": bodies | dict(sorted(objects.items()))}
    return json.dumps(whole, indent=1) + "\n"


def _shape(verb: Verb) -> Shape | None:
    """The shape of a verb; that of its commands for the benchmarks is the same."""
    return SHAPES.get(next(iter(verb.commands)))


def _sections(shapes: Mapping[str, Shape]) -> str:
    """A section for each shape, and one for each object that is used more than once."""
    objects: dict[str, Schema] = {}
    schemas = {name: shared(shape.schema(), objects) for name, shape in shapes.items()}
    named = _named(schemas.values(), objects)
    sections: list[str] = []
    shown: dict[str, str] = {}
    for name, shape in shapes.items():
        schema = inlined(schemas[name], {each: of for each, of in objects.items() if each not in named})
        if (same := shown.setdefault(str(schema), name)) != name:
            text = f"As [`{same}`](#{anchor(same)})."
        else:
            what = f"A line for each {shape.each}" if shape.each else "One value"
            text = f"{what}, {_link(schema)}." if "$ref" in schema else f"{what}:\n\n{_block(schema)}"
        sections.append(f"\n## {name}\n\n{text}\n")
    rest = {each: of for each, of in objects.items() if each not in named}
    sections += ["\n## Objects\n"] if named else []
    sections += [
        f"\n### {label(each)}\n\n{_block(inlined(objects[each], rest))}\n" for each in sorted(named, key=label)
    ]
    return "".join(sections)


def _named(schemas: Iterable[Schema], objects: Mapping[str, Schema]) -> set[str]:
    """The objects to show apart: used more than once, and not short."""
    different = {str(each): each for each in schemas}.values()
    uses = Counter(chain.from_iterable(referred(each) for each in (*different, *objects.values())))
    return {each for each in objects if uses[each] > 1 and len(notation(objects[each])) > _SHORT}


def _link(schema: Schema) -> str:
    name = label(schema["$ref"])
    return f"[{name}](#{anchor(name)})"


def _block(schema: Schema) -> str:
    return f"```text\n{notation(schema)}\n```"
