"""The pages of the verbs: an index of all, and the options of each group, from the commands of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.global_options import global_options
from distdiag_core.cli.main import distdiag
from tests.pages.json_shapes import SHAPES
from tests.pages.markdown import table
from tests.pages.verb_groups import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.pages.verb_groups import Group, Verb

_INTRODUCTION = """\
# Verbs

What the console does can be done by a verb, too. A verb's name leads to its options, `JSON` to what it prints with
`--json`.

- **Global options** stand before or after the verb; the table is at the end of this page.
- **`--json`** prints data alone on stdout; messages go to stderr. [How to read the JSON](json/README.md)
- **Exit codes**: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused by a safety rule, 130 interrupted.
- **Durations** such as that of `--for` are `60s`, `2m`, `1.5h`, or a number of seconds.
- **Changes** to a cluster are refused where it is read-only, and want `--confirm CLUSTER` where it is marked
  production ([configuration.md](configuration.md)).

`distdiag VERB --help` shows the same in a terminal.
"""
_MADE = "Made from the commands by `make reference`."
_OPTIONS = ("option", "value", "default", "meaning")


def index() -> str:
    """The page with a line for each verb."""
    options = table(("option", "variable", "meaning"), map(_global, _options(global_options())))
    return "\n".join([_INTRODUCTION, *map(_lines_of, GROUPS), f"## Global options\n\n{options}"])


def options_page(group: Group) -> str:
    """The options of the verbs of a group."""
    head = f"# Verbs: {group.title}\n\n[All verbs](../verbs.md) · [JSON of these](../{group.link('json')}). {_MADE}\n"
    return head + "".join(_section(group, verb) for verb in group.verbs())


def _lines_of(group: Group) -> str:
    rows = [
        (f"[`{each.name}`]({group.link('verbs', each.name)})", each.summary, _json(group, each))
        for each in group.verbs()
    ]
    return f"## {group.title}\n\n{table(('verb', 'what it does', 'JSON'), rows)}"


def _json(group: Group, verb: Verb) -> str:
    return f"[JSON]({group.link('json', verb.name)})" if set(verb.commands) & set(SHAPES) else ""


def _section(group: Group, verb: Verb) -> str:
    name, command = next(iter(verb.commands.items()))
    context = click.Context(command, info_name=f"distdiag {name}", help_option_names=[])
    arguments = (piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")
    synopsis = " ".join(["    distdiag", verb.name, *(["KIND"] if verb.of_benchmarks else []), *arguments])
    rows = _rows_by_kind(verb) if verb.of_benchmarks else list(map(_row, _own_options(command)))
    header = ("KIND", *_OPTIONS) if verb.of_benchmarks else _OPTIONS
    shape = [f"{_json(group, verb).replace('](', '](../')}\n"] if _json(group, verb) else []
    return "\n".join(
        [f"\n## {verb.name}\n", f"{synopsis}\n", f"{verb.text}\n", *([table(header, rows)] if rows else []), *shape]
    )


def _rows_by_kind(verb: Verb) -> list[tuple[str, ...]]:
    """A row for each option, and the benchmarks that have it so."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for name, command in verb.commands.items():
        for option in _own_options(command):
            kinds.setdefault(_row(option), []).append(name.rpartition(" ")[2])
    every = len(verb.commands)
    common = [("all", *row) for row, of in kinds.items() if len(of) == every]
    return common + [(", ".join(of), *row) for row, of in kinds.items() if len(of) < every]


def _own_options(command: click.Command) -> Iterator[click.Option]:
    return (each for each in _options(command.params) if each.opts != ["--json"])


def _options(params: Iterable[click.Parameter]) -> Iterator[click.Option]:
    return (each for each in params if isinstance(each, click.Option) and not each.hidden)


def _global(option: click.Option) -> tuple[str, ...]:
    return (
        f"`{option.opts[0]} {_value(option)}`".replace(" `", "`"),
        f"`{option.envvar}`" if option.envvar else "",
        option.help or "",
    )


def _row(option: click.Option) -> tuple[str, ...]:
    names = ", ".join(f"`{each}`" for each in (*option.opts, *option.secondary_opts))
    default = option.default
    shown = (
        f"`{default}`"
        if option.show_default and default not in (None, False, ())
        else "required"
        if option.required
        else ""
    )
    text = option.help or ""
    repeated = " May be repeated." if option.multiple and not ("repeated" in text or "several" in text) else ""
    return names, _value(option), shown, f"{text}{repeated}"


def _value(option: click.Option) -> str:
    kind: Any = option.type
    if option.is_flag:
        return ""
    if isinstance(kind, click.Choice) and all(f"{each}:" in (option.help or "") for each in kind.choices):
        # The meaning has them.
        return (option.name or "").upper()
    if option.metavar is None and isinstance(kind, (click.IntRange, click.FloatRange)):
        number = "whole number" if isinstance(kind, click.IntRange) else "number"
        least = "" if kind.min is None else f" from {kind.min}"
        return f"{number}{least}{'' if kind.max is None else f' to {kind.max}'}"
    if option.metavar is None and kind in (click.INT, click.FLOAT):
        return "whole number" if kind is click.INT else "number"
    return option.make_metavar(click.Context(distdiag))
