"""The entry point of `distdiag`: the command line of the core, which opens the console when no command is given."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core import logs
from distdiag_core.cli.main import main as command_line

if TYPE_CHECKING:
    from distdiag_core.cli.options import ServeRequest, Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.runtime.runtime import Runtime
    from distdiag_core.simulation.request import SimulationRequest
    from distdiag_core.simulation.simulation import Simulation
    from distdiag_tui.cluster_sources import ClusterSource
    from distdiag_tui.console_settings import ConsoleSettings
    from distdiag_tui.core import Core
    from distdiag_tui.drawing.glyphs import Glyphs


def main() -> None:
    """Run the command line and exit with its code."""
    logs.begin()
    sys.exit(command_line(open_console, serve_console=serve_console))


def serve_console(request: ServeRequest) -> None:
    """Show consoles in browsers until the operator ends it.

    Raises:
        DistdiagError: it cannot begin.
    """
    from distdiag_tui.serving import web_server

    web_server.serve(request)


def open_console(target: Target) -> None:
    """Fill the terminal with the console of the cluster or recording that was asked for, until the operator leaves.

    Raises:
        DistdiagError: it cannot begin; nothing was shown yet.
    """
    from distdiag_tui.drawing import terminal

    terminal.prepare(os.environ)
    served = terminal.is_served(os.environ)
    if not served:
        terminal.require((sys.stdin, sys.stdout))

    # A browser shows one app; who serves has a cluster.
    if target.has_no_cluster and not served:
        _first_run(target)
    else:
        _run_console(target)


def _run_console(target: Target) -> None:
    from distdiag_tui import garbage_collection

    garbage_collection.hold_off()
    from distdiag_tui.actions import keymap
    from distdiag_tui.app import DistdiagApp
    from distdiag_tui.drawing import terminal

    sources = [_source(each) for each in target.clusters()]
    notes: list[str] = []
    settings = _settings(notes)
    keys = keymap.user_keys(note=notes.append)
    app = DistdiagApp(
        sources,
        _glyphs(settings),
        rgb=terminal.has_rgb(os.environ),
        keys=keys,
        settings=settings,
        notes=notes,
        others=lambda: _with_files(target),
    )
    app.settle = garbage_collection.settle
    app.run(mouse=False)
    if app.failure is not None:
        raise app.failure


def _first_run(target: Target) -> None:
    """Ask for the first step, and take it."""
    from distdiag_core.cli import lab
    from distdiag_core.recording import recordings
    from distdiag_tui.actions import keymap
    from distdiag_tui.drawing import terminal
    from distdiag_tui.first_run import FirstRunApp
    from distdiag_tui.views import first_steps

    settings = _settings([])
    app = FirstRunApp(_glyphs(settings), settings, keymap.user_keys(), rgb=terminal.has_rgb(os.environ))
    app.run(mouse=False)
    if app.choice == first_steps.RECORDING:
        with recordings.opened(recordings.find("example", None)) as path:
            _run_console(replace(target, recording=path))
    elif app.choice == first_steps.LAB:
        lab.bring_up(install=os.geteuid() == 0)
        _run_console(replace(target, cluster="lab"))
    elif app.written is not None:
        _run_console(replace(target, config=app.written))


def _glyphs(settings: ConsoleSettings) -> Glyphs:
    """The signs that the operator or the terminal wants."""
    from distdiag_tui.drawing import glyphs

    wanted = os.environ.get("DISTDIAG_GLYPHS", settings.glyphs)
    return glyphs.choose(wanted, os.environ, sys.stdout.encoding)


def _settings(notes: list[str]) -> ConsoleSettings:
    """The operator's settings; where their file is wrong the defaults, with a note."""
    from distdiag_core.errors import ConfigError
    from distdiag_tui import console_settings

    try:
        return console_settings.load()
    except ConfigError as error:
        notes.append(str(error))
        return console_settings.ConsoleSettings()


def _source(target: Target) -> ClusterSource:
    """What is opened for a target of one cluster, or of a recording.

    Raises:
        ConfigError: there is no such cluster.
    """
    from distdiag_tui.cluster_sources import ClusterSource

    def new_core() -> Core:
        return _new_core(target)

    if target.recording is not None:
        # A packed recording lies in a temporary directory, which tells nobody anything.
        return ClusterSource(target.recording.stem, f"a replay of {target.recording.name}", new_core)
    if target.simulation() is not None:
        return ClusterSource(str(target.cluster), "a simulated cluster", new_core)
    path = target.path()
    return ClusterSource(path.stem, str(path), new_core)


def _with_files(target: Target) -> list[ClusterSource]:
    """The clusters that have a file, whether they are open or not."""
    from distdiag_core.cluster import inventory

    named = replace(target, config=None, recording=None)
    return [_source(replace(named, cluster=name)) for name in inventory.known()]


def _new_core(target: Target) -> Core:
    """The replay or the simulation where one was asked for, else the cluster, on a thread of its own."""
    from distdiag_core.runtime.thread import CoreThread
    from distdiag_tui.operations.look_back import new_replay

    if (path := target.recording) is not None:
        return CoreThread(lambda: new_replay(path))
    if (request := target.simulation()) is not None:
        return CoreThread(lambda: _new_simulation(request))
    settings = target.settings()
    return CoreThread(lambda: _new_runtime(settings))


def _new_simulation(request: SimulationRequest) -> Simulation:
    """A simulated cluster as a core."""
    from distdiag_core.simulation.simulation import Simulation

    return Simulation(request)


def _new_runtime(settings: ClusterSettings) -> Runtime:
    """The core with its model; what it imports takes longer than the first paint, which does not wait for it."""
    from distdiag_core.models import model_registry
    from distdiag_core.recording import recorder_lock
    from distdiag_core.runtime.runtime import Runtime

    model, why = model_registry.load_for(settings)
    recorder = recorder_lock.running(settings.name)
    said = f"this cluster is also recorded by {recorder}; B shows what it recorded" if recorder else ""
    return Runtime(settings, record=True, model=model, problems=tuple(filter(None, (why, said))))
