"""What runs on a node runs the same, whichever shell the account logs in with."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import distdiag_core
from distdiag_core.cluster import login_line
from distdiag_core.errors import UnreachableError
from distdiag_core.metrics.sources.host.remote_host import HostSource
from tests.cluster.conftest import opened
from tests.cluster.test_ssh import alive
from tests.waiting import until

if TYPE_CHECKING:
    from tests.cluster.conftest import SshServer

SHELLS = ("sh", "bash", "dash", "zsh", "csh", "tcsh", "fish", "ksh93", "mksh")
# Everything that one login shell or another reads in a way of its own.
ODD = "a 'b' \"c\" \\d \\\\ \\' ! !! $HOME `x` $(y) * ? [z] ~ # ; & | < > % {e,f} größer \x7f\t^ -n"


@pytest.fixture(params=SHELLS)
def login_shell(request: pytest.FixtureRequest, server: SshServer) -> str:
    """The server's account logs in with this shell."""
    name = str(request.param)
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"LOGIN SHELL NOT TESTED: {name} is not installed")
    server.login_shell = (path,)
    return name


@pytest.mark.usefixtures("login_shell")
async def test_guard_in_the_first_line_holds_the_later_lines_back(server: SshServer, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    async with opened(server) as shell:
        done = await shell.run(f"[ -d /nowhere ] || exit 7\ntouch {ran}\necho done")
        assert (done.status, done.stdout, done.stderr) == (7, "", "")
    assert not ran.exists()


@pytest.mark.usefixtures("login_shell")
async def test_every_character_reaches_the_script_and_its_input(server: SshServer) -> None:
    script = f"cat <<'END'\n{ODD}\nEND\ncat; x='p q'; set -- $x; echo $#; echo /bin/tru?; exit 5"
    async with opened(server) as shell:
        done = await shell.run(script, stdin=f"{ODD}\nlast")
    assert (done.status, done.stdout) == (5, f"{ODD}\n{ODD}\nlast2\n/bin/true\n")


@pytest.mark.usefixtures("login_shell")
async def test_program_is_talked_to_and_ended_with_its_children(server: SshServer) -> None:
    async with opened(server) as shell:
        async with shell.process("trap '' TERM; sleep 60 & echo $!\nwhile read x; do echo got $x; done") as program:
            child = int(await program.read_line() or 0)
            await program.write_line("1")
            assert await program.read_line() == "got 1"
            assert alive(child)
        await until(lambda: not alive(child))


@pytest.mark.usefixtures("login_shell")
async def test_host_figures_come_from_it(server: SshServer) -> None:
    async with opened(server) as shell:
        source = HostSource(shell)
        reading = await source.read()
        await source.close()
    assert reading.values["cpu.total"] > 0


@pytest.mark.usefixtures("login_shell")
async def test_login_shell_is_given_one_plain_line_and_never_the_script(server: SshServer) -> None:
    async with opened(server) as shell:
        await shell.run("echo 'secret!'")
        async with shell.process("echo secret; cat") as program:
            await program.read_line()
    assert set(server.lines) == {login_line.LINE}


def test_the_plain_line_has_nothing_that_shells_read_differently() -> None:
    before, script, after = login_line.LINE.split("'")
    assert not set('\n!\\"`') & set(login_line.LINE)
    assert re.fullmatch(r"exec /bin/sh -c ", before)
    assert script
    assert not after


@pytest.mark.parametrize("command", [ODD, "a\nb\r\n\n", "\udcff\udc80", "'" * 50, "\\" * 51, "\u2028\x85\x0c", "0'0"])
def test_script_becomes_one_line_of_printable_ascii(command: str) -> None:
    line = login_line.script_line(command).decode("ascii")
    assert line.endswith("\n")
    assert line[:-1].isprintable()


async def test_script_of_which_only_half_arrived_does_not_run(server: SshServer, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    async with opened(server) as shell:
        process = await (await shell._held.get()).create_process(login_line.LINE)
        process.stdin.write(f"touch {ran}; ")
        process.stdin.write_eof()
        assert (await process.wait()).exit_status == 1
    assert not ran.exists()


@pytest.mark.usefixtures("login_shell")
async def test_start_up_files_that_print_are_passed_over(server: SshServer, home: Path) -> None:
    for file in (".cshrc", ".zshenv", ".config/fish/config.fish"):
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).write_text("echo Welcome\necho 'of the node'\n", encoding="ascii")
    async with opened(server) as shell:
        assert (await shell.run("echo heard")).stdout == "heard\n"


async def refusal(server: SshServer, tmp_path: Path, script: str) -> str:
    odd = tmp_path / "oddsh"
    odd.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    odd.chmod(0o755)
    server.login_shell = (str(odd),)
    async with opened(server) as shell:
        with pytest.raises(UnreachableError) as caught:
            await shell.run("echo unheard")
    return str(caught.value)


async def test_shell_that_runs_nothing_is_named_with_its_words(server: SshServer, tmp_path: Path) -> None:
    said = await refusal(server, tmp_path, "echo This account is not available.; exit 1")
    assert "the login shell said 'This account is not available.' instead of running it; the account needs" in said


async def test_shell_that_knows_no_exec_is_named_by_its_path(server: SshServer, tmp_path: Path) -> None:
    script = 'case $2 in exec*) echo "oddsh: exec: unknown" >&2; exit 127 ;; *) echo "$SHELL" ;; esac'
    said = await refusal(server, tmp_path, script)
    assert f"the login shell {tmp_path}/oddsh said 'oddsh: exec: unknown' instead of running it" in said


async def test_shell_that_ends_at_once_is_said_to(server: SshServer, tmp_path: Path) -> None:
    assert "the login shell ended at once" in await refusal(server, tmp_path, "exit 1")


def test_nothing_else_gives_a_login_shell_a_line() -> None:
    root = Path(distdiag_core.__file__).parent
    calls = re.compile(r"\.create_process\(|connection\.run\(|create_session\(")
    found = {file.stem for file in root.rglob("*.py") if calls.search(file.read_text(encoding="utf-8"))}
    assert found == {"ssh_programs", "ssh_ending", "login_shell"}
