"""`distdiag inject` with one anomaly and several, on this machine as two nodes and with a harmless anomaly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

_MARK = """\
name: mark
label: Mark
what: A directory is made.
category: cpu
methods:
  - name: mark
    setup: ["mkdir {data_dir}/distdiag-{id}"]
    check: ["test -d {data_dir}/distdiag-{id}"]
    undo: ["rm -rf -- {data_dir}/distdiag-{id}"]
    gone: ["test ! -e {data_dir}/distdiag-{id}"]
severities: {low: {}, medium: {}, high: {}}
"""


@pytest.fixture
def here(cluster_file: Callable[[str], Path], home: Path) -> None:
    """The cluster and the anomaly."""
    node = f"connection: local, host: 127.0.0.1, data_dir: {home}"
    cluster_file(
        "name: mine\nread_only: false\nnodes:\n"
        f"  - {{name: n1, {node}, sql: {{port: 1}}}}\n  - {{name: n2, {node}, sql: {{port: 2}}}}\n"
    )
    places.anomalies_dir().mkdir()
    (places.anomalies_dir() / "mark.yaml").write_text(_MARK, encoding="utf-8")


@pytest.mark.usefixtures("here")
def test_several_begin_in_one_act_and_are_repeated_from_the_audit_log(distdiag: Callable[..., Ended]) -> None:
    begun = distdiag("inject", "mark@n1:high", "mark@n2+1s/50s", "--for", "30s", "--json")
    assert begun.status == 0, begun.stderr
    facts = json.loads(begun.stdout)
    try:
        found = [(each["node"], each["severity"], each["state"]) for each in facts["injections"]]
        assert found == [("n1", "high", "active"), ("n2", "medium", "active")]
        assert [each["start_s"] for each in facts["plans"]] == [0, 1]
        assert facts["parts"][1]["begun_s"] >= facts["parts"][0]["begun_s"] + 1
        assert "mark medium on n2: proved" in begun.stderr
        again = json.loads(distdiag("inject", "--repeat", "--dry-run", "--json").stdout)
        assert [each["request"] for each in again["plans"]] == [each["request"] for each in facts["plans"]]
    finally:
        cleared = distdiag("clear", "--all", "--json")
    assert [each["state"] for each in json.loads(cleared.stdout)["injections"]] == ["cleared", "cleared"]


@pytest.mark.usefixtures("here")
def test_where_one_is_refused_none_begins(distdiag: Callable[..., Ended], home: Path) -> None:
    refused = distdiag("inject", "mark@n1", "mark@n2/2h")
    assert (refused.status, "max_duration_s" in refused.stderr) == (3, True)
    # The leases of this machine may include those of other tests, and what is in this home may not.
    assert not list(home.glob("distdiag-*"))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("arguments", [(), ("mark", "--repeat"), ("mark", "--preset", "cpu-on-two-nodes"), ("@n1",)])
def test_what_to_inject_is_said_once_and_in_the_notation(distdiag: Callable[..., Ended], arguments: tuple[str]) -> None:
    assert distdiag("inject", *arguments).status == 2


def test_presets_are_listed(distdiag: Callable[..., Ended]) -> None:
    listed = distdiag("inject", "--presets")
    assert "io_stress@1:medium/80s cpu_stress@1:medium+20s/60s" in listed.stdout
    found = {each["name"] for each in json.loads(distdiag("inject", "--presets", "--json").stdout)["presets"]}
    assert "cpu-from-node-to-node" in found


@pytest.mark.usefixtures("here")
def test_what_is_shown_is_kept_as_a_preset_and_listed_with_the_shipped_ones(distdiag: Callable[..., Ended]) -> None:
    kept = distdiag("inject", "mark@n2:high", "mark@n1+1s/50s", "--dry-run", "--save-preset", "twice")
    assert kept.status == 0, kept.stderr
    assert "kept as the preset twice" in kept.stderr
    listed = distdiag("inject", "--presets").stdout
    assert "mark@2:high/60s mark@1:medium+1s/50s" in listed
    assert "cpu-on-two-nodes" in listed
    again = json.loads(distdiag("inject", "--preset", "twice", "--dry-run", "--json").stdout)
    assert [each["request"]["nodes"] for each in again["plans"]] == [["n2"], ["n1"]]
    assert distdiag("inject", "mark@n1", "--dry-run", "--save-preset", "twice").status == 2
