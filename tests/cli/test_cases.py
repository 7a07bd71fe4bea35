"""The dataset on the command line: listed, shown, counted and corrected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

    Run = Callable[..., Ended]

LABELS = """\
source: somebody
period: 1
anomalies: [{type: cpu_stress, node: n1, start: 104, end: 109, severity: high}]
group: g
"""


def make(path: Path, labels: str = LABELS) -> Path:
    path.mkdir(parents=True)
    (path / "case.yaml").write_text(labels)
    rows = [f"{time},{node},{time - 100}" for time in range(100, 115) for node in ("n1", "n2")]
    (path / "metrics.csv").write_text("\n".join(["timestamp,node,cpu", *rows, ""]))
    return path


@pytest.fixture
def dataset(home: Path) -> Path:
    """One case with an anomaly, one that was excluded, and one that is normal."""
    directory = home / "data" / "distdiag" / "cases"
    make(directory / "a")
    make(directory / "b", f"{LABELS}excluded: n2 was lost\n")
    make(directory / "c", "period: 1\nanomalies: []\n")
    return directory


def test_cases_are_listed_with_what_they_have(distdiag: Run, dataset: Path) -> None:
    ended = distdiag("cases", "list")
    assert ended.status == 0
    assert ["a", "15", "cpu_stress@n1"] in [line.split() for line in ended.stdout.splitlines()]
    assert "excluded: n2 was lost" in ended.stdout
    listed = [
        json.loads(line)
        for line in distdiag("cases", "list", "--json", "--anomaly", "cpu_stress").stdout.split("\n")[:-1]
    ]
    assert [(each["case"], each["ticks"], each["anomalies"]) for each in listed] == [
        ("a", 15, ["cpu_stress@n1"]),
        ("b", 15, ["cpu_stress@n1"]),
    ]


@pytest.mark.usefixtures("home")
def test_a_list_of_no_cases_is_no_mistake(distdiag: Run) -> None:
    ended = distdiag("cases", "list")
    assert (ended.status, ended.stdout) == (0, "")
    assert "no case yet" in ended.stderr
    listed = distdiag("cases", "list", "--json")
    assert (listed.status, listed.stdout, listed.stderr) == (0, "", "")


def test_a_list_of_none_that_fit_says_so(distdiag: Run, dataset: Path) -> None:
    assert dataset.is_dir()
    assert "no case fits" in distdiag("cases", "list", "--tag", "nobody").stderr


def test_an_unreadable_case_is_reported_and_the_others_are_listed(distdiag: Run, dataset: Path) -> None:
    (dataset / "half").mkdir()
    ended = distdiag("cases", "list")
    assert ended.status == 0
    assert "left out" in ended.stderr
    assert "has no case.yaml" in ended.stderr
    assert ended.stdout.count("\n") == 4


def test_samples_are_counted_and_the_balance_is_reported(distdiag: Run, dataset: Path) -> None:
    counted = json.loads(distdiag("cases", "stats", "--json").stdout)
    assert (counted["cases"], counted["excluded"], counted["samples"]) == (2, 1, 30)
    assert (counted["normal"], counted["anomalous"]) == (24, 6)
    assert counted["by_anomaly"] == {"cpu_stress": 6}
    assert counted["by_node"] == {"n1": 6, "n2": 0}
    assert counted["balance"]["balanced"] is False
    assert "not balanced: add 7 anomalous samples" in distdiag("cases", "stats").stdout
    assert "\nbalanced" in distdiag("cases", "stats", "--balance", "60").stdout


def test_labels_are_corrected(distdiag: Run, dataset: Path) -> None:
    assert distdiag("cases", "relabel", "a", "--rename", "cpu_stress", "io_stress").status == 0
    assert distdiag("cases", "relabel", "a", "--add", "lock", "n2", "2", "5", "--severity", "low").status == 0
    assert distdiag("cases", "relabel", "b", "--excluded", "").status == 0
    shown = json.loads(distdiag("cases", "show", "a", "--json").stdout)
    assert shown["labels"] == [
        {"anomaly": "io_stress", "node": "n1", "start_s": 104, "end_s": 109, "severity": "high"},
        {"anomaly": "lock", "node": "n2", "start_s": 102, "end_s": 105, "severity": "low"},
    ]
    assert distdiag("cases", "relabel", "a", "--remove", "lock", "n2").status == 0
    assert json.loads(distdiag("cases", "show", "a", "--json").stdout)["anomalies"] == ["io_stress@n1"]
    assert json.loads(distdiag("cases", "show", "b", "--json").stdout)["excluded"] is None


def test_the_options_of_the_previous_release_are_still_read(distdiag: Run, dataset: Path) -> None:
    make(dataset / "old", f"{LABELS}disturbed: n1 was lost\n")
    assert json.loads(distdiag("cases", "show", "old", "--json").stdout)["excluded"] == "n1 was lost"
    ended = distdiag("cases", "relabel", "old", "--disturbed", "the load changed")
    assert "--disturbed is now called --excluded" in ended.stderr
    written = (dataset / "old" / "case.yaml").read_text()
    assert "excluded: the load changed" in written
    assert "disturbed" not in written


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--rename", "nothing", "x"), "has no anomaly nothing; its anomalies: cpu_stress"),
        (("--remove", "cpu_stress", "n2"), "has no cpu_stress on n2; its anomalies: cpu_stress on n1"),
        (("--add", "lock", "n9", "1", "2"), "labels node n9, which has no figures; known: n1, n2"),
        (("--add", "lock", "n1", "70", "80"), "at a time without figures"),
        (("--add", "lock", "n1", "8", "2"), "must not be after the end"),
        (("--add", "cpu_stress", "n1", "8", "12"), "overlaps with the one from 108 to 112"),
    ],
)
def test_impossible_labels_are_refused(
    distdiag: Run, dataset: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    before = (dataset / "a" / "case.yaml").read_bytes()
    ended = distdiag("cases", "relabel", "a", *arguments)
    assert ended.status == 1
    assert complaint in ended.stderr
    assert (dataset / "a" / "case.yaml").read_bytes() == before


def test_a_case_is_cut(distdiag: Run, dataset: Path) -> None:
    assert distdiag("cases", "cut", "a", "2", "7").status == 0
    shown = json.loads(distdiag("cases", "show", "a", "--json").stdout)
    assert (shown["ticks"], shown["start"], shown["end"]) == (6, 102, 107)
    assert (shown["labels"][0]["start_s"], shown["labels"][0]["end_s"]) == (104, 107)
    ended = distdiag("cases", "cut", "a", "50", "60")
    assert ended.status == 1
    assert "it goes from 102 to 107" in ended.stderr


def test_tags_are_put_on_and_taken_off(distdiag: Run, dataset: Path) -> None:
    assert distdiag("cases", "tag", "a", "night", "good").status == 0
    assert [line.split()[0] for line in distdiag("cases", "list", "--tag", "night").stdout.splitlines()] == [
        "CASE",
        "a",
    ]
    assert distdiag("cases", "tag", "--remove", "a", "night").stderr == "a: good\n"


def test_dropped_cases_are_removed(distdiag: Run, dataset: Path) -> None:
    assert distdiag("cases", "drop", "a", "b").status == 0
    assert [entry.name for entry in dataset.iterdir()] == ["c"]
    ended = distdiag("cases", "drop", "a")
    assert ended.status == 2
    assert "there is no such case" in ended.stderr


def test_an_empty_dataset_says_so(distdiag: Run) -> None:
    ended = distdiag("cases", "stats")
    assert ended.status == 2
    assert "there are no cases yet" in ended.stderr


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out"])
def test_exported_cases_can_be_imported(distdiag: Run, dataset: Path, home: Path, name: str) -> None:
    assert distdiag("cases", "export", str(home / name)).status == 0
    ended = distdiag("cases", "import", str(home / name), "--into", str(home / "back"), "--json")
    assert [json.loads(line)["case"] for line in ended.stdout.splitlines()] == ["a", "b", "c"]
    assert distdiag("cases", "list", str(home / "back")).stdout == distdiag("cases", "list").stdout


def test_a_malformed_case_is_named_and_the_others_are_imported(distdiag: Run, home: Path) -> None:
    for name in ("good", "bad"):
        make(home / "theirs" / name)
    with (home / "theirs" / "bad" / "metrics.csv").open("a") as file:
        file.write("115,n1")
    ended = distdiag("cases", "import", str(home / "theirs"))
    assert ended.status == 1
    assert "bad/metrics.csv:32: has 2 cells where the header has 3" in ended.stderr
    assert "1 case not taken in" in ended.stderr
    assert [entry.name for entry in (home / "data" / "distdiag" / "cases").iterdir()] == ["good"]


def test_advice_is_a_campaign_file(distdiag: Run, dataset: Path) -> None:
    ended = distdiag("cases", "advise")
    assert ended.status == 0
    assert "# cpu_stress on n2: 0 of 3 cases" in ended.stdout
    assert "name: advised" in ended.stdout


def test_what_a_table_was_taken_for_is_said(distdiag: Run, home: Path) -> None:
    table = home / "T.CSV"
    rows = "".join(f"{n},{1700000000000 + 1000 * n},n1,{n // 2},{n}\n" for n in range(4))
    table.write_text(f"Unnamed: 0,time,host,is_anomaly,cpu\n{rows}")
    ended = distdiag("cases", "import", str(table), "--into", str(home / "in"))
    assert ended.status == 0
    for words in (
        "'Unnamed: 0' is an index and is left out",
        "'time' is in milliseconds",
        "taken for the label",
        "is new",
    ):
        assert words in ended.stderr
    assert "anomaly@n1" in distdiag("cases", "list", str(home / "in")).stdout


def test_a_directory_of_tables_is_imported(distdiag: Run, home: Path) -> None:
    for number, day in enumerate(("14", "15", "16")):
        path = home / "theirs" / "2023-11" / day / "metrics.csv"
        path.parent.mkdir(parents=True)
        path.write_text(f"timestamp,node,cpu\n{number},n1,{'x' if day == '16' else number}\n")
    ended = distdiag("cases", "import", str(home / "theirs"), "--into", str(home / "in"), "--json")
    assert ended.status == 1
    assert [json.loads(line)["case"] for line in ended.stdout.splitlines()] == [
        "2023-11-14-metrics",
        "2023-11-15-metrics",
    ]
    assert "16/metrics.csv:2: cpu is 'x', which is not a number" in ended.stderr
    assert "1 table not taken in" in ended.stderr
    assert "--name is for one table" in distdiag("cases", "import", str(home / "theirs"), "--name", "x").stderr
    again = distdiag("cases", "import", str(home / "theirs" / "2023-11" / "14" / "metrics.csv"), "--name", "a")
    assert "1 case written" in again.stderr


@pytest.mark.parametrize("name", ["o.xlsx", "o.csv.zst"])
def test_other_files_are_not_written(distdiag: Run, dataset: Path, home: Path, name: str) -> None:
    ended = distdiag("cases", "export", str(home / name))
    assert ended.status == 2
    assert "a table is called *.csv, *.csv.gz or *.parquet" in ended.stderr
