"""`distdiag config init`: a new cluster file, from options or from questions."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.output import say
from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target

_HEAD = """\
# Written by `distdiag config init`. Every other key is explained in docs/configuration.md and in
# config/cluster.example.yaml; `distdiag config check` finds mistakes.
"""
# What stands for the address of a node that is this machine.
_LOCAL = "local"


@dataclass(frozen=True, slots=True)
class _Answers:
    """The values of a new cluster file; None where the default holds."""

    name: str
    nodes: tuple[str, ...]
    ssh_user: str | None
    sql_user: str | None
    sql_port: int | None
    password_env: str | None


@click.command()
@click.option("--name", metavar="NAME", help="Of the cluster; without it: that of --cluster.")
@click.option("--node", "nodes", multiple=True, metavar="NAME=HOST", help="One for each node; HOST may be local.")
@click.option("--ssh-user", metavar="USER", help="Without it: as ~/.ssh/config says, else your own name.")
@click.option("--sql-user", metavar="USER", help="For instance root@tenant; without it: root.")
@click.option("--sql-port", type=click.IntRange(1, 65535), help="Without it: 2881.")
@click.option("--sql-password-env", "password_env", metavar="VARIABLE", help="The variable that holds the password.")
@click.option("--allow-changes", is_flag=True, help="Without it the cluster is read-only: watched, never changed.")
@click.option("--production", is_flag=True, help="What changes the cluster wants its name repeated.")
@click.option("--force", is_flag=True, help="Overwrite the file where there is one.")
@click.pass_obj
def init(
    target: Target, /, name: str | None, nodes: tuple[str, ...], *, allow_changes: bool, production: bool, force: bool,
    **answers: Any,  # noqa: ANN401 - those of `_Answers`
) -> None:  # fmt: skip
    """Write a cluster file below the user's configuration; in a terminal, ask for what no option says."""
    name = name or target.cluster
    if name and nodes:
        asked = _Answers(name, nodes, **answers)
    elif sys.stdin is not None and sys.stdin.isatty():
        asked = _ask(name, nodes, **answers)
    else:
        missing = " and ".join(each for each, known in (("--name", name), ("--node", nodes)) if not known)
        raise ConfigError(
            f"{missing} is missing, and there is no terminal to ask in",
            where="config init",
            hint="for instance --name shop --node n1=10.0.0.11 --node n2=10.0.0.12",
        )
    path = _path_of(asked.name)
    if path.exists() and not force:
        raise _taken(path)
    _write(path, _text(_values(asked, read_only=not allow_changes, production=production)), force=force)
    say(f"{path} is written; `distdiag --cluster {asked.name} config check` validates it after every change")
    say(f"`distdiag --cluster {asked.name} doctor` says what its nodes lack, and what grants or installs it")
    if not allow_changes:
        say("the cluster is read-only: set read_only to false in the file before you inject or start benchmarks")


def _ask(name: str | None, nodes: tuple[str, ...], **known: Any) -> _Answers:  # noqa: ANN401
    """Ask for the name, the nodes, and what no option says of the accounts."""

    def text(question: str, value: str | None = None, default: str = "") -> str | None:
        # On stderr, as every message.
        return value or click.prompt(question, default=default, show_default=bool(default), err=True) or None

    named = text("Name of the cluster", name) or ""
    entered = list(nodes)
    while not nodes:
        entry = text(f"Node {len(entered) + 1} as NAME=HOST, or nothing after the last")
        if entry is None:
            break
        entered.append(entry)
    return _Answers(
        named,
        tuple(entered),
        text("SSH account (nothing: as ~/.ssh/config says)", known["ssh_user"]),
        text("SQL account", known["sql_user"], default="root"),
        known["sql_port"] or click.prompt("SQL port", default=2881, type=click.IntRange(1, 65535), err=True),
        text("Environment variable that holds the SQL password (nothing: none)", known["password_env"]),
    )


def _path_of(name: str) -> Path:
    from distdiag_core import places
    from distdiag_core.settings.model import NAME_PATTERN

    if not re.fullmatch(NAME_PATTERN, name):
        raise ConfigError(
            f"{quoted(name)} is no name of a cluster",
            where="config init",
            hint="use letters, digits, dot, dash and underscore, at most 64 of them",
        )
    return places.clusters_dir() / f"{name}.yaml"


def _values(asked: _Answers, *, read_only: bool, production: bool) -> dict[str, Any]:
    """The content of the file: what was answered, and `read_only`, which is the first thing to change in it."""
    values: dict[str, Any] = {"name": asked.name, "read_only": read_only}
    if production:
        values["production"] = True
    if asked.ssh_user:
        values["ssh"] = {"user": asked.ssh_user}
    sql = {"user": asked.sql_user, "port": asked.sql_port, "password_env": asked.password_env}
    if given := {key: value for key, value in sql.items() if value}:
        values["sql"] = given
    return values | {"nodes": [_node(entry) for entry in asked.nodes]}


def _node(entry: str) -> dict[str, str]:
    name, equals, host = entry.partition("=")
    if not (name and equals and host):
        raise ConfigError(
            f"{quoted(entry)} is no node", where="--node", hint="write NAME=HOST, for instance n1=10.0.0.11"
        )
    if host == _LOCAL:
        return {"name": name, "host": "127.0.0.1", "connection": "local"}
    return {"name": name, "host": host}


def _text(values: dict[str, Any]) -> str:
    """The file as YAML; texts are quoted, so that none is taken for a number or a truth value."""
    lines = [_HEAD.rstrip()]
    for key, value in values.items():
        match value:
            case dict():
                lines += [f"{key}:", *(f"  {inner}: {json.dumps(each)}" for inner, each in value.items())]
            case list():
                entries = (", ".join(f"{inner}: {json.dumps(each)}" for inner, each in node.items()) for node in value)
                lines += [f"{key}:", *(f"  - {{{entry}}}" for entry in entries)]
            case _:
                lines.append(f"{key}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str, *, force: bool) -> None:
    """Write the file, completely or not at all, if it is well-formed.

    Raises:
        ConfigError: the values do not make a cluster, or the file exists, or it cannot be written.
    """
    from distdiag_core.cluster import inventory

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix=".init-", dir=path.parent) as scratch:
            draft = Path(scratch) / path.name
            draft.touch(mode=0o600)
            draft.write_text(text, encoding="utf-8")
            try:
                inventory.load(draft)
            except ConfigError as error:
                raise ConfigError(f"nothing is written: {str(error).replace(str(draft), path.name)}") from error
            if force:
                draft.replace(path)
            else:
                os.link(draft, path)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def _taken(path: Path) -> ConfigError:
    return ConfigError("exists already", where=str(path), hint="edit it, choose another --name, or say --force")
