"""Every mistake of the operator's is one clear line and an exit code, never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

GOOD = """\
name: mine
nodes:
  - {name: n1, host: 127.0.0.1, connection: local}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: mine\nnodes: [", "is not valid YAML"),
        (GOOD + "intervall_s: 1\n", "mine.yaml:4: intervall_s: unknown key"),
        ("name: mine\nnodes:\n  - {name: n1}\n", "mine.yaml:3: nodes.0.host: is required"),
        ("- just\n- a list\n", "mine.yaml"),
        ("", "mine.yaml"),
    ],
)
def test_a_cluster_file_with_a_mistake(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path], text: str, said: str
) -> None:
    cluster_file(text)

    ended = distdiag("config", "check")

    assert ended.status == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_no_cluster_yet(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("watch", "--for", "1s")

    assert ended.status == 2
    assert "there is no cluster yet" in ended.stderr
    for command in ("distdiag replay example", "distdiag lab up", "distdiag config init", "distdiag doctor"):
        assert command in ended.stderr


def test_a_cluster_that_does_not_exist(distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]) -> None:
    cluster_file(GOOD)

    ended = distdiag("--cluster", "other", "injections")

    assert ended.status == 2
    assert "known clusters: mine" in ended.stderr


def test_a_read_only_cluster_refuses_trouble(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(GOOD)

    ended = distdiag("inject", "cpu_stress", "--node", "n1")

    assert ended.status == 3
    assert "read_only" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("inject", "cpu_stress", "--node", "n1", "--for", "1s"),
        ("workload", "start", "sysbench"),
        ("campaign", "run", "lab-singles", "--out", "nowhere"),
    ],
)
def test_a_production_cluster_wants_its_name(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path], arguments: tuple[str, ...]
) -> None:
    cluster_file(GOOD + "read_only: false\nproduction: true\n")

    ended = distdiag(*arguments)

    assert ended.status == 3
    assert "--confirm mine" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("inject", "cpu_stress"),
        ("inject", "cpu_stress", "--node", "n1", "--for", "soon"),
        ("nonsense",),
        ("clear",),
        ("evaluate",),
        ("models", "use", "unheard-of"),
    ],
)
def test_a_wrong_command_line(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path], arguments: tuple[str, ...]
) -> None:
    cluster_file(GOOD)

    ended = distdiag(*arguments)

    assert ended.status == 2
    assert ended.stderr != ""
    assert ended.stdout == ""


def test_a_verb_that_is_mistyped(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("injct", "cpu_stress")

    assert ended.status == 2
    assert "No such command 'injct'. (Did you mean one of: 'inject', 'injections'?)" in ended.stderr


def test_an_anomaly_that_does_not_exist(distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]) -> None:
    cluster_file(GOOD + "read_only: false\n")

    ended = distdiag("inject", "toothache", "--node", "n1")

    assert ended.status == 2
    assert "toothache" in ended.stderr


def test_the_choices_of_a_missing_argument_are_named_in_plain_text(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("completion")

    assert ended.status == 2
    assert "    zsh" in ended.stderr
    assert "?" not in ended.stderr
