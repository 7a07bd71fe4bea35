"""The example of a cluster file and the tables of the page about its keys, made from the settings classes."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import MISSING, dataclass, fields, is_dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from distdiag_core.cluster import inventory, layers, sections
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.settings import allowed_values, yaml_document
from distdiag_core.settings.model import Example

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WIDTH = 120
# Values that an example shows well enough.
_OBVIOUS = ("a text", "text that is not empty", "true or false")
BEGIN = "<!-- made by `make reference`: change the settings classes instead -->"
END = "<!-- end of what is made -->"

_HEAD = """\
A cluster file, with every key that it may have. Yours is ~/.config/distdiag/clusters/NAME.yaml; any other is named with
--config FILE. `distdiag config check` finds mistakes.

Unknown keys are errors. Only `name` and `nodes` with their `name` and `host` are required; a value here is an example,
and its default is named where there is one.

A flag of the command line wins over a variable of the environment, which wins over this file (what a node says of its
own included), which wins over the default. The variables, each written like the value here:
{variables}
All other keys are for this file alone. DISTDIAG_READ_ONLY can only be true: a variable may set a limit, and never lifts
one."""

_MORE_NODES = """\

  - name: n2
    host: 10.0.0.12
    zone: zone2
    # The sections ssh and sql of a node override those of the cluster, key by key.
    ssh:
      port: 2222
    sql:
      port: 2882

  - name: n3
    host: 127.0.0.1
    connection: local
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a settings class.

    Attributes:
        what: its description, one paragraph.
        values: the values that it allows, in words.
        default: as YAML; None where it has none, or where the description names it.
        example: as YAML; None for a section.
        alternative: it excludes another key of the example.
        section: the settings class of what is below it.
    """

    key: str
    what: str
    values: str
    default: str | None
    example: str | None
    required: bool = False
    alternative: bool = False
    section: type[Any] | None = None


def example() -> str:
    """The text of `config/cluster.example.yaml`."""
    variables = textwrap.wrap(" ".join(layers.VARIABLES), _WIDTH - 4, initial_indent="  ", subsequent_indent="  ")
    lines = [f"# {line}".rstrip() for line in _HEAD.format(variables="\n".join(variables)).split("\n")]
    for entry in _cluster_entries():
        lines += ["", *_example_of(entry, "")]
    lines += ["", "# The hosts of the cluster.", "nodes:"]
    node = [line for entry in _entries(NodeSettings) if entry.section is None for line in _example_of(entry, "")]
    first = next(index for index, line in enumerate(node) if not line.startswith("#"))
    lines += [f"  # {line.removeprefix('# ')}" for line in node[:first]]
    lines += [f"  - {node[first]}", *(f"    {line}" for line in node[first + 1 :])]
    return "\n".join(lines) + "\n" + _MORE_NODES


def page() -> str:
    """The tables of `docs/configuration.md`, without the markers around them."""
    entries = tuple(_cluster_entries())
    parts = ["## The cluster", "", *_table(entry for entry in entries if entry.section is None)]
    parts += ["", "`nodes` is a list of nodes, and is required.", "", "## `nodes`", "", *_table(_entries(NodeSettings))]
    for entry in entries:
        if entry.section is not None:
            parts += _section(entry.key, entry.what, entry.section)
    return "\n".join(parts) + "\n"


def with_tables(text: str) -> str:
    """The page `text` with its tables made anew."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{page()}\n{END}{tail}"


def _cluster_entries() -> Iterator[Entry]:
    """The keys of the cluster file but `nodes`, in the order of the example."""
    found, choices = sections.everything()
    names = {choice.key: choice for choice in choices}
    for entry in _entries(ClusterSettings):
        if entry.key in names:
            yield _with_choices(entry, names[entry.key])
        elif entry.key in inventory.KEYS and entry.key != "nodes":
            yield entry
    for key, section in sorted(found.items()):
        yield Entry(key, _description(section.settings), "", None, None, section=section.settings)


def _with_choices(entry: Entry, choice: sections.Choice) -> Entry:
    kinds: list[sections.Kind] = [choice.kinds.get(name) for name in choice.kinds.names()]
    what = f"{entry.what} {'; '.join(f'{kind.name}: {kind.summary}' for kind in kinds)}."
    several = "a list of" if entry.values.startswith("a list") else "one of"
    names = ", ".join(kind.name for kind in kinds)
    return Entry(entry.key, what, f"{several} {names}", entry.default, entry.example)


def _entries(settings: type[Any]) -> Iterator[Entry]:
    described = docstrings(settings)
    for field in fields(settings):
        kind, metadata = allowed_values.plain(allowed_values.fields_of(settings)[field.name])
        section = kind if isinstance(kind, type) and is_dataclass(kind) else None
        shown = next((each for each in metadata if isinstance(each, Example)), None)
        default = None if field.default in (MISSING, None, "") else _yaml(field.default)
        what = described.get(field.name) or (_description(section) if section is not None else "")
        yield Entry(
            key=field.name,
            what=" ".join(what.split()),
            values="" if section is not None else allowed_values.expected(kind, metadata),
            default=default,
            example=_yaml(shown.value) if shown is not None else default,
            required=field.default is MISSING and field.default_factory is MISSING,
            alternative=shown is not None and shown.alternative,
            section=section,
        )


def docstrings(settings: type[Any]) -> dict[str, str]:
    """The docstrings under the fields of a settings class; pydantic would read them at every start of the program."""
    body = cast("ast.ClassDef", ast.parse(textwrap.dedent(inspect.getsource(settings))).body[0]).body
    found = {}
    for field, text in pairwise(body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as said)):
                found[name] = inspect.cleandoc(said)
    return found


def _description(settings: type[Any]) -> str:
    """The docstring of a settings class as one paragraph, without its attributes."""
    return " ".join((inspect.getdoc(settings) or "").partition("Attributes:")[0].split())


def _example_of(entry: Entry, indent: str) -> Iterator[str]:
    about = entry.what
    if entry.section is None:
        about += f" {entry.values[:1].upper()}{entry.values[1:]}." if entry.values not in _OBVIOUS else ""
        about += " Required." if entry.required else ""
        about += f" Default: {entry.default}." if entry.default is not None else ""
    for line in textwrap.wrap(about, _WIDTH - len(indent) - 2 - 4):
        yield f"{indent}# {line}"
    if entry.section is None:
        yield f"{indent}{'# ' if entry.alternative else ''}{entry.key}: {entry.example}"
        return
    yield f"{indent}{entry.key}:"
    for each in _entries(entry.section):
        yield from _example_of(each, f"{indent}  ")


def _section(key: str, what: str, settings: type[Any]) -> Iterator[str]:
    """The heading and the table of a section, and of the sections within it."""
    entries = tuple(_entries(settings))
    yield from ("", f"## `{key}`", "", what, "", *_table(entries, f"{key}."))
    for entry in entries:
        if entry.section is not None:
            yield from _section(f"{key}.{entry.key}", entry.what, entry.section)


def _table(entries: Iterable[Entry], above: str = "") -> Iterator[str]:
    yield "| key | value | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for entry in entries:
        values = entry.values or f"a section, as [`{above}{entry.key}`](#{above.replace('.', '')}{entry.key})"
        default = f"`{entry.default}`" if entry.default is not None else "required" if entry.required else ""
        yield f"| `{entry.key}` | {values} | {default} | {entry.what} |".replace("  |", " |")


def _yaml(value: object) -> str:
    """A value on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_yaml(each) for each in value)}]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return yaml_document.dump([value]).removeprefix("- ").strip()
