"""An injection backend that is one new file, beside the backends that ship."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies import backends
from distdiag_core.anomalies.backend import BACKENDS, control_host_of
from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster import inventory
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import ConfigError
from tests.anomalies.catalogue_data import HARMLESS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILE = '''
from __future__ import annotations

from pydantic.dataclasses import dataclass

from distdiag_core.anomalies.backend import BACKENDS, BackendKind
from distdiag_core.anomalies.injection import Step
from distdiag_core.cluster.inventory import NodeSettings
from distdiag_core.cluster.sections import Section
from distdiag_core.settings.model import SETTINGS, Host


@dataclass(frozen=True, slots=True, config=SETTINGS)
class ToySettings:
    """A backend that only plans."""

    host: Host
    """The host that it plans for."""


class Toy:
    unasked = ""

    def __init__(self, node, settings):
        self.place = node
        self._host = settings.host

    async def plan(self, request, anomaly, node, name):
        return Step(node.name, "toy", (f"hurt {self._host}",), (), id=name)

    async def list(self):
        return ()


def _make(context):
    settings = context.cluster.section(ToySettings)
    return {node: Toy(node, settings) for node in context.shells}


def _control_host(cluster):
    return NodeSettings("toy", cluster.section(ToySettings).host)


BACKENDS.register(BackendKind("toy", "by nothing", _make, _control_host, Section("toy", ToySettings)))
'''
_CLUSTER = """\
name: mine
read_only: false
backend: toy
toy: {host: there}
nodes:
  - {name: n1, host: 127.0.0.1, connection: local}
"""


@pytest.fixture(autouse=True)
def _toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file of the backend, in the package of the backends."""
    (tmp_path / "toy.py").write_text(_FILE, encoding="utf-8")
    monkeypatch.setattr(backends, "__path__", [*backends.__path__, str(tmp_path)])
    yield
    BACKENDS._kinds.pop("toy", None)
    sys.modules.pop("distdiag_core.anomalies.backends.toy", None)
    vars(backends).pop("toy", None)


async def test_it_plans_with_the_settings_of_the_cluster_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(_CLUSTER, encoding="utf-8")
    cluster = inventory.load(path)
    injector = Injector(cluster, {"n1": LocalShell("n1")}, HARMLESS)
    request = InjectionRequest(HARMLESS.anomalies[0].name, ("n1",), "low", 60)
    (step,) = (await injector.plan(request)).steps
    assert step.commands == ("hurt there",)
    control_host = control_host_of(cluster)
    assert control_host is not None
    assert (control_host.name, control_host.host) == ("toy", "there")


def test_settings_that_it_needs_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(_CLUSTER.replace("toy: {host: there}\n", ""), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"toy: is required for the backend toy, with the keys: host"):
        inventory.load(path)
