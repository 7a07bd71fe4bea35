"""Training, judging and keeping models from the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

CASES = str(Path(__file__).parent.parent / "diagnosis" / "lab_cases")


def test_from_training_to_the_model_in_use(distdiag: Callable[..., Ended]) -> None:
    made = distdiag("train", "--cases", CASES, "--name", "mine", "--no-calibration", "--rounds", "2", "--json")
    assert made.status == 0
    facts = json.loads(made.stdout)
    assert {"model", "anomalies", "cases", "windows", "seconds"} <= set(facts)
    assert "training: cpu_stress" in made.stderr

    assert distdiag("models", "use", "mine").status == 0
    listed = json.loads(distdiag("models", "--json").stdout)
    assert listed["use"] == "mine"
    assert set(listed["models"]) == {"lab", "host", "galera", "mine"}

    assert distdiag("models", "delete", "mine").status == 3
    assert distdiag("models", "rename", "mine", "better").status == 0
    assert json.loads(distdiag("models", "show", "--json").stdout)["training"]["options"]["rounds"] == 2
    assert distdiag("models", "delete", "better", "--force").status == 0


def test_old_options_are_read_with_a_note(distdiag: Callable[..., Ended]) -> None:
    trained = distdiag("train", "--cases", CASES, "--on", "nowhere")
    assert trained.status == 2
    assert "--on is now called --dask" in trained.stderr
    deleted = distdiag("models", "delete", "unheard-of", "--even-in-use")
    assert deleted.status == 2
    assert "--even-in-use is now called --force" in deleted.stderr


def test_an_evaluation_as_text_json_and_a_page(distdiag: Callable[..., Ended], tmp_path: Path) -> None:
    found = distdiag("evaluate", "--test", CASES, "--model", "lab", "--report", str(tmp_path / "report"), "--json")
    assert found.status == 0
    facts = json.loads(found.stdout)
    assert {"cases", "ac", "macro_f1", "by_category", "placebo_ac1", "detection", "baselines"} <= set(facts)
    page = (tmp_path / "report" / "README.md").read_text(encoding="utf-8")
    assert "| **all** | 6 | 1.000 |" in page
    for plot in ("accuracy.svg", "reliability.svg"):
        assert plot in page
        assert ET.parse(tmp_path / "report" / plot).getroot().tag.endswith("svg")  # noqa: S314 - we wrote it
    ended = distdiag("evaluate", "--test", CASES, "--model", "lab")
    assert "95 % confidence intervals" in ended.stdout
    # Each case is told of as it is diagnosed.
    assert "network_delay-n1-medium-rw3-1: not noticed\n" in ended.stderr
    assert re.search(r"^cpu_stress\S*: right$", ended.stderr, re.MULTILINE)


def test_the_shipped_model_has_no_time_of_making(distdiag: Callable[..., Ended]) -> None:
    (row,) = (line for line in distdiag("models").stdout.splitlines() if " lab " in line)
    assert re.search(r" - {2,}cache_bottleneck", row), row
    (facts,) = (each for each in json.loads(distdiag("models", "--json").stdout)["facts"] if each["name"] == "lab")
    assert facts["created"] is None


def test_the_options_of_a_training_are_said_in_words(distdiag: Callable[..., Ended]) -> None:
    said = distdiag("models", "show", "lab").stdout
    assert "rounds: as suits the data" in said
    assert "class weights: yes" in said
    assert not re.search(r"\b(None|True|False)\b", said)


def test_what_the_model_lacks_on_this_cluster_is_said_by_anomaly(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    assert "no cluster is chosen" in distdiag("models", "show").stderr
    cluster_file("name: mine\nsources: [host]\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n")
    shown = distdiag("models", "show", "lab", "--json")
    lacking = json.loads(shown.stdout)["lacking"]
    assert {"anomaly", "metrics", "of", "cost", "reasons"} == set(lacking[0])
    said = distdiag("models", "show", "lab").stderr
    assert re.search(r"note: io_stress: \d+ of \d+ metrics are not read here \(sources: sysstat off\), \d+% of", said)
    # The one in use is that of hosts, which goes by no other metrics.
    of_host = json.loads(distdiag("models", "show", "--json").stdout)
    assert (of_host["name"], of_host["lacking"]) == ("host", [])


def test_a_diagnosis_says_once_what_is_lacking(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(
        "name: mine\nsources: [host]\ninterval_s: 0.25\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n"
    )
    ended = distdiag("diagnose", "--model", "lab", "--follow", "--for", "15s", "--json")
    assert ended.status == 0
    assert ended.stderr.count("note: io_stress: ") == 1
    assert all(json.loads(line) for line in ended.stdout.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "--test", CASES, "--train", CASES, "--model", "lab"),
        ("evaluate", "--test", CASES, "--folds", "1"),
        ("models", "use", "unheard-of"),
        ("train", "--cases", CASES, "--name", "../x"),
        ("train", "--cases", CASES, "--rounds", "0"),
    ],
)
def test_wrong_usage_is_told(distdiag: Callable[..., Ended], arguments: tuple[str, ...]) -> None:
    assert distdiag(*arguments).status == 2
