"""A cluster whose obdiag is the stand-in, in places of its own."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.obdiag.obdiag_settings import ObdiagSettings

if TYPE_CHECKING:
    from collections.abc import Callable

STAND_IN = Path(__file__).with_name("obdiag_stand_in.py")


@dataclass(frozen=True)
class StandIn:
    """The program of a test, what it shall do, and how it was called."""

    directory: Path

    @property
    def command(self) -> str:
        return shlex.join([sys.executable, str(STAND_IN), str(self.directory)])

    @property
    def plugins(self) -> Path:
        return self.directory / "plugins"

    def plays(self, **scenario: Any) -> None:  # noqa: ANN401 - its fields
        """Answer from now on in this way (see `obdiag_stand_in.Scenario`)."""
        (self.directory / "scenario.json").write_text(json.dumps(scenario), encoding="utf-8")

    def called(self) -> list[dict[str, Any]]:
        """Each call: its arguments, HOME, directory and configuration."""
        path = self.directory / "calls.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("OBDIAG_CMD", raising=False)
    made = StandIn(tmp_path / "obdiag")
    for name in ("check", "rca"):
        (made.plugins / name).mkdir(parents=True)
    return made


@pytest.fixture
def cluster(stand_in: StandIn, tmp_path: Path) -> Callable[..., ClusterSettings]:
    """A cluster of one local node and one behind SSH, whose obdiag is the stand-in."""
    key = tmp_path / "key"
    key.write_text("a key\n", encoding="utf-8")

    def make(*, read_only: bool = False, extra: tuple[Any, ...] = (), **settings: Any) -> ClusterSettings:  # noqa: ANN401
        sql = SqlSettings(user="root", port=2899, password_env="TEST_OB_PASSWORD")
        nodes = (
            NodeSettings("n1", "127.0.0.1", connection="local", ssh=SshSettings(), sql=sql),
            NodeSettings("n2", "127.0.0.2", ssh=SshSettings(user="admin", port=2222, identity=str(key)), sql=sql),
        )
        given: dict[str, Any] = {"command": stand_in.command, "plugins": str(stand_in.plugins)} | settings
        return ClusterSettings("shop", nodes, read_only=read_only, sections=(ObdiagSettings(**given), *extra))

    return make
