"""Plays the endings that were asked for, once, and prints what became of them as a table."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from tests.lab.endings.lanes import Outcome, Pair, play
from tests.lab.endings.victim import Victim

if TYPE_CHECKING:
    from tests.lab.conftest import Lab

# The nodes to play on, with commas between them; without it: all.
_NODES = "DISTDIAG_ENDINGS_NODES"
_OUTCOMES = pytest.StashKey[dict[Pair, Outcome]]()


@pytest.fixture(scope="session")
def outcomes(lab: Lab, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[Pair, Outcome]:
    """What became of each (anomaly, ending) that the tests of this run are about."""
    calls = (item.callspec.params for item in request.session.items if hasattr(item, "callspec"))
    pairs = dict.fromkeys((params["anomaly"], params["ending"]) for params in calls if "ending" in params)
    names = [node.name for node in lab.status.nodes]
    wanted = os.environ.get(_NODES, ",".join(names)).split(",")
    all_of_them = {name: Victim(name, tmp_path_factory.mktemp(name)) for name in names}
    jump = all_of_them[next(name for name in reversed(names) if name != wanted[0])]
    found = asyncio.run(play(pairs, [all_of_them[name] for name in wanted], jump))
    request.config.stash[_OUTCOMES] = found
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    found = config.stash.get(_OUTCOMES, {})
    if not found:
        return
    endings = list(dict.fromkeys(ending for _, ending in found))
    terminalreporter.section("what was left of each anomaly under each ending")
    terminalreporter.write_line(f"| anomaly | {' | '.join(ending.replace('_', ' ') for ending in endings)} |")
    terminalreporter.write_line(f"| --- |{' --- |' * len(endings)}")
    for anomaly in sorted({anomaly for anomaly, _ in found}):
        cells = (str(found.get((anomaly, ending), "-")) for ending in endings)
        terminalreporter.write_line(f"| {anomaly} | {' | '.join(cells)} |")
