"""Verbs import no more than they need: the program starts fast."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from distdiag_core.cli.main import distdiag

if TYPE_CHECKING:
    from pathlib import Path

_WITHIN_S = 60
_LIST_MODULES = """
import sys
from distdiag_tui.main import main
sys.argv = ["distdiag", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
HEAVY = frozenset({"numpy", "scipy", "sklearn", "xgboost", "networkx", "textual", "rich", "asyncssh", "pymysql"})


def imported(*arguments: str) -> set[str]:
    """The modules that a command line imports."""
    command = [sys.executable, "-c", _LIST_MODULES, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=_WITHIN_S, check=True)
    return set(ended.stderr.split())


def test_the_help_imports_no_verb() -> None:
    modules = imported("--help")

    assert not {name for name in modules if name.startswith("distdiag_core.cli.")} & {
        f"distdiag_core.cli.{verb}" for verb in distdiag.list_commands(click.Context(distdiag))
    }
    assert not modules & (HEAVY | {"asyncio", "pydantic", "yaml"})


def test_every_verb_has_a_whole_line_in_the_help() -> None:
    context = click.Context(distdiag)
    text = distdiag.get_help(context)
    for verb in distdiag.list_commands(context):
        (line,) = [line for line in text.splitlines() if line.startswith(f"  {verb} ")]
        assert line.endswith(".")
        assert not line.endswith("...")


@pytest.mark.parametrize("verb", ["config show", "info", "injections --help", "cases --help", "workload --help"])
def test_a_verb_imports_nothing_heavy_that_it_does_not_use(verb: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("name: shop\nnodes:\n  - {name: n1, host: 127.0.0.1}\n")

    assert not imported("--config", str(file), *verb.split()) & HEAVY
