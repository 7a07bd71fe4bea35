"""Nodes that are pods of the API server of tests, reached by the real `kubectl`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.cluster.kubernetes_settings import KubernetesSettings
from tests.kubernetes_api.api_server import NAMESPACE
from tests.unpacked_programs import unpacked

if TYPE_CHECKING:
    import pytest

    from tests.kubernetes_api.api_server import ApiServer


def labels(zone: str, server: str) -> dict[str, str]:
    """The labels that ob-operator gives the pod of an observer."""
    return {"ref-obcluster": "shop", "ref-obzone": zone, "ref-observer": server, "ref-uid": "6ba7"}


def node(name: str, zone: str, **changes: Any) -> NodeSettings:  # noqa: ANN401 - any setting
    """The node that is the pod of a zone."""
    selector = f"ref-obcluster=shop,ref-obzone={zone}"
    made = NodeSettings(name, f"pod-of-{zone}", zone, "kubernetes", SshSettings(), SqlSettings(), pod_selector=selector)
    return replace(made, **changes)


def settings(api: ApiServer, **changes: Any) -> KubernetesSettings:  # noqa: ANN401 - any setting
    """How kubectl reaches the server."""
    return replace(KubernetesSettings(NAMESPACE, kubeconfig=str(api.kubeconfig)), **changes)


def cluster(api: ApiServer, *nodes: NodeSettings, **changes: Any) -> ClusterSettings:  # noqa: ANN401 - any setting
    """The cluster of these nodes; `changes` are of the section kubernetes."""
    return ClusterSettings("shop", nodes, read_only=False, sections=(settings(api, **changes),))


def use_kubectl(monkeypatch: pytest.MonkeyPatch, home: object) -> None:
    """Put the unpacked `kubectl` on the PATH, with caches in `home`; without it the test is skipped."""
    monkeypatch.setenv("PATH", f"{unpacked('usr/bin/kubectl').parent}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("KUBECONFIG", raising=False)
