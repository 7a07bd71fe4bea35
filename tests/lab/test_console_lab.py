"""The console on the lab, by keys alone in a real terminal: load, hurt, diagnose, clear; and its sudden death."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import SEVERITIES, InjectionState
from distdiag_core.cluster import inventory
from distdiag_core.recording.reader import Recording
from distdiag_core.runtime.runtime import Runtime
from tests.lab.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.anomalies.injection import Injection
    from tests.lab.conftest import Lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(400)]

# The sentence in the place of the table; among the events like words stand for what was before.
_NOTHING_FOUND = "no anomaly on any of 3 nodes"
_PROGRAM = "import sys; from distdiag_tui.main import main; sys.argv[0] = 'distdiag'; main()"


def console(data: Path) -> Terminal:
    """The console of the lab, which keeps its recordings under `data`."""
    return Terminal([sys.executable, "-c", _PROGRAM, "--cluster", "lab"], {"XDG_DATA_HOME": str(data)})


@pytest.fixture
def steady_lab(lab: Lab) -> Iterator[None]:
    """Nothing injected and no load, before and after."""
    asyncio.run(_calm_down())
    yield
    asyncio.run(_calm_down())


async def _calm_down() -> None:
    async with Runtime(inventory.load(inventory.find("lab")), sampling=False) as runtime:
        await runtime.injections.clear_all()
        await runtime.workloads.stop()


async def _active() -> tuple[Injection, ...]:
    async with Runtime(inventory.load(inventory.find("lab")), sampling=False) as runtime:
        return await runtime.injections.active()


def first_cause(screen: str) -> str:
    """The first row of the table of root causes; empty where there is none."""
    row = re.search(r"ROOT CAUSES.*?^\W*1  (.*?)$", screen, re.DOTALL | re.MULTILINE)
    return row[1] if row else ""


def start_load(terminal: Terminal) -> None:
    """Fill the tables and start the clients, in the workload dialog: backwards over its end to the buttons."""
    terminal.keys("w")
    terminal.wait(lambda screen: "Prepare" in screen, "the workload dialog is open", within_s=5)
    # Nothing can be stopped yet: to Close, Start and Prepare.
    terminal.keys(*["BTab"] * 3, "Enter")
    terminal.wait(lambda screen: "all is there" in screen, "the tables are filled", within_s=120)
    terminal.keys("C-s")
    terminal.wait(lambda screen: "▶ sysbench" in screen, "the clients run", within_s=20)
    terminal.keys("Escape")


def inject_cpu_stress(terminal: Terminal, severity: int = 2) -> None:
    """CPU stress, which stands first, on the second node."""
    terminal.keys("i")
    terminal.wait(lambda screen: "INJECT AN ANOMALY" in screen, "the injection dialog is open", within_s=5)
    terminal.keys("Tab", "Down", "Space", "Tab", *["Down"] * severity)
    planned = f"CPU stress, {SEVERITIES[severity]} on n2"
    terminal.wait(lambda screen: planned in screen and "stress-ng" in screen, "what will run is shown", within_s=10)
    terminal.keys("C-s")


def back_to_the_main_screen(terminal: Terminal) -> None:
    """Escape, which together with the next key would be another key."""
    terminal.keys("Escape")
    terminal.wait(lambda screen: "ROOT CAUSES" in screen, "the main screen is there", within_s=5)


def look_at_the_graph(terminal: Terminal) -> None:
    """The compound anomaly graph, with the node that suffers in it."""
    terminal.keys("C")
    terminal.wait(lambda screen: "anomaly graph" in screen.lower() and "n2" in screen, "the graph is open", within_s=5)
    back_to_the_main_screen(terminal)


def see_the_onset_and_return(terminal: Terminal) -> None:
    """The past at the onset of the newest incident, and the present again."""
    terminal.keys("I")
    terminal.wait(lambda screen: "incidents" in screen and "grew" in screen, "the incident is listed", within_s=10)
    terminal.keys("b")
    terminal.wait(lambda screen: "REPLAY" in screen, "the past is shown", within_s=20)
    terminal.keys("b")
    terminal.wait(lambda screen: "REPLAY" not in screen and "3/3 nodes" in screen, "now is shown", within_s=10)


def write_the_report(terminal: Terminal) -> None:
    """The report of the newest incident."""
    terminal.keys("I")
    terminal.wait(lambda screen: "incidents" in screen and "grew" in screen, "the incident is listed", within_s=10)
    terminal.keys("w")
    terminal.wait(lambda screen: "wrote" in screen, "the report is written", within_s=10)
    back_to_the_main_screen(terminal)


def test_load_hurt_diagnose_clear(steady_lab: None, tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait(lambda screen: "3/3 nodes" in screen, "three nodes are up", within_s=20)
        start_load(terminal)
        terminal.wait(
            lambda screen: _NOTHING_FOUND in screen and "waiting for baseline" not in screen,
            "normal is known",
            within_s=90,
        )

        inject_cpu_stress(terminal)

        named = re.compile(r"^n2\s+CPU stress")
        terminal.wait(
            lambda screen: "suspected" in screen and named.search(first_cause(screen)) is not None,
            "CPU stress on n2 is the first root cause",
            within_s=20,
        )
        look_at_the_graph(terminal)
        terminal.keys("C-x")
        terminal.wait(
            lambda screen: "none injected" in screen and _NOTHING_FOUND in screen, "the table empties", within_s=30
        )
        see_the_onset_and_return(terminal)
        write_the_report(terminal)
        terminal.keys("q")
        terminal.wait_end(within_s=10)


def test_the_node_ends_it_when_the_console_is_killed(steady_lab: None, tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait(lambda screen: "3/3 nodes" in screen, "three nodes are up", within_s=20)
        terminal.keys("i")
        terminal.wait(lambda screen: "INJECT AN ANOMALY" in screen, "the injection dialog is open", within_s=5)
        terminal.keys("Tab", "Down", "Space", "Tab", "Tab")
        terminal.wait(lambda screen: "stress-ng" in screen, "a plan is shown", within_s=10)
        terminal.keys("15s")
        terminal.wait(lambda screen: "stress-ng" in screen and "for 00:15" in screen, "the plan is shown", within_s=10)
        terminal.keys("C-s")
        terminal.wait(lambda screen: "n2 CPU stress" in screen, "it is active", within_s=15)
        killed_s = time.time()
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.wait_end(within_s=5)

    (injection,) = asyncio.run(_active())
    assert injection.state is InjectionState.ACTIVE
    deadline_s = injection.deadline_s + 10
    while asyncio.run(_active()) and time.time() < deadline_s:
        time.sleep(0.5)
    assert asyncio.run(_active()) == ()

    (file,) = tmp_path.rglob("*.sqlite")
    with Recording(file) as recording:
        span = recording.span()
        assert span is not None
        # At most the tick that was under way is lost, and it may have been due a second before.
        assert killed_s - span[1] < 2.5
        assert any(event.kind == "injection" for event in recording.events())
