"""The commands that a page shows, and what the command line would say to them; nothing is run."""

from __future__ import annotations

import inspect
import re
import shlex
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.main import distdiag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.pages.markdown import Document

# Before the program itself: where it is, whose it is, and variables of its own.
_PROGRAM = re.compile(
    r"^(?:\w+=\S+ )*(?:ExecStart=)?(?:/usr/bin/env )?(?:sudo -u \w+ )?(?:\.venv/bin/)?distdiag(?= |$)"
)
# What stands for a word of the command line itself.
_WORDS = {"KIND": "sysbench", "VERB": "info"}
_VALUES = {"ID": "1", "NUMBER": "1", "DURATION": "60s"}


def commands(page: Document) -> Iterator[tuple[str, bool]]:
    """The arguments of each command, and whether it is a whole one: within a sentence it may be the name of a verb."""
    for line in page.code():
        if found := _PROGRAM.match(line):
            yield line[found.end() :], True
    for text in page.inline():
        if found := _PROGRAM.match(text):
            yield text[found.end() :], False


def problem(command: str, *, whole: bool) -> str:
    """What is wrong with the arguments; empty where nothing is. Brackets and dots of a synopsis are left out."""
    text = re.sub(r"\s2?>.*", "", command)
    words = [word for word in shlex.split(text.replace("[", "").replace("]", ""), comments=True) if word != "..."]
    arguments = [_WORDS.get(word, word.removesuffix("...")) for word in words]
    try:
        return _parsed(distdiag, arguments, whole=whole)
    except click.UsageError as error:
        return f"{command.strip()}: {error.format_message()}"


def leaves(command: click.Command = distdiag, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that call it."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    if command.invoke_without_command and name:
        yield name, command
    for word in command.list_commands(context):
        below = command.get_command(context, word)
        if below is not None and not below.hidden:
            yield from leaves(below, f"{name} {word}".strip())


def verb_of(arguments: Sequence[str]) -> str:
    """The words of a command line that name its verb."""
    name = ""
    command: click.Command = distdiag
    for word in arguments:
        below = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if below is not None:
            name, command = f"{name} {word}".strip(), below
    return name


def command_of(name: str) -> click.Command:
    """The command that these words call."""
    command: click.Command = distdiag
    for word in name.split():
        below = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        assert below is not None, name
        command = below
    return command


def plain_help(command: click.Command) -> str:
    """The help of a command, without the marks of click."""
    return inspect.cleandoc(command.help or "").replace("\b\n", "")


def _parsed(command: click.Command, arguments: list[str], *, whole: bool) -> str:
    context = click.Context(command, help_option_names=["-h", "--help"], resilient_parsing=True)
    context.allow_interspersed_args = command.allow_interspersed_args
    values, rest, _ = command.make_parser(context).parse_args(list(arguments))
    if "help" in values:
        return ""
    for param in command.get_params(context):
        _check(param, values.get(param.name or ""), context, whole=whole)
    if isinstance(command, click.Group):
        if not rest:
            return "" if not whole or command.invoke_without_command else f"{arguments}: a verb is missing"
        context.resilient_parsing = False
        _, below, rest = command.resolve_command(context, rest)
        return _parsed(below, rest, whole=whole) if below is not None else f"{arguments}: no such verb"
    return f"{arguments}: too much" if rest else ""


def _check(param: click.Parameter, value: object, context: click.Context, *, whole: bool) -> None:
    """Fail where a value is missing or has no such form; files need not exist."""
    given = value if isinstance(value, (list, tuple)) else (value,)
    texts = [_VALUES.get(each, each) for each in given if isinstance(each, str)]
    if whole and param.required and not texts:
        raise click.MissingParameter(param=param, ctx=context)
    if (
        whole
        and not isinstance(param.type, (click.Path, click.File, click.Tuple))
        and not getattr(param, "is_flag", False)
    ):
        for text in texts:
            param.type.convert(text, param, context)
