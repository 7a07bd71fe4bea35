"""Global options before and after the verb."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest

from distdiag_core.cli.main import distdiag as command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ended

CLUSTER = "name: {0}\nnodes:\n  - {{name: {0}-1, host: 127.0.0.1, connection: local}}\n"


@pytest.fixture(autouse=True)
def clusters(home: Path) -> Path:
    directory = home / "config" / "distdiag" / "clusters"
    directory.mkdir(parents=True)
    for name in ("shop", "lab"):
        (directory / f"{name}.yaml").write_text(CLUSTER.format(name), encoding="ascii")
    return directory


def chosen(ended: Ended) -> str:
    assert ended.status == 0, ended.stderr
    return str(json.loads(ended.stdout)["name"])


@pytest.mark.parametrize(
    "line",
    [
        "--cluster shop config show --json",
        "config --cluster shop show --json",
        "config show --cluster shop --json",
        "config show --json --cluster=shop",
        "--cluster shop config show --json --cluster shop",
    ],
)
def test_a_cluster_is_named_anywhere(distdiag: Callable[..., Ended], line: str) -> None:
    assert chosen(distdiag(*line.split())) == "shop"


def test_a_file_is_named_after_the_verb(distdiag: Callable[..., Ended], clusters: Path) -> None:
    assert chosen(distdiag("config", "show", "--json", "--config", str(clusters / "lab.yaml"))) == "lab"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--cluster shop config show --cluster lab", "--cluster is given twice, as shop and as lab"),
        ("config --cluster shop show --cluster lab", "--cluster is given twice, as shop and as lab"),
        ("--config a.yaml config show --config b.yaml", "--config is given twice"),
        ("--config a.yaml config show --cluster lab", "--cluster and --config both name the cluster"),
        ("--config a.yaml --cluster lab config show", "--cluster and --config both name the cluster"),
    ],
)
def test_two_clusters_are_refused(distdiag: Callable[..., Ended], line: str, said: str) -> None:
    ended = distdiag(*line.split())
    assert (ended.status, ended.stdout) == (2, "")
    assert said in ended.stderr


@pytest.mark.parametrize("line", ["--cluster shop --cluster lab config show", "config show --cluster=shop,lab"])
def test_several_clusters_are_for_the_console(distdiag: Callable[..., Ended], line: str) -> None:
    ended = distdiag(*line.split())
    assert (ended.status, ended.stdout) == (2, "")
    assert "several clusters are named: shop,lab" in ended.stderr


def test_the_line_outranks_variables(
    distdiag: Callable[..., Ended], clusters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTDIAG_CONFIG", str(clusters / "lab.yaml"))
    assert chosen(distdiag("config", "show", "--json")) == "lab"
    assert chosen(distdiag("config", "show", "--json", "--cluster", "shop")) == "shop"
    assert chosen(distdiag("--cluster", "shop", "config", "show", "--json")) == "shop"


def test_read_only_after_the_verb_refuses(distdiag: Callable[..., Ended], clusters: Path) -> None:
    (clusters / "shop.yaml").write_text(CLUSTER.format("shop") + "read_only: false\n", encoding="ascii")
    ended = distdiag("inject", "cpu_stress", "--node", "shop-1", "--cluster", "shop", "--read-only")
    assert ended.status == 3
    assert "read_only" in ended.stderr


def every_command(command: click.Command, context: click.Context, *name: str) -> Iterator[tuple[str, ...]]:
    yield name
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            found = command.get_command(context, verb)
            if found is not None and not found.hidden:
                yield from every_command(found, context, *name, verb)


def test_sources_of_the_line_stand_in_place_of_those_of_the_file(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag(*["config", "show", "--cluster", "shop", "--sources", "host,obdiag", "--json"])
    assert json.loads(ended.stdout)["sources"] == ["host", "obdiag"]
    wrong = distdiag(*["--sources", "host,magic", "config", "show", "--cluster", "shop"])
    assert wrong.status != 0
    assert "no source is called 'magic'" in wrong.stderr


def test_the_line_alone_names_no_source_that_runs_programs_in_production(
    distdiag: Callable[..., Ended], clusters: Path
) -> None:
    file = clusters / "shop.yaml"
    file.write_text(f"production: true\n{CLUSTER.format('shop')}", encoding="ascii")
    line = ["watch", "--cluster", "shop", "--sources", "host,obdiag", "--for", "1s"]
    refused = distdiag(*line)
    assert refused.status == 3
    assert "its file does not name the source obdiag" in refused.stderr
    file.write_text(f"production: true\nsources: [host, obdiag]\n{CLUSTER.format('shop')}", encoding="ascii")
    named = distdiag("config", "show", *line[1:-2], "--json")
    assert json.loads(named.stdout)["sources"] == ["host", "obdiag"]


def test_every_verb_takes_them_and_says_so(distdiag: Callable[..., Ended]) -> None:
    verbs = [name for name in every_command(command_line, click.Context(command_line)) if name]
    assert len(verbs) > 50
    assert {("workload", "start", "sysbench"), ("models", "list"), ("lab", "up"), ("cases", "stats")} <= set(verbs)
    for verb in verbs:
        ended = distdiag(*verb, "--cluster", "shop", "--config", "x.yaml")
        assert "both name the cluster" in ended.stderr, verb
        assert "Global options: see distdiag --help." in distdiag(*verb, "--help").stdout, verb


def test_the_console_takes_its_cluster_from_the_line(distdiag: Callable[..., Ended]) -> None:
    (target,) = distdiag("--cluster", "lab").consoles
    assert target.settings().name == "lab"
