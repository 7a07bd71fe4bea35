"""`distdiag advice`: all of it, of one anomaly, as JSON, and with files of the user."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


def test_all_advice_is_printed_by_anomaly(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("advice")
    assert ended.status == 0
    assert "CPU stress (cpu_stress)" in ended.stdout
    assert "Node hang" in ended.stdout or "(node_hang)" in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 120


def test_one_anomaly_as_text_and_as_json(distdiag: Callable[..., Ended]) -> None:
    text = distdiag("advice", "lock_contention").stdout
    assert "GV$OB_LOCKS: " in text
    assert "obdiag rca run --scene=lock_conflict" in text
    assert "cpu_stress" not in text
    (advice,) = json.loads(distdiag("advice", "lock_contention", "--json").stdout).values()
    assert advice["first"] in " ".join(text.split())


def test_what_is_unknown_is_named_with_what_there_is(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("advice", "gremlins")
    assert ended.status != 0
    assert "there is no advice on 'gremlins'" in ended.stderr
    assert "io_stress" in ended.stderr


def test_a_mistake_in_a_file_of_the_user_is_named(distdiag: Callable[..., Ended], home: Path) -> None:
    path = home / "config" / "distdiag" / "advice" / "cpu_stress.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("frist: x\n", encoding="utf-8")
    assert f"{path}:1: frist: unknown key" in distdiag("advice").stderr
