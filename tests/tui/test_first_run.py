"""The first run without a cluster file: what is chosen, and a cluster of one's own from its form to its file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from textual.widgets import Button, Input

from distdiag_core import places
from distdiag_core.cli.options import Target
from distdiag_core.doctor.report import Check, ClusterReport, NodeReport, Result
from distdiag_core.setup.cluster_draft import ClusterDraft, NodeDraft
from distdiag_tui.console_settings import ConsoleSettings
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.first_run import FirstRunApp
from distdiag_tui.screens.first_steps import FirstSteps
from distdiag_tui.screens.own_cluster import OwnCluster, PodCluster
from distdiag_tui.screens.question import Question
from distdiag_tui.screens.tried_cluster import TriedCluster
from distdiag_tui.views.first_steps import LAB, OWN, PODS, RECORDING, about
from distdiag_tui.widgets.line_view import LineView
from tests.cluster.conftest import free_port, home, new_server, server
from tests.cluster.server_views import ServerViews
from tests.kubernetes_api.api_server import NAMESPACE, ApiServer
from tests.kubernetes_api.nodes import labels, use_kubectl
from tests.tui.conftest import until

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.cluster.conftest import SshServer
    from tests.tui.test_snapshots import Compare

__all__ = ["free_port", "home", "new_server", "server"]

# A try waits for programs of this machine, which may be busy.
PATIENCE_S = 300.0


def first_run() -> FirstRunApp:
    return FirstRunApp(SETS["braille"], ConsoleSettings(), {})


def test_there_is_a_first_run_until_something_names_a_cluster() -> None:
    target = Target(lambda _: None, lambda _: None)
    assert target.has_no_cluster
    assert not replace(target, cluster="shop").has_no_cluster
    assert not replace(target, recording=Path("run")).has_no_cluster
    places.clusters_dir().mkdir(parents=True)
    (places.clusters_dir() / "mine.yaml").touch()
    assert not target.has_no_cluster


@pytest.mark.parametrize(
    ("keys", "choice"), [("q", ""), ("escape", ""), ("enter", RECORDING), ("down enter", LAB)]
)  # fmt: skip
async def test_what_was_chosen(keys: str, choice: str) -> None:
    app = first_run()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstSteps))
        await pilot.press(*keys.split())
    assert (app.choice, app.written) == (choice, None)


def test_without_root_the_lab_says_what_it_is_then() -> None:
    said = [" ".join(text for line in about(LAB, 200, root=root) for text, _ in line) for root in (True, False)]
    assert ["You are not root" in each for each in said] == [False, True]


async def test_a_cluster_is_found_tried_trusted_and_written(server: SshServer, home: Path, tmp_path: Path) -> None:
    config = f"Host 127.0.0.1\n  Port {server.port}\n  User operator\n  IdentityFile {server.identity}\n"
    (home / ".ssh" / "config").write_text(config, encoding="ascii")
    # Of documentation: an address that no machine has.
    servers = (("192.0.2.1", 2882, 2881, "z1", "ACTIVE", "None"),)
    app = first_run()
    with ServerViews("4 sys", servers, own=("192.0.2.1", 2882)).listening(tmp_path) as database:
        async with server.listening(), app.run_test(size=(100, 40)) as pilot:
            await _open_form(app, pilot)
            values = {"name": "shop", "seed": "127.0.0.1", "sql_user": "watcher", "sql_port": str(database.port)}
            for name, value in values.items():
                app.screen.query_one(f"#{name} Input", Input).value = value
            await pilot.press("ctrl+s")

            await until(pilot, lambda: isinstance(app.screen, Question), within_s=PATIENCE_S)
            await until(pilot, lambda: "SHA256:" in app.screen.query_one(LineView).text)
            assert not (home / ".ssh" / "known_hosts").exists()
            app.screen.query_one("#yes", Button).press()

            await until(pilot, lambda: isinstance(app.screen, TriedCluster), within_s=PATIENCE_S)
            await until(pilot, lambda: "n1" in app.screen.query_one(LineView).text)
            shown = app.screen.query_one(LineView).text
            assert "GRANT SELECT ON oceanbase.* TO 'watcher';" in shown
            assert not places.clusters_dir().exists()
            await pilot.press("ctrl+s")

    assert app.choice == OWN
    assert app.written == places.clusters_dir() / "shop.yaml"
    written = yaml.safe_load(app.written.read_text("utf-8"))
    assert written["nodes"] == [{"name": "n1", "host": "127.0.0.1", "zone": "z1"}]
    assert written["read_only"] is True
    assert (home / ".ssh" / "known_hosts").read_text("ascii").startswith(f"[127.0.0.1]:{server.port} ssh-ed25519 ")


async def test_pods_are_found_by_their_labels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_kubectl(monkeypatch, tmp_path)
    app = first_run()
    with ApiServer(tmp_path) as api:
        monkeypatch.setenv("KUBECONFIG", str(api.kubeconfig))
        api.add("shop-1", labels("zone1", "shop-1"), phase="Pending")
        async with app.run_test(size=(100, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, FirstSteps))
            await pilot.press("end", "enter")
            await until(pilot, lambda: isinstance(app.screen, PodCluster))
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "no namespace is named" in app.screen.query_one("#progress", LineView).text)
            for name, value in {"name": "shop", "namespace": NAMESPACE, "pod_sql": "port_forward"}.items():
                app.screen.query_one(f"#{name} Input", Input).value = value
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, TriedCluster), within_s=PATIENCE_S)
            await until(pilot, lambda: "ref-obcluster=shop" in app.screen.query_one(LineView).text)
            await pilot.press("ctrl+s")

    assert app.choice == PODS
    assert app.written is not None
    written = yaml.safe_load(app.written.read_text("utf-8"))
    assert written["kubernetes"] == {"namespace": NAMESPACE, "sql": "port_forward"}
    assert [(node["host"], node["connection"]) for node in written["nodes"]] == [("shop-1", "kubernetes")]


async def test_what_went_wrong_is_said_below_the_fields() -> None:
    app = first_run()
    async with app.run_test() as pilot:
        await _open_form(app, pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "no node is named" in app.screen.query_one("#progress", LineView).text)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, FirstSteps))


async def _open_form(app: FirstRunApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: isinstance(app.screen, FirstSteps))
    await pilot.press("down", "down", "enter")
    await until(pilot, lambda: isinstance(app.screen, OwnCluster))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=str)
def test_first_steps(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    async def to_the_lab(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, FirstSteps))
        await pilot.press("down")
        await pilot.pause()

    assert snap_compare(first_run(), terminal_size=size, run_before=to_the_lab)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=str)
def test_tried_cluster(snap_compare: Compare, size: tuple[int, int]) -> None:
    nodes = tuple(NodeDraft(f"n{each}", f"10.0.0.1{each}", f"z{each}") for each in (1, 2))
    draft = ClusterDraft("shop", nodes, sql_user="watcher", sql_port=2881)
    passed = tuple(Check(name, Result.PASSED, "") for name in ("ssh", "sql", "metrics host", "grants", "clock"))
    refused = Check("sql", Result.FAILED, "access denied for the user watcher", fixes=("correct sql.user",))
    rights = Check("rights", Result.LIMITED, "", ("network_delay is off",), ("as root: ...",))
    reports = (NodeReport("n1", "10.0.0.11", (*passed, rights)), NodeReport("n2", "10.0.0.12", (passed[0], refused)))
    report = ClusterReport("shop", reports, NodeReport("load host", "this machine", ()))

    async def show(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, FirstSteps))
        await pilot.app.push_screen(TriedCluster(draft, report, Path("/home/me/shop.yaml")))
        await until(pilot, lambda: "n1" in pilot.app.screen.query_one(LineView).text)

    assert snap_compare(first_run(), terminal_size=size, run_before=show)
