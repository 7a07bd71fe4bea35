"""YAML texts with the line of every key, by the core schema of YAML 1.2.

Only decimal digits are a whole number, and only `true` and `false` are booleans. The schema of YAML 1.1, which PyYAML
follows by itself, makes 18 of `022`, 1330 of `22:10`, and a boolean of `no`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

KeyPath = tuple[int | str, ...]

# Of a file; a case with ten thousand labels has one, and reading eight takes a minute.
_MOST_BYTES = 8 * 1024 * 1024
# By aliases, beside the values that are written out.
_MOST_REPEATED = 100_000

# What PyYAML raises where a value does not fit an explicit tag: `!!int x`, `!!bool maybe`, and the like.
_MALFORMED_SCALARS = (ValueError, TypeError, LookupError, AttributeError, OverflowError)

_SCALARS: tuple[tuple[str, str, str], ...] = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("merge", r"<<", "<"),
)


class _Loader(yaml.SafeLoader):
    """Reads scalars by the core schema of YAML 1.2; merge keys are read as well."""


class _Dumper(yaml.SafeDumper):
    """Quotes a text that is a number or a boolean in either version of YAML, and one with other line ends than ours."""


# Only between double quotes are they escaped; elsewhere a reader folds them.
_OTHER_LINE_ENDS = frozenset("\r\x85\u2028\u2029")


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _OTHER_LINE_ENDS & set(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node), 10)


def _set_up() -> None:
    _Dumper.add_representer(str, _text_node)
    _Loader.yaml_implicit_resolvers = {}
    for name, pattern, first in _SCALARS:
        tag, regexp = f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{pattern})\Z", re.ASCII)
        # An empty scalar is looked up by an empty first character.
        characters = [character.replace("\0", "") for character in first]
        _Loader.add_implicit_resolver(tag, regexp, characters)
        _Dumper.add_implicit_resolver(tag, regexp, characters)
    _Loader.add_constructor("tag:yaml.org,2002:int", _decimal)


_set_up()


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML text: its plain data, and the tree that knows the line of every key.

    Attributes:
        where: the file, or what else the text came from.
        repeated: keys that stand twice in one mapping, of which `data` has the last; each with its line and a message.
    """

    where: str
    data: object
    root: yaml.Node | None
    repeated: tuple[tuple[int, str], ...] = ()

    def line(self, path: KeyPath) -> int | None:
        """The line of the innermost part of `path` that is in the text; 1 is the first."""
        return _line(self.root, path)

    def place(self, path: KeyPath) -> str:
        """`file:line: key`, as errors begin."""
        line = self.line(path)
        key = ".".join(str(part) for part in path) or "the whole file"
        return f"{self.where}{f':{line}' if line else ''}: {key}"


def read(path: Path) -> Document:
    """Read the YAML file at `path`, whatever it holds; repeated keys are in the result.

    Raises:
        ConfigError: the file is missing or is not YAML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {_reason(error)}", where=str(path)) from error
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"cannot be read: it has more than {_MOST_BYTES // 1024**2} MiB", where=str(path))
    return parse(text, where=str(path))


def parse(text: str, *, where: str) -> Document:
    """Like `read`, for a text that came from `where`."""
    loader = None
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is not None:
            _check_aliases(root, where)
        # Merged keys are put among the own ones when the data are made.
        repeated = _repeated_keys(root, where)
        data = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        raise ConfigError(f"is not valid YAML: {_yaml_problem(error)}", where=_place(where, error)) from error
    except _MALFORMED_SCALARS as error:
        raise ConfigError(f"is not valid YAML: a value is not what its tag says: {error}", where=where) from error
    except RecursionError as error:
        raise ConfigError("is not valid YAML: it is nested too deeply", where=where) from error
    finally:
        if loader is not None:
            loader.dispose()
    return Document(where, data, root, tuple(repeated))


def dump(data: object) -> str:
    """The YAML text of plain data, in block style; `parse` gives the same data back."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text


def _check_aliases(root: yaml.Node, where: str) -> None:
    """Refuse aliases that would make a huge value of a short text, and those within what they stand for.

    Counted on the tree, before anything is made of it: aliases of aliases grow as a power, merge keys as a product.
    """
    sizes: dict[int, int] = {}
    above: set[int] = set()
    pending = [(root, False)]
    while pending:
        node, inner_known = pending.pop()
        if inner_known:
            above.remove(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(each)] for each in _inner(node))
        elif id(node) in above:
            line = node.start_mark.line + 1
            raise ConfigError("is not valid here: an alias stands within what it stands for", where=f"{where}:{line}")
        elif id(node) not in sizes:
            above.add(id(node))
            pending += [(node, True), *((each, False) for each in _inner(node))]
    if sizes[id(root)] - len(sizes) > _MOST_REPEATED:
        raise ConfigError(
            f"is not valid here: its aliases repeat more than {_MOST_REPEATED:,} values",
            where=where,
            hint="write the values themselves",
        )


def _inner(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _line(node: yaml.Node | None, path: KeyPath) -> int | None:
    line: int | None = node.start_mark.line + 1 if node is not None else None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            # A merged key comes before the key of the mapping itself, which overrides it.
            pair = next(((key, value) for key, value in reversed(node.value) if key.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _repeated_keys(root: yaml.Node | None, where: str) -> list[tuple[int, str]]:
    """Of two equal keys YAML readers silently take the last, so that an edit of the first would do nothing."""
    found: list[tuple[int, str]] = []
    pending, seen = [root], set[int]()
    while pending:
        node = pending.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending += node.value
        elif isinstance(node, yaml.MappingNode):
            keys = set[tuple[str, str]]()
            for key, value in node.value:
                pending.append(value)
                if isinstance(key, yaml.ScalarNode):
                    if (key.tag, key.value) in keys:
                        line = key.start_mark.line + 1
                        found.append((line, f"{where}:{line}: {key.value}: is given twice; remove one of the two"))
                    keys.add((key.tag, key.value))
    return sorted(found)


def _place(where: str, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{where}:{mark.line + 1}" if mark is not None else where


def _yaml_problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or str(error)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
