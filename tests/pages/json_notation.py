"""A short notation of JSON Schemas, for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.pages.json_schema import Schema

_WIDTH = 110
_PLAIN = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}


def label(reference: str) -> str:
    """The short name of an object, from what refers to it."""
    return reference.rpartition("/")[2].rpartition(".")[2]


def notation(schema: Schema, indent: int = 0) -> str:
    """The schema: `{"key": text, "other"?: [number]}`, on several lines where it is long; a reference is a name."""
    if "anyOf" in schema:
        return " | ".join(notation(each, indent) for each in schema["anyOf"])
    if "$ref" in schema:
        return label(schema["$ref"])
    if "enum" in schema:
        return " | ".join(json.dumps(each, ensure_ascii=False) for each in schema["enum"])
    match schema.get("type"):
        case None:
            return "any"
        case "object":
            return _object(schema, indent)
        case "array":
            parts = schema.get("prefixItems")
            inner = ", ".join(notation(each, indent) for each in parts) if parts else notation(schema["items"], indent)
            return f"[{inner}]" if parts else f"[{inner}, ...]"
        case list() as names:
            # Every number may be null, which the page says once.
            return " | ".join(_PLAIN[each] for each in names if each != "null")
        case name:
            return _PLAIN[name]


def _object(schema: Schema, indent: int) -> str:
    if "properties" not in schema:
        return f"{{NAME: {notation(schema.get('additionalProperties', {}), indent)}, ...}}"
    required = schema["required"]
    inner = indent + 2
    parts = [
        f'"{name}"{"" if name in required else "?"}: {notation(of, inner)}' for name, of in schema["properties"].items()
    ]
    line = f"{{{', '.join(parts)}}}"
    if "\n" not in line and len(line) + indent <= _WIDTH:
        return line
    lines: list[str] = []
    for part in parts:
        if lines and "\n" not in part and "\n" not in lines[-1] and len(lines[-1]) + len(part) + inner + 2 <= _WIDTH:
            lines[-1] += f", {part}"
        else:
            lines.append(part)
    joined = f",\n{' ' * inner}".join(lines)
    return f"{{\n{' ' * inner}{joined}\n{' ' * indent}}}"
