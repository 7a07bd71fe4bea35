"""Completion of verbs and values, asked as bash and fish ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies import catalogue
from tests.cli.test_imports import HEAVY, imported

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

_WITHIN_S = 120
_SHOP = "name: shop\nnodes:\n  - {name: n1, host: 10.0.0.1}\n  - {name: n2, host: 10.0.0.2}\n"
# As the script's function is called by bash, with the words that bash makes of a line.
_PRESS_TAB = (
    'source "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); _distdiag_completion distdiag; echo "${COMPREPLY[*]}"'
)


@pytest.fixture
def shell_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two clusters, and the command `distdiag` of these sources on the path."""
    clusters = home / "config" / "distdiag" / "clusters"
    clusters.mkdir(parents=True)
    (clusters / "shop.yaml").write_text(_SHOP, encoding="ascii")
    (clusters / "bank.yaml").write_text("nodes: [{name: a}, {name: 'b c'}]", encoding="ascii")
    (clusters / "e\x1b[31m.yaml").write_text("nodes: 3", encoding="ascii")
    program = home / "bin" / "distdiag"
    program.parent.mkdir()
    command = "from distdiag_tui.main import main; main()"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{command}" "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return home


def _ended(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_WITHIN_S).stdout


@pytest.fixture
def bash(shell_home: Path, distdiag: Callable[..., Ended]) -> Callable[..., list[str]]:
    """What bash has for the last of some words."""
    script = shell_home / "completion.sh"
    script.write_text(distdiag("completion", "bash").stdout, encoding="utf-8")
    return lambda *words: _ended("bash", "--norc", "-c", _PRESS_TAB, "bash", str(script), *words).split()


def test_bash_completes_clusters_nodes_and_anomalies(bash: Callable[..., list[str]]) -> None:
    kinds = [each.name for each in catalogue.load().anomalies]
    assert bash("distdiag", "inj") == ["inject", "injections"]
    assert bash("distdiag", "--cluster", "") == ["bank", "shop"]
    assert bash("distdiag", "--cluster", "shop,") == ["shop,bank"]
    assert sorted(bash("distdiag", "inject", "")) == sorted(kinds)
    assert bash("distdiag", "inject", "--cluster", "shop", "--node", "") == ["n1", "n2"]
    assert bash("distdiag", "--cluster", "bank", "sessions", "list", "") == ["a"]
    # bash takes these for words of their own, and replaces the last of them alone, with an `@` before it.
    assert bash("distdiag", "--cluster", "shop", "inject", "cpu_stress", "@", "n1,") == ["@n1,n2"]
    assert bash("distdiag", "--cluster", "shop", "inject", "cpu_stress", "@") == ["@n1", "@n2"]
    assert bash("distdiag", "inject", "cpu_stress", "@", "n1", ":", "h") == ["high"]
    assert bash("distdiag", "sessions", "list", "") == []


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_fish_completes_clusters_nodes_and_anomalies(shell_home: Path, distdiag: Callable[..., Ended]) -> None:
    script = shell_home / "distdiag.fish"
    script.write_text(distdiag("completion", "fish").stdout, encoding="utf-8")

    def complete(line: str) -> list[str]:
        return _ended("fish", "--no-config", "-c", f"source {script}; complete --do-complete '{line}'").splitlines()

    assert [each.split("\t")[0] for each in complete("distdiag inj")] == ["inject", "injections"]
    assert complete("distdiag --cluster shop inject cpu_stress@n") == ["cpu_stress@n1", "cpu_stress@n2"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_says_where_to_put_it(shell: str, distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("completion", shell)
    assert ended.status == 0
    assert f"distdiag completion {shell} > ~/" in ended.stdout.splitlines()[-2] + ended.stdout.splitlines()[-1]
    if shell == "zsh":
        assert ended.stdout.startswith("#compdef distdiag\n")


@pytest.mark.parametrize("line", ["distdiag in", "distdiag inject cpu", "distdiag --cluster shop sessions list n"])
def test_a_completion_imports_nothing_heavy(line: str, shell_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    monkeypatch.setenv("_DISTDIAG_COMPLETE", "bash_complete")
    modules = imported()
    assert not modules & (HEAVY | {"asyncssh", "aiohttp", "sqlite3"})
    if line == "distdiag in":
        assert "distdiag_core.cli.inject" not in modules
