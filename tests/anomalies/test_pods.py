"""Anomalies on nodes that are pods, by leases and by Chaos Mesh, over the real kubectl and an API server of ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.node import pod_access, sql_route
from distdiag_core.cluster.pod_shell import PodShell
from tests.anomalies.catalogue_data import HARMLESS
from tests.kubernetes_api.api_server import ApiServer, Right
from tests.kubernetes_api.nodes import cluster, labels, node, settings, use_kubectl
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Generator

_RBAC = Path(__file__).parents[2] / "deploy" / "kubernetes" / "rbac.yaml"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ApiServer]:
    use_kubectl(monkeypatch, tmp_path)
    with ApiServer(tmp_path) as api:
        yield api


async def test_a_lease_in_a_pod_is_started_listed_and_cleared(api: ApiServer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    container = api.add("shop-1", labels("zone1", "shop-1"))
    shop = cluster(api, node("n1", "zone1", data_dir=str(data)))
    access = pod_access(shop.nodes[0], settings(api))
    assert access is not None
    shell = PodShell(access)
    await shell.open()
    injector = Injector(shop, {"n1": shell}, HARMLESS, lease_directory=str(tmp_path / "leases"))
    (injection,) = await injector.inject(await injector.plan(InjectionRequest("sleep", ("n1",), "low", 600)))
    assert [each.id for each in await injector.active()] == [injection.id]
    assert [each.name for each in data.iterdir()] == [f"distdiag-{injection.id}"]
    (cleared,) = await injector.clear_all()
    assert (cleared.id, cleared.state) == (injection.id, InjectionState.CLEARED)
    assert list(data.iterdir()) == []
    await shell.close()
    await until(lambda: not container.running, "all of it to be ended in the pod")


async def test_the_roles_that_ship_grant_all_that_is_used_and_nothing_else(api: ApiServer) -> None:
    api.add("shop-1", labels("zone1", "shop-1"))
    api.rights = _granted()
    shop = cluster(api, node("n1", "zone1"), sql="port_forward")
    allowed = Protection(allow=("node_down",))
    shop = replace(shop, backend="chaos_mesh", sections=(*shop.sections, allowed))
    access = pod_access(shop.nodes[0], settings(api, sql="port_forward"))
    assert access is not None
    shell, route = PodShell(access), sql_route(shop.nodes[0], access)
    await shell.open()
    assert (await route.address())[0] == "127.0.0.1"
    await route.close()
    injector = Injector(shop, {"n1": shell}, catalogue.load(), control_host=LocalShell("kubernetes"))
    for anomaly in ("cpu_stress", "io_stress", "network_delay", "node_down"):
        (injection,) = await injector.inject(await injector.plan(InjectionRequest(anomaly, ("n1",), "low", 60)))
        (cleared,) = await injector.clear_all()
        assert (cleared.id, cleared.state) == (injection.id, InjectionState.CLEARED)
    await shell.close()
    # kubectl lists before it waits, and watches only for what has not come about by then.
    assert {each for each in api.rights - api.used if each.verb != "watch"} == set()


def _granted() -> frozenset[Right]:
    """What the rules of all roles grant together; `*` would be no right by itself, and not used."""
    documents = yaml.safe_load_all(_RBAC.read_text(encoding="utf-8"))
    return frozenset(
        Right(verb, group, resource)
        for role in documents
        for rule in role.get("rules", ())
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    )
