"""Programs over one shared connection, and what becomes of them when it breaks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.connection_gate import ConnectionGate
from distdiag_core.cluster.link import keep
from distdiag_core.cluster.ssh import SshShell
from distdiag_core.cluster.status import Link, LinkState
from distdiag_core.errors import CommandFailedError, DataError, TimedOutError, UnreachableError
from tests.cluster.conftest import MAX_SESSIONS, opened
from tests.waiting import until

if TYPE_CHECKING:
    from tests.cluster.conftest import SshServer


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_command_runs_with_input_and_status(server: SshServer) -> None:
    async with opened(server) as shell:
        done = await shell.run("cat; echo trouble >&2; exit 3", stdin="größer\n")
        assert (done.status, done.stdout, done.stderr) == (3, "größer\n", "trouble\n")
        with pytest.raises(CommandFailedError, match="exit status 3: trouble"):
            done.check()


async def test_command_without_input_sees_its_end(server: SshServer) -> None:
    async with opened(server) as shell:
        assert (await shell.run("cat; echo end")).stdout == "end\n"


async def test_output_that_is_not_utf8_is_survived(server: SshServer) -> None:
    async with opened(server) as shell:
        assert (await shell.run(r"printf 'a\377b'")).stdout == "a\ufffdb"


@pytest.mark.parametrize(
    ("redirection", "said"), [("", "16 MiB on standard output"), (">&2", "1 MiB on standard error")]
)
async def test_command_that_prints_a_gigabyte_is_ended(server: SshServer, redirection: str, said: str) -> None:
    async with opened(server) as shell:
        before_kib = getrusage(RUSAGE_SELF).ru_maxrss
        with pytest.raises(DataError, match=f"more than {said}") as refused:
            await shell.run(f"head -c 1000000000 /dev/zero {redirection}", timeout_s=60)
        assert refused.value.where.startswith(f"{shell.node}: head")
        # The server of this test runs in this process too.
        assert getrusage(RUSAGE_SELF).ru_maxrss - before_kib < 150_000
        await until(lambda: server.sessions == 0)
        assert (await shell.run("echo still here")).stdout == "still here\n"


async def test_answer_of_many_megabytes_comes_whole(server: SshServer) -> None:
    async with opened(server) as shell:
        assert len((await shell.run("head -c 16000000 /dev/zero", timeout_s=60)).stdout) == 16_000_000


async def test_command_that_takes_too_long_is_ended(server: SshServer, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    async with opened(server) as shell:
        with pytest.raises(TimedOutError, match=r"n1: echo .*no end within 0.5 s"):
            await shell.run(f"echo $$ > {pid_file}; exec sleep 60", timeout_s=0.5)
        pid = int(pid_file.read_text(encoding="ascii"))
        await until(lambda: not alive(pid))


@pytest.mark.parametrize("held_up", ["opening", "running"])
async def test_commands_given_up_before_they_begin_leave_nothing_on_the_node(
    server: SshServer, tmp_path: Path, held_up: str
) -> None:
    pids = tmp_path / "pids"
    pids.touch()
    async with opened(server) as shell:
        gate: asyncio.Event = getattr(server, held_up)
        gate.clear()
        for _ in range(MAX_SESSIONS + 2):
            with pytest.raises(TimedOutError):
                await shell.run(f"echo $$ >> {pids}; exec sleep 60", timeout_s=0.05)
        assert server.sessions > 0
        gate.set()
        await until(lambda: server.sessions == 0)
        assert not any(alive(int(pid)) for pid in pids.read_text(encoding="ascii").split())
        assert (await shell.run("echo still here")).stdout == "still here\n"


async def test_shell_that_babbles_first_is_said_and_its_session_closed(server: SshServer) -> None:
    async with opened(server) as shell:
        server.babble = "Welcome!"
        for _ in range(3):
            # Each takes two sessions: one for itself, and one to ask for the name of the shell.
            unheard = (shell.run("echo unheard", timeout_s=5.0) for _ in range(MAX_SESSIONS // 2 - 1))
            for error in await asyncio.gather(*unheard, return_exceptions=True):
                assert isinstance(error, UnreachableError)
                assert "the login shell said 'Welcome!' instead of running it" in error.what
            await until(lambda: server.sessions == 0)
        server.babble = ""
        assert (await shell.run("echo heard")).stdout == "heard\n"


async def test_all_users_share_one_connection(server: SshServer) -> None:
    async with opened(server) as shell:
        answers = await asyncio.gather(*(shell.run(f"echo {number}") for number in range(5)))
        assert [answer.stdout for answer in answers] == [f"{number}\n" for number in range(5)]
        assert len(server.connections) == 1


async def test_process_answers_line_by_line(server: SshServer) -> None:
    async with opened(server) as shell, shell.process("while read x; do echo got $x; echo end; done") as program:
        for number in ("1", "2"):
            await program.write_line(number)
            assert await program.read_until("end") == f"got {number}\n"
        await program.write_line("3")
        assert await program.read_line() == "got 3"


async def test_process_that_ends_says_so(server: SshServer) -> None:
    async with opened(server) as shell, shell.process("echo last") as program:
        with pytest.raises(UnreachableError, match="ended in the middle"):
            await program.read_until("end")


async def test_leaving_ends_the_process_even_if_it_ignores_the_signal(server: SshServer) -> None:
    async with opened(server) as shell:
        async with shell.process("trap '' TERM; echo $$; while :; do sleep 0.1; done") as program:
            pid = int(await program.read_line() or 0)
            assert alive(pid)
        await until(lambda: not alive(pid))


async def test_broken_connection_ends_waiting_users(server: SshServer) -> None:
    async with opened(server) as shell:
        async with shell.process("echo ready; cat") as program:
            assert await program.read_line() == "ready"
            server.drop()
            with pytest.raises(UnreachableError):
                await program.read_until("end")
        assert await shell.lost() == "the connection broke"
        with pytest.raises(UnreachableError, match="n1: ssh: the connection broke"):
            await shell.run("true")


async def test_kept_link_comes_back_by_itself(server: SshServer) -> None:
    shell = SshShell(server.settings())
    told: asyncio.Queue[Link] = asyncio.Queue()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(keep(shell, told.put_nowait, ConnectionGate()))
        assert await told.get() == Link(LinkState.DOWN, f"127.0.0.1:{server.port}: refused: nothing listens there")
        for _ in range(2):
            async with server.listening():
                while (await told.get()).state is not LinkState.UP:
                    pass
                assert (await shell.run("echo back")).stdout == "back\n"
            assert (await told.get()).state is LinkState.DOWN
        keeper.cancel()


async def test_a_connection_that_the_system_breaks_is_said_to_be_broken(server: SshServer) -> None:
    async with server.listening():
        shell = SshShell(server.settings())
        await shell.open()
        async with shell.process("cat") as program:
            assert shell._reached is not None
            running = asyncio.create_task(shell.run("echo begun >&2; cat"))
            reading = asyncio.create_task(program.read_line())
            await program.write_line("it runs")
            assert await reading == "it runs"
            again = asyncio.create_task(program.read_line())
            await asyncio.sleep(0)
            shell._reached.connection._transport._fatal_error(  # type: ignore[union-attr]
                BrokenPipeError(32, "Broken pipe")
            )
            for each in (again, running):
                with pytest.raises(UnreachableError, match=r"broke|cannot be started"):
                    await each
        await shell.close()
