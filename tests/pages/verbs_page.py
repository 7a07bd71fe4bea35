"""The page of the verbs, from the commands of the command line and the types of their JSON."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.global_options import global_options
from distdiag_core.cli.main import distdiag
from tests.pages.command_line import leaves
from tests.pages.json_notation import notation
from tests.pages.json_shapes import SHAPES
from tests.pages.markdown import anchor, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INTRODUCTION = """\
# Verbs

Every operation of the console has a verb. This page is made from the commands by `make reference`: change those, not
this page.

- **Global options** stand before or after the verb.
- **`--json`** prints data alone on stdout; messages go to stderr. Keys may be added, none of these changes its meaning.
  A figure that is unknown is null; a key with `?` is there in some cases alone. [verbs.schema.json](verbs.schema.json)
  has the same as JSON Schema, by verb. Times are seconds since the epoch where they end with `_s` or are called time,
  onset, start or end, and durations in seconds.
- **Exit codes**: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused by a safety rule, 130 interrupted.
- **Times** such as `--for` are `60s`, `2m`, `1.5h`, or a number of seconds.

{options}
"""
_OPTIONS = ("option", "value", "default", "meaning")


def page() -> str:
    """The whole page."""
    verbs = tuple(leaves())
    options = table(("option", "variable", "meaning"), map(_global, _options(global_options())))
    names = table(("verb", "what it does"), ((f"[`{name}`](#{anchor(name)})", _first(each)) for name, each in verbs))
    return _INTRODUCTION.format(options=options) + names + "".join(map(_section, verbs))


def _section(verb: tuple[str, click.Command]) -> str:
    name, command = verb
    context = click.Context(command, info_name=f"distdiag {name}", help_option_names=[])
    usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")
    rows = [_row(option) for option in _options(command.params) if option.opts != ["--json"]]
    parts = [f"\n## {name}\n", f"    distdiag {name} {usage}".rstrip() + "\n", f"{_help(command)}\n"]
    said = [_json(name)] if name in SHAPES else []
    return "\n".join([*parts, *([table(_OPTIONS, rows)] if rows else []), *said])


def _json(verb: str) -> str:
    shape = SHAPES[verb]
    schema = shape.schema()
    same = next(name for name, _ in leaves() if name in SHAPES and SHAPES[name].schema() == schema)
    if same != verb:
        return f"With `--json` as [`{same}`](#{anchor(same)}).\n"
    what = f"a line for each {shape.each}" if shape.each else "one value"
    return f"With `--json`, {what}:\n\n```text\n{notation(schema)}\n```\n"


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "").replace("\b\n", "")


def _first(command: click.Command) -> str:
    return _help(command).partition("\n\n")[0].replace("\n", " ")


def _options(params: Iterable[click.Parameter]) -> Iterator[click.Option]:
    return (each for each in params if isinstance(each, click.Option) and not each.hidden)


def _global(option: click.Option) -> tuple[str, ...]:
    return f"`{option.opts[0]}{_value(option)}`", f"`{option.envvar}`" if option.envvar else "", option.help or ""


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
    return names, _value(option).strip(), shown, f"{option.help or ''}{' May be repeated.' if option.multiple else ''}"


def _value(option: click.Option) -> str:
    context = click.Context(distdiag)
    return "" if option.is_flag else f" {option.make_metavar(context)}"
