"""The verbs that need no cluster."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.main import distdiag as command_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


def test_without_a_verb_the_console_opens(distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("--cluster", "mine", "--read-only")

    assert ended.status == 0
    assert [(target.cluster, target.read_only) for target in ended.consoles] == [("mine", True)]


def test_help_names_every_verb_and_imports_nothing_heavy() -> None:
    program = (
        "import sys; from distdiag_core.cli.main import main; status = main(print, ['--help']);"
        "heavy = {'xgboost', 'numpy', 'textual', 'asyncssh', 'pydantic'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy or status else 0)"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 0, ended.stderr
    for verb in ("watch", "inject", "clear", "workload", "train", "evaluate", "diagnose", "campaign", "lab"):
        assert verb in ended.stdout


def test_each_verb_is_a_command_in_a_module_of_its_name() -> None:
    context = click.Context(command_line)
    verbs = command_line.list_commands(context)
    assert {"watch", "inject", "record", "experiment", "export", "serve"} <= set(verbs)
    for verb in verbs:
        command = command_line.get_command(context, verb)
        assert command is not None
        assert command.name == verb


def test_the_help_of_a_verb_says_whole_what_each_verb_under_it_does(distdiag: Callable[..., Ended]) -> None:
    for name in ("cases", "config", "experiment", "incidents", "models", "obdiag", "sessions", "workload"):
        said = distdiag(name, "--help").stdout
        assert "Commands:" in said
        assert "..." not in said.partition("Commands:")[2]
    # What only a console calls is not offered.
    assert "agent" not in distdiag("workload", "--help").stdout


def test_info_says_where_everything_is(distdiag: Callable[..., Ended], home: Path) -> None:
    places = json.loads(distdiag("info", "--json").stdout)

    assert places["recordings"] == str(home / "data" / "distdiag" / "recordings")
    assert places["audit"].startswith(str(home / "state"))


def test_config_show_completes_the_nodes(distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]) -> None:
    cluster_file("name: mine\nsql: {port: 3881}\nnodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n")

    shown = json.loads(distdiag("config", "show", "--json").stdout)

    assert shown["nodes"][0]["sql"]["port"] == 3881


def test_a_check_of_a_workload_wants_no_confirmation_and_knows_what_bears_on_it_alone(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(
        "name: mine\nproduction: true\nnodes:\n  - {name: here, host: 127.0.0.1, connection: local, sql: {port: 9}}\n"
    )

    checked = distdiag("workload", "check", "tpcc", "--warehouses", "1", "--scale", "1")
    cleaned = distdiag("workload", "cleanup", "tpcc")

    assert "nothing listens there" in checked.stderr
    assert (cleaned.status, "repeat with --confirm mine" in cleaned.stderr) == (3, True)
    for kind, option in (("tpcc", "--wait"), ("tpcc", "--processes"), ("tpcc", "--confirm"), ("tpch", "--seed")):
        refused = distdiag("workload", "check", kind, option, "1").stderr
        assert "No such option" in refused
        assert option in refused
    assert "--query-timeout" in distdiag("workload", "check", "tpch", "--help").stdout


def test_a_generator_that_cannot_be_asked_is_named_and_no_run_is_invented(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(
        "name: mine\nread_only: false\nworkload: {generator: gen, command: /no/such/distdiag}\n"
        "nodes:\n  - {name: gen, host: 127.0.0.1, connection: local, sql: {port: 9}}\n"
    )
    unknown = "generator gen: distdiag is not installed there"

    shown = distdiag("workload", "status", "--json")
    told = json.loads(shown.stdout)
    assert (shown.status, told["workloads"]) == (0, [])
    assert unknown in told["problems"][0]
    assert unknown in shown.stderr

    text = distdiag("workload", "status")
    assert (text.status, text.stdout) == (0, "")
    assert "no workload runs where it could be asked" in text.stderr
    assert "failed" not in text.stderr

    assert unknown in distdiag("workload", "stop", "k3x9").stderr
    for unclear in ((), ("k3x9", "--all")):
        ended = distdiag("workload", "stop", *unclear)
        assert (ended.status, ended.stdout) == (2, "")
        assert "say which runs to stop" in ended.stderr
    cleaned = distdiag("workload", "cleanup", "sysbench")
    assert cleaned.status == 1
    assert f"it is not known whether sysbench runs: {unknown}" in cleaned.stderr


def test_watch_prints_a_line_per_node_and_tick(
    distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    # The node is this machine; nothing listens for SQL there, and that must not hide what the host says.
    cluster_file(
        "name: mine\ninterval_s: 0.25\nnodes:\n  - {name: here, host: 127.0.0.1, connection: local, sql: {port: 9}}\n"
    )

    ended = distdiag("watch", "--for", "3s", "--json")

    assert ended.status == 0
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert lines
    assert {line["node"] for line in lines} == {"here"}
    assert any(line["values"]["host.memory.used"] is not None for line in lines)
    assert all(line["values"]["sysstat.sql_select_count"] is None for line in lines)
