"""A remote load host behind a shell, for which a program on this machine stands in."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from distdiag_core import __version__
from distdiag_core.cli.workload import workload
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import (
    CommandFailedError,
    ConfigError,
    DataError,
    DistdiagError,
    UnreachableError,
    UnsupportedError,
)
from distdiag_core.workloads.clients.client_job import ClientJob
from distdiag_core.workloads.clients.remote_load_host import RemoteLoadHost
from distdiag_core.workloads.endpoint import Endpoint
from distdiag_core.workloads.workload_request import WorkloadRequest
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_REPORT = "[ 1s ] thds: 1 tps: 5.00 qps: 9.00 (r/w/o: 1.00/2.00/3.00) lat (ms,95%): 1.65 err/s: 0.00 reconn/s: 0.00"
_AGENT = "from distdiag_core.cli.main import main; main(print)"
_HELLO = json.dumps({"distdiag": __version__})


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    _program(programs / "distdiag", f'exec {sys.executable} -c "{_AGENT}" "$@"')
    _program(programs / "sysbench", f"while :; do echo '{_REPORT}'; sleep 0.1; done")
    return programs


@pytest.fixture
async def host(programs: Path) -> AsyncIterator[RemoteLoadHost]:
    host = RemoteLoadHost(LocalShell("gen"), "it's a cluster", str(programs / "distdiag"))
    yield host
    await host.close()


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)


def _job() -> ClientJob:
    request = WorkloadRequest(nodes=("n1",), duration_s=60)
    return ClientJob("it's a cluster", "r7k2", "n1", request, {"n1": Endpoint("127.0.0.1", 1, "root", "do-not-show")})


async def test_clients_run_there_outlive_the_connection_and_are_ended(host: RemoteLoadHost, programs: Path) -> None:
    await host.require("sysbench")
    await host.launch(_job())
    await host.close()

    later = RemoteLoadHost(LocalShell("gen"), "it's a cluster", str(programs / "distdiag"))
    async with asyncio.timeout(60):
        while not any(client.figures for client in later.snapshot().clients):
            await later.refresh()
    (client,) = later.snapshot().clients
    assert (client.run.id, client.alive, client.figures and client.figures.tps) == ("r7k2", True, 5)
    with pytest.raises(CommandFailedError, match=r"generator gen: .*runs already on this node"):
        await later.launch(_job())

    await later.end(["r7k2"])
    await later.refresh()

    assert later.snapshot().clients == ()
    assert client.run.process() is None
    (past,) = (await later.past()).runs()
    assert past.nodes["n1"].totals is not None
    await later.close()


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("exit 127", UnsupportedError, "generator gen: distdiag is not installed there, or not as"),
        ("echo 'Usage: distdiag'; cat", UnsupportedError, "say where it is by the key workload.command"),
        ("""echo '{"distdiag": "0.0.1"}'; cat""", UnsupportedError, "distdiag 0.0.1 is installed there"),
        (f"echo '{_HELLO}'", UnreachableError, "gen: .*ended|generator gen: distdiag has ended there"),
        (f"echo '{_HELLO}'; read line; echo '{{'", DataError, "its answer: is damaged: it is not JSON"),
        (f"echo '{_HELLO}'; read line; echo 7", DataError, "its answer: is damaged: must be a section"),
    ],
)
async def test_an_unusable_host_is_an_error_that_names_it(
    host: RemoteLoadHost, programs: Path, script: str, kind: type[DistdiagError], words: str
) -> None:
    _program(programs / "distdiag", script)

    with pytest.raises(kind, match=words):
        await host.require("sysbench")
    await host.refresh()
    assert not host.snapshot().clients
    assert not host.snapshot().damaged
    (told,) = host.snapshot().unreachable
    assert "gen" in told


@pytest.mark.usefixtures("own_places")
@pytest.mark.parametrize("verb", ["agent", "outpost"])
def test_a_console_of_an_earlier_version_still_learns_which_version_is_here(verb: str) -> None:
    result = CliRunner().invoke(workload, [verb, "test"], input='{"ask": "look"}\n')

    hello, answer = result.output.splitlines()
    assert hello == _HELLO
    assert json.loads(answer) == {"answer": {"clients": [], "damaged": []}}


async def test_a_program_that_the_host_lacks_is_an_error(
    host: RemoteLoadHost, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (programs / "sysbench").unlink()
    monkeypatch.setenv("PATH", str(programs))
    _program(programs / "distdiag", f'exec {sys.executable} -c "{_AGENT}" "$@"')

    with pytest.raises(ConfigError, match=r"generator gen: sysbench is not installed here; install it"):
        await host.require("sysbench")


async def test_a_cancelled_request_does_not_affect_the_next(host: RemoteLoadHost, programs: Path) -> None:
    sound = (programs / "distdiag").read_text()
    asked = programs / "asked"
    _program(programs / "distdiag", f"echo '{_HELLO}'; read line; touch {asked}; exec sleep 60")
    asking = asyncio.create_task(host.require("sysbench"))
    await until(asked.exists)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    (programs / "distdiag").write_text(sound)
    await host.refresh()

    assert host.snapshot().unreachable == host.snapshot().damaged == ()


async def test_a_load_that_no_console_asks_for_any_more_ends_by_itself(host: RemoteLoadHost) -> None:
    job = _job()
    await host.launch(replace(job, request=replace(job.request, duration_s=None), lease_s=1.0))
    await host.refresh()
    (client,) = host.snapshot().clients
    # Only the agent renews the lease; reading the history does not.
    await until(lambda: client.run.process() is None)

    (past,) = (await host.past()).runs()
    assert past.why == "no console has asked for it within 1 s"
