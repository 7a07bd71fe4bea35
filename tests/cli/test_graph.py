"""`distdiag graph export` on a recording that a run has left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import pytest

from distdiag_core import places
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.catalogue import MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

CASES = Path(__file__).parents[1] / "diagnosis" / "lab_cases"


@pytest.fixture
def recording(home: Path) -> Path:
    """The first part of a run of the lab, in which CPU stress was injected on n2."""
    case = next(each for each in case_directory.read_all(CASES) if each.name.startswith("cpu_stress-n2"))
    known = catalogue.load()
    metrics = MetricCatalogue(tuple(each for each in known.metrics if each.name in case.window.metrics))
    columns = [case.window.metrics.index(name) for name in metrics.names]
    first = min(label.start_s for label in case.labels)
    cluster = ClusterSettings("shop", tuple(NodeSettings(name, "127.0.0.1") for name in case.window.nodes))
    with Recorder(cluster, metrics, places.recordings_dir()) as recorder:
        for at, time_s in enumerate(case.window.times_s.tolist()):
            if time_s <= first + 20:
                recorder.frame(Frame(time_s, case.window.nodes, metrics.names, case.window.values[:, columns, at]))
    return recorder.path


def test_the_graph_of_the_last_tick_is_written_as_graphml(
    distdiag: Callable[..., Ended], recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "graph.graphml"
    ended = distdiag("graph", "export", str(out), "--recording", str(recording), "--json")

    assert ended.status == 0, ended.stderr
    facts = json.loads(ended.stdout)
    assert (facts["out"], facts["nodes"], facts["anomalous"]) == (str(out), 3, True)
    found = nx.read_graphml(out)
    scores = {node: found.nodes[node]["score.cpu_stress"] for node in found.nodes}
    assert max(scores, key=lambda node: scores[node]) == "n2"
    assert scores["n2"] > 0.5


def test_the_graph_of_an_earlier_tick_is_written_as_svg(
    distdiag: Callable[..., Ended], recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "graph.svg"
    ended = distdiag("graph", "export", str(out), "--recording", str(recording), "--before", "30s", "--most", "2")

    assert ended.status == 0, ended.stderr
    assert f"{out} is written: 2 nodes at " in ended.stderr
    assert "2 of 3 nodes, the most involved" in out.read_text()
    assert "CPU stress 0." not in out.read_text()


def test_mistakes_are_said_with_what_to_do(distdiag: Callable[..., Ended], recording: Path, tmp_path: Path) -> None:
    ended = distdiag("graph", "export", str(tmp_path / "graph.png"), "--recording", str(recording))
    assert ended.status == 2
    assert "FILE must end with .graphml or .svg" in ended.stderr

    out = tmp_path / "graph.svg"
    ended = distdiag("graph", "export", str(out), "--recording", str(recording), "--before", "30h")
    assert ended.status == 1
    assert "there is no tick at that time" in ended.stderr

    ended = distdiag("graph", "export", str(tmp_path / "none" / "graph.svg"), "--recording", str(recording))
    assert ended.status == 1
    assert "the graph cannot be written" in ended.stderr


def test_the_graph_of_the_shipped_recording_is_written(
    distdiag: Callable[..., Ended], home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "graph.svg"

    assert distdiag("graph", "export", str(out), "--recording", "example").status == 0
    assert "n2" in out.read_text()
