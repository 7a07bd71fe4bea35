"""Several clusters in one console: simulated ones, scripted ones, and one whose file is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError, DataError
from distdiag_core.recording.events import Event
from distdiag_core.runtime.thread import CoreThread
from distdiag_core.simulation.request import SimulationRequest
from distdiag_core.simulation.simulation import Simulation
from distdiag_tui.app import DistdiagApp
from distdiag_tui.cluster_sources import ClusterSource
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.screens.clusters import ClustersScreen
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.node_wall import NodeWall
from distdiag_tui.widgets.panel import Panel
from tests.tui.canned import NOW_S, calm, cluster, troubled
from tests.tui.conftest import until
from tests.tui.scripted_core import ScriptedCore
from tests.tui.walking import text

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.core import Core


def _broken() -> Core:
    raise ConfigError("expected the node content", where="broken.yaml:2")


def _source(name: str, core: Core) -> ClusterSource:
    return ClusterSource(name, f"{name}.yaml", lambda: core)


def _simulated(seed: int) -> ClusterSource:
    name = f"sim:4:{seed}"
    return ClusterSource(name, name, lambda: CoreThread(lambda: Simulation(SimulationRequest(4, seed))))


def _named(snapshot: Snapshot, name: str) -> Snapshot:
    return replace(snapshot, cluster=replace(snapshot.cluster, name=name))


def _app(*sources: ClusterSource, others: tuple[ClusterSource, ...] = ()) -> DistdiagApp:
    return DistdiagApp(sources, SETS["ascii"], clock=lambda: NOW_S, others=lambda: others)


def _listed(app: DistdiagApp) -> str:
    return text(app.screen.query_one(ListView).lines)


async def _to_list(pilot: Pilot[None]) -> None:
    await pilot.press("K")
    await until(pilot, lambda: isinstance(pilot.app.screen, ClustersScreen))
    await pilot.pause()


async def test_each_cluster_keeps_its_screens_and_goes_on_while_another_is_seen() -> None:
    scripted = ScriptedCore(replace(calm(), cluster=replace(cluster(production=True), name="shop", accent="cyan")))
    app = _app(_simulated(1), _simulated(2), _source("shop", scripted))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: all(each.snapshot is not None for each in app.clusters.consoles))
        await pilot.press("down", "down")
        first = app.screen
        assert first.query_one(NodeWall).cursor == 2
        before = app.clusters.consoles[0].snapshot
        await pilot.press("J")
        await until(pilot, lambda: app.current.name == "sim:4:2" and isinstance(app.screen, MainScreen))
        assert app.screen.query_one(NodeWall).cursor == 0
        await pilot.press("J")
        await until(pilot, lambda: " PROD " in text(app.screen.query_one("#title", Panel).lines))
        assert " shop " in text(app.screen.query_one("#title", Panel).lines)
        assert app.current.accent == "cyan"
        await until(pilot, lambda: app.clusters.consoles[0].snapshot is not before)
        await pilot.press("J")
        await until(pilot, lambda: app.screen is first)
        assert first.query_one(NodeWall).cursor == 2
        # What is done goes to the cluster that is seen.
        await pilot.press("ctrl+x")
        assert scripted.log.names() == []
    assert app.failure is None
    assert scripted.stopped


async def test_the_list_opens_shows_and_closes_and_a_broken_file_hinders_nobody() -> None:
    shop, hurt = ScriptedCore(_named(calm(), "shop")), ScriptedCore(_named(troubled(), "hurt"))
    broken = ClusterSource("broken", "broken.yaml", _broken)
    app = _app(broken, _source("shop", shop), others=(_source("hurt", hurt), broken))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        assert app.current.name == "shop"
        await _to_list(pilot)
        assert all(word in _listed(app) for word in ("failed", "expected the node content", "shown", "closed"))
        await pilot.press("end", "o")
        await until(pilot, lambda: len(app.clusters.consoles) == 2 and "suspect" in _listed(app))
        assert app.current.name == "shop"
        await pilot.press("enter")
        await until(pilot, lambda: app.current.name == "hurt" and app.snapshot is not None)
        await _to_list(pilot)
        await pilot.press("end", "o")
        # It says what is injected before it closes, and the other one is seen then.
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.current.name == "shop" and hurt.stopped)
        assert [each.word for each in app.clusters.states()] == ["failed", "shown", "closed"]


async def test_what_stays_is_settled_when_a_core_has_started_and_when_it_has_ended() -> None:
    shop, far = ScriptedCore(_named(calm(), "shop")), ScriptedCore(_named(calm(), "far"))
    app = _app(_source("shop", shop), _source("far", far))
    settled: list[bool] = []
    app.settle = lambda: settled.append(far.stopped)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: settled == [False, False])
        app.clusters.close("far")
        await until(pilot, lambda: settled == [False, False, True])


async def test_trouble_elsewhere_is_said_with_the_name_of_its_cluster() -> None:
    shop, far = ScriptedCore(_named(calm(), "shop")), ScriptedCore(_named(calm(), "far"))
    app = _app(_source("shop", shop), _source("far", far))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: all(each.snapshot is not None for each in app.clusters.consoles))
        down = Event(NOW_S + 1, "node", "n2 is down: no route to host", "error", "n2")
        far.publish(replace(far.runtime.newest, events=(down, *far.runtime.newest.events)))
        await until(pilot, lambda: any("far: n2 is down" in each.message for each in app._notifications))
        shop.publish(shop.runtime.newest)
        await until(pilot, lambda: "far" in text(app.screen.query_one("#alarm", Panel).lines))
        far.finished.set_exception(DataError("no space left on device"))
        await until(pilot, lambda: any("far: the core has stopped" in each.message for each in app._notifications))
        assert [each.word for each in app.clusters.states()] == ["shown", "stopped"]


async def test_quitting_names_what_is_injected_on_which_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    shop, hurt = ScriptedCore(_named(calm(), "shop")), ScriptedCore(_named(troubled(), "hurt"))
    app = _app(_source("shop", shop), _source("hurt", hurt))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: all(each.snapshot is not None for each in app.clusters.consoles))
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(app.screen, MainScreen))
        await pilot.pause()
        assert " of hurt is " in "".join(strip.text for strip in app.screen._compositor.render_strips())
        await pilot.press("tab", "tab", "enter")
        await until(pilot, lambda: app._exit)
    assert shop.stopped
    assert hurt.stopped
    assert "left on hurt: CPU stress on n2 is active" in capsys.readouterr().err
