"""JSON Schema of what a verb prints, from the types of its data; and whether a value is of a schema.

A number that is unknown is printed as null, so that each float may be null.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import types
from collections.abc import Collection, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

if TYPE_CHECKING:
    from collections.abc import Iterator

    Schema = dict[str, Any]

_PLAIN: dict[object, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},
    str: {"type": "string"},
    Path: {"type": "string"},
    type(None): {"type": "null"},
    Any: {},
    object: {},
}
_DEFINITIONS = "#/$defs/"
UNNAMED = "_Object"
"""The name of a `TypedDict` that stands where it is used and nowhere else."""
_PYTHON = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def schema_of(kind: Any) -> Schema:  # noqa: ANN401 - any type
    """The schema of a type as `cli.output.plain` prints its values."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return schema_of(arguments[0])
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(each) for each in arguments]}
    if origin is not None:
        return _container(origin, arguments)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [each.value for each in kind]}
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
    elif is_typeddict(kind):
        names = list(kind.__annotations__)
    else:
        raise TypeError(f"no JSON is known for {kind}")
    hints = hints_of(kind)
    optional: frozenset[str] = getattr(kind, "__optional_keys__", frozenset())
    properties = {name: schema_of(hints[name]) for name in names}
    schema: Schema = {"type": "object"}
    # A class without fields stands for those that are derived from it.
    if names:
        schema |= {"properties": properties, "required": [name for name in names if name not in optional]}
    return {"title": title} | schema if (title := _title(kind)) else schema


def _title(kind: type) -> str:
    """By which `shared` finds an object again; empty for one without a name."""
    if is_typeddict(kind):
        return "" if kind.__name__ == UNNAMED else kind.__name__
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def _container(origin: Any, arguments: tuple[Any, ...]) -> Schema:  # noqa: ANN401 - a generic type
    if issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if origin is tuple and arguments[-1] is not Ellipsis:
        return {"type": "array", "prefixItems": [schema_of(each) for each in arguments]}
    if issubclass(origin, Collection):
        return {"type": "array", "items": schema_of(arguments[0])}
    raise TypeError(f"no JSON is known for {origin}")


@cache
def hints_of(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a class
    """The types of the fields of a class, those that its module imports for type checkers alone included."""
    known: dict[str, Any] = {}
    for base in inspect.getmro(kind) if not is_typeddict(kind) else (kind,):
        if base is not object:
            known |= _imports_for_checkers(base.__module__)
    return get_type_hints(kind, localns=known)


@cache
def _imports_for_checkers(module: str) -> dict[str, Any]:
    source = inspect.getsource(importlib.import_module(module))
    guarded = (
        node for node in ast.parse(source).body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    )
    found: dict[str, Any] = {}
    for each in (statement for guard in guarded for statement in guard.body):
        if isinstance(each, ast.ImportFrom) and each.module:
            imported = importlib.import_module(each.module)
            found |= {name.asname or name.name: getattr(imported, name.name, Any) for name in each.names}
    return found


def shared(schema: Any, found: dict[str, Schema]) -> Any:  # noqa: ANN401 - a part of a schema
    """The schema with a reference in place of each named object, which `found` gets once.

    Raises:
        ValueError: two objects that differ have one name.
    """
    if isinstance(schema, list):
        return [shared(each, found) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: shared(each, found) for key, each in schema.items()}
    if not isinstance(title := schema.get("title"), str):
        return inner
    if found.setdefault(title, inner) != inner:
        raise ValueError(f"two objects are called {title}")
    return {"$ref": f"{_DEFINITIONS}{title}"}


def referred(schema: Any) -> Iterator[str]:  # noqa: ANN401 - a part of a schema
    """The names of the objects that a schema from `shared` refers to, as often as it does."""
    for each in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from referred(each)
    if isinstance(schema, dict) and isinstance(target := schema.get("$ref"), str):
        yield target.removeprefix(_DEFINITIONS)


def inlined(schema: Any, objects: Mapping[str, Schema]) -> Any:  # noqa: ANN401 - a part of a schema
    """The schema with these objects, by their names, in place of what refers to them."""
    if isinstance(schema, list):
        return [inlined(each, objects) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(target := schema.get("$ref"), str) and (name := target.removeprefix(_DEFINITIONS)) in objects:
        return inlined(objects[name], objects)
    return {key: inlined(each, objects) for key, each in schema.items()}


def mismatches(value: object, schema: Schema, where: str = "$") -> Iterator[str]:
    """Each place at which a value is not of a schema; a key that the schema does not name is one, too."""
    if "anyOf" in schema:
        if all(any(mismatches(value, each)) for each in schema["anyOf"]):
            yield f"{where}: {value!r} is none of {schema['anyOf']}"
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{where}: {value!r} is none of {schema['enum']}"
    elif not _is_of(value, schema.get("type")):
        yield f"{where}: {value!r} is no {schema['type']}"
    elif isinstance(value, dict):
        yield from _of_object(value, schema, where)
    elif isinstance(value, list):
        inner = schema.get("prefixItems") or [schema.get("items", {})] * len(value)
        if len(inner) != len(value):
            yield f"{where}: {len(value)} items instead of {len(inner)}"
        for index, (item, of) in enumerate(zip(value, inner, strict=False)):
            yield from mismatches(item, of, f"{where}[{index}]")


def _is_of(value: object, name: object) -> bool:
    if isinstance(name, list):
        return any(_is_of(value, each) for each in name)
    if name in ("integer", "number"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return name is None or isinstance(value, _PYTHON[str(name)])


def _of_object(value: dict[str, object], schema: Schema, where: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for key, item in value.items():
        if key in properties:
            yield from mismatches(item, properties[key], f"{where}.{key}")
        elif "additionalProperties" in schema:
            yield from mismatches(item, schema["additionalProperties"], f"{where}.{key}")
        elif "properties" in schema:
            yield f"{where}.{key}: is not in the schema"
    yield from (f"{where}.{key}: is missing" for key in schema.get("required", ()) if key not in value)
