from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError
from distdiag_tui.drawing import terminal
from distdiag_tui.drawing.glyphs import choose

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("environ", [{}, {"TERM": ""}, {"TERM": "dumb"}])
def test_a_terminal_that_cannot_show_it_is_refused_with_a_hint(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="distdiag watch"):
        terminal.prepare(environ)


@pytest.mark.parametrize("ends", [(), (0,), (1,)])
def test_console_without_a_terminal_is_refused_in_one_line(tmp_path: Path, ends: tuple[int, ...]) -> None:
    keys, terminal_end = os.openpty()
    (tmp_path / "c.yaml").write_text("name: t\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n", "ascii")
    with (tmp_path / "null").open("w+b") as file:
        stdin, stdout = (terminal_end if number in ends else file for number in (0, 1))
        done = subprocess.run(
            [sys.executable, "-c", "from distdiag_tui.main import main; main()", "--config", str(tmp_path / "c.yaml")],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=os.environ | {"TERM": "xterm-256color"},
            timeout=60,
            check=False,
        )
    os.close(keys)
    os.close(terminal_end)
    assert done.returncode == 2
    said = done.stderr.decode().splitlines()
    assert len(said) == 1
    assert "wants a terminal" in said[0]
    assert "distdiag watch" in said[0]


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


def _unwrapped_by_tmux(sequence: str) -> str:
    """As tmux hands on what is meant for the terminal."""
    assert sequence.startswith("\x1bPtmux;")
    assert sequence.endswith("\x1b\\")
    return sequence.removeprefix("\x1bPtmux;").removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b")


def test_a_copy_reaches_the_terminal_also_through_tmux_and_screen() -> None:
    plain = "\x1b]52;c;bjIg4pay\a"
    assert terminal.clipboard("n2 ▲", {}) == plain
    in_tmux = terminal.clipboard("n2 ▲", {"TMUX": "default,1,0"})
    assert in_tmux.startswith(plain)
    assert _unwrapped_by_tmux(in_tmux.removeprefix(plain)) == plain
    long = "x" * 1_000
    in_screen = terminal.clipboard(long, {"STY": "1.pts-0"})
    plain = terminal.clipboard(long, {})
    pieces = re.findall(r"\x1bP([^\x1b]*(?:\x1b\][^\x1b]*)?)\x1b\\", in_screen.removeprefix(plain))
    assert "".join(pieces) == plain
    assert max(map(len, pieces)) <= 240


def test_a_notice_has_no_control_characters_of_the_text() -> None:
    assert terminal.notice("n2\x1b]0;evil\a", {}) == "\x1b]9;n2 ]0;evil \a"
    assert _unwrapped_by_tmux(terminal.notice("calm", {"TMUX": "x"})) == "\x1b]9;calm\a"
