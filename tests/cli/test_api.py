"""`distdiag api`: a simulated cluster as JSON by HTTP and as server-sent events, and who may not read it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.pages.api_shapes import API_PATHS
from tests.pages.json_schema import mismatches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ended

pytest.importorskip("aiohttp")
WITHIN_S = 120.0
TOKEN = "a-token-of-the-tests"


@contextmanager
def served(*options: str) -> Iterator[str]:
    """The address of the API of a simulated cluster."""
    program = [sys.executable, "-c", "from distdiag_tui.main import main; main()", "--cluster", "sim:3", "api"]
    command = [*program, "--listen", "127.0.0.1:0", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as verb:
        assert verb.stdout is not None
        try:
            yield json.loads(verb.stdout.readline())["url"]
            verb.send_signal(signal.SIGTERM)
            assert verb.wait(WITHIN_S) == 0
        finally:
            verb.kill()


def read(url: str, **headers: str) -> Any:  # noqa: ANN401 - JSON
    with urlopen(Request(url, headers=headers), timeout=WITHIN_S) as answer:  # noqa: S310 - of our own server
        return json.loads(answer.read())


def status(url: str, method: str = "GET", **headers: str) -> int:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(url, headers=headers, method=method), timeout=WITHIN_S)  # noqa: S310 - of our own server
    refused.value.close()
    return refused.value.code


@pytest.mark.usefixtures("home")
def test_each_tick_is_read_as_json_and_streamed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN, encoding="ascii")
    with served("--token-file", str(file)) as url:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        with urlopen(Request(f"{url}/events", headers=bearer), timeout=WITHIN_S) as stream:  # noqa: S310
            lines = [stream.readline().decode().rstrip("\n") for _ in range(4)]
        assert [line.partition(": ")[0] for line in lines] == ["id", "event", "data", ""]
        streamed = json.loads(lines[2].removeprefix("data: "))
        assert streamed["simulated"] is True
        assert [node["node"] for node in streamed["nodes"]] == [
            node["node"] for node in read(f"{url}/snapshot", **bearer)["nodes"]
        ]
        assert "host.cpu.usage" in streamed["nodes"][0]["values"]
        answers = {path: read(f"{url}{path}", **bearer) for path in API_PATHS if path != "/events"} | {
            "/events": streamed
        }
        found = {path: list(mismatches(answers[path], shape.schema())) for path, shape in API_PATHS.items()}
        assert {path: wrong for path, wrong in found.items() if wrong} == {}

        assert status(f"{url}/snapshot") == 401
        assert status(f"{url}/snapshot", Authorization=f"Bearer {TOKEN}x") == 401
        assert status(f"{url}/snapshot", Host="elsewhere.example", **bearer) == 403
        assert status(f"{url}/snapshot", Origin="http://elsewhere.example", **bearer) == 403
        assert status(f"{url}/snapshot", "POST", **bearer) == 405
        assert status(f"{url}/other", **bearer) == 404


def test_the_network_needs_a_token(distdiag: Callable[..., Ended]) -> None:
    refused = distdiag("--cluster", "sim:3", "api", "--listen", "0.0.0.0:0")
    assert (refused.status, "can be reached from the network" in refused.stderr) == (3, True)
