from __future__ import annotations

import os
import subprocess
import sys

import pytest

from distdiag_core.errors import ConfigError
from distdiag_tui.drawing import terminal
from distdiag_tui.drawing.glyphs import choose


@pytest.mark.parametrize("environ", [{}, {"TERM": ""}, {"TERM": "dumb"}])
def test_a_terminal_that_cannot_show_it_is_refused_with_a_hint(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="distdiag watch"):
        terminal.prepare(environ)


def test_a_slow_line_is_spared_unless_the_operator_says_otherwise() -> None:
    environ = {"TERM": "xterm", "TEXTUAL_FPS": "30"}
    terminal.prepare(environ)
    assert (environ["TEXTUAL_FPS"], environ["TEXTUAL_ANIMATIONS"]) == ("30", "none")


@pytest.mark.parametrize(
    ("environ", "rgb"),
    [
        ({"COLORTERM": "truecolor"}, True),
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "linux"}, False),
        ({}, False),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, False),
    ],
)
def test_colours(environ: dict[str, str], rgb: bool) -> None:  # noqa: FBT001
    assert terminal.has_rgb(environ) is rgb


UTF8 = {"LANG": "en_US.UTF-8", "TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("wanted", "environ", "encoding", "name"),
    [
        ("auto", UTF8, "utf-8", "braille"),
        ("auto", UTF8 | {"TERM": "linux"}, "utf-8", "ascii"),
        ("auto", UTF8 | {"LC_ALL": "C"}, "utf-8", "ascii"),
        ("auto", UTF8, "iso8859-1", "ascii"),
        ("auto", UTF8, None, "ascii"),
        ("auto", UTF8, "no such codec", "ascii"),
        ("block", {"LC_ALL": "C"}, "ascii", "block"),
    ],
)
def test_glyphs(wanted: str, environ: dict[str, str], encoding: str | None, name: str) -> None:
    assert choose(wanted, environ, encoding).name == name


def test_glyphs_that_do_not_exist() -> None:
    with pytest.raises(ConfigError, match="braille, block or ascii"):
        choose("emoji", UTF8, "utf-8")


def test_settling_the_terminal_imports_no_textual() -> None:
    code = "import sys, distdiag_tui.drawing.terminal; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_console_on_a_dumb_terminal_is_refused_in_one_line() -> None:
    code = "from distdiag_tui.main import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"TERM": "dumb"}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "cannot show the console" in ended.stderr
    assert "Traceback" not in ended.stderr
