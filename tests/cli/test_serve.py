"""`distdiag serve`: which console is served, and mistakes that are told before a browser shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cli.main import main
from distdiag_core.cli.options import ServeRequest

if TYPE_CHECKING:
    from collections.abc import Callable

CLUSTER = "name: mine\nnodes:\n- {name: n1, host: 127.0.0.1}\nsql: {user: root}\n"


def requested(*arguments: str) -> tuple[int, list[ServeRequest]]:
    requests: list[ServeRequest] = []
    return main(lambda _: None, ["serve", *arguments], requests.append), requests


def test_a_console_gets_the_cluster_of_the_command_line(cluster_file: Callable[[str], Path]) -> None:
    cluster_file(CLUSTER)
    status, (request,) = requested("--cluster", "mine", "--read-only", "--port", "0", "--token-file", "x")
    assert status == 0
    assert request == ServeRequest(("--cluster=mine", "--read-only"), "127.0.0.1", 0, Path("x"), "", 4, as_json=False)


@pytest.mark.usefixtures("home")
def test_a_replay_is_served() -> None:
    status, (request,) = requested("replay", "example", "--public-url", "https://watch.example.org/")
    assert status == 0
    assert (request.command, request.public_url) == (("replay", "example"), "https://watch.example.org")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there is no cluster yet"),
        (("replay",), "there is no recording yet"),
        (("replay", "nowhere"), "neither a file, a run nor a cluster"),
        (("watch",), "only the console and `replay` can be served"),
        (("replay", "example", "--public-url", "watch.example.org"), "--public-url begins with http:// or https://"),
    ],
)
def test_mistakes_are_told(arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert requested(*arguments) == (2, [])
    assert words in capsys.readouterr().err
