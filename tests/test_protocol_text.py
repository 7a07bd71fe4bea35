"""Text of a protocol: only a newline ends a line, whatever else a name or a message contains."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from distdiag_core.anomalies.backends.ssh import lease_report
from distdiag_core.anomalies.planner import parse_survey
from distdiag_core.cluster.kubectl import error_of
from distdiag_core.cluster.lines import last_line, lines_of
from distdiag_core.cluster.shell import CommandResult
from distdiag_core.errors import CommandFailedError

_CORE = Path(__file__).parents[1] / "distdiag_core"
# What `str.splitlines` takes for the end of a line, and is none.
_OTHERS = ("\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")


@pytest.mark.parametrize("path", sorted(_CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(_CORE)))
def test_the_core_never_splits_at_other_characters(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "splitlines"]
    assert used == [], "use distdiag_core.cluster.lines.lines_of"


@pytest.mark.parametrize("other", _OTHERS)
def test_only_a_newline_ends_a_line(other: str) -> None:
    assert lines_of(f"a{other}b\nc\n") == [f"a{other}b", "c"]
    assert lines_of(f"a\n\nb{other}") == ["a", "", f"b{other}"]
    assert last_line(f"first\na{other}b\n\n") == f"a{other}b"
    assert last_line(f" {other}\n") == ""


@pytest.mark.parametrize("other", _OTHERS)
def test_errors_repeat_the_whole_last_line_of_a_program(other: str) -> None:
    said = f"first\nno such file: a{other}b\n"
    with pytest.raises(CommandFailedError) as failed:
        CommandResult("n1", "cat", 1, "", said).check()
    assert failed.value.what == f"exit status 1: no such file: a{other}b"
    assert error_of(1, f"first\nodd a{other}b\n", "n1: kubectl").what == f"odd a{other}b"


@pytest.mark.parametrize("other", _OTHERS)
def test_answers_of_nodes_keep_their_lines(other: str) -> None:
    report = f"id=a\nprogress=x{other}y\nage_s=1\nremaining_s=9\nsupervised=yes\n\n.\n"
    ((lease,),), _ = lease_report.parse(report, "n1")
    assert lease.progress == f"x{other}y"
    assert parse_survey(f"tool=a{other}b\nssh_port=22\n", "n1").ssh_port == 22
