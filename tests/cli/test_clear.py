"""Clearing works with little, and reports what it could not do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from distdiag_core import places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

# The discard service: nothing listens there.
_DEAD = "name: mine\nnodes:\n  - {name: n1, host: 127.0.0.1, ssh: {port: 9, user: nobody, connect_timeout_s: 2}}\n"


def test_a_silent_node_is_tried_again_and_named(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(_DEAD)

    ended = distdiag("clear", "--all", "--for", "3s", "--json")

    assert ended.status == 1
    assert "n1 cannot be asked" in ended.stderr
    assert ended.stderr.count("trying again for another") == 1
    assert json.loads(ended.stdout)["injections"] == []


def test_a_broken_catalogue_keeps_nobody_from_clearing(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(_DEAD)
    places.anomalies_dir().mkdir(parents=True)
    (places.anomalies_dir() / "mine.yaml").write_text("name: [", encoding="utf-8")

    ended = distdiag("clear", "--all", "--for", "1s")
    listed = distdiag("injections")

    assert ended.status == 1
    assert "n1 cannot be asked" in ended.stderr
    assert listed.status == 1
    assert "n1 cannot be asked" in listed.stderr
    assert "no node could be asked what is active" in listed.stderr


def test_patience_goes_with_all(distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]) -> None:
    cluster_file(_DEAD)

    ended = distdiag("clear", "1abc", "--for", "1s")

    assert ended.status == 2
    assert "--for goes with --all" in ended.stderr
