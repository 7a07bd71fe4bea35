"""Cluster files: what is taken from where, and what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from distdiag_core import places
from distdiag_core.cluster import inventory, layers
from distdiag_core.cluster.inventory import ClusterSettings
from distdiag_core.cluster.tls import TlsSettings
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE = """\
name: shop
ssh: {user: admin, port: 2200}
sql:
  password_env: SHOP
nodes:
  - {name: n1, host: 10.0.0.1}
  - name: n2
    host: 10.0.0.2
    ssh: {port: 2201}
    sql: {password_command: pass show n2}
"""


# As messages begin.
_SECONDS = "must be a number of seconds"
_NOT_TRUE = ("false", "no", "0", "", "'true'")


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    for name in layers.VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def to_file(text: str) -> Path:
        path = tmp_path / "cluster.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def test_node_takes_from_the_cluster_what_it_does_not_say(write: Callable[[str], Path]) -> None:
    first, second = inventory.load(write(BASE)).nodes
    assert first.ssh is not None
    assert second.ssh is not None
    assert (first.ssh.user, first.ssh.port) == ("admin", 2200)
    assert (second.ssh.user, second.ssh.port) == ("admin", 2201)


def test_whoever_names_the_password_source_names_it_alone(write: Callable[[str], Path]) -> None:
    first, second = (node.sql for node in inventory.load(write(BASE)).nodes)
    assert first is not None
    assert second is not None
    assert (first.password_env, first.password_command) == ("SHOP", None)
    assert (second.password_env, second.password_command) == (None, "pass show n2")


def test_flag_wins_over_variable_over_file_over_default(
    write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTDIAG_SSH_PORT", "2300")
    monkeypatch.setenv("DISTDIAG_READ_ONLY", "true")
    path = write(BASE + "read_only: false\n")
    read = inventory.read(path, {"sql.port": 9})
    origins = {origin.key: (origin.value, origin.origin) for origin in read.origins}
    assert origins["sql.port"] == (9, "flag")
    assert origins["nodes.1.sql.port"] == (9, "flag")
    assert origins["nodes.1.ssh.port"] == (2300, "$DISTDIAG_SSH_PORT")
    assert origins["read_only"] == (True, "$DISTDIAG_READ_ONLY")
    assert origins["nodes.0.ssh.user"] == ("admin", f"{path}:2")
    assert origins["nodes.1.sql.password_command"] == ("pass show n2", f"{path}:10")
    assert origins["interval_s"] == (1.0, "default")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("DISTDIAG_SSH_PROT", "1", r"\$DISTDIAG_SSH_PROT: overrides nothing; the variables are: .*DISTDIAG_SSH_PORT"),
        ("DISTDIAG_SQL_PORT", "[1]", r"\$DISTDIAG_SQL_PORT: must be a single value"),
        ("DISTDIAG_TENANT", "'", r"\$DISTDIAG_TENANT: is not a value"),
        *(("DISTDIAG_READ_ONLY", text, r"\$DISTDIAG_READ_ONLY: can only be true: .*never lift") for text in _NOT_TRUE),
        (
            "DISTDIAG_INTERVAL_S",
            "0",
            rf"\$DISTDIAG_INTERVAL_S: interval_s: {_SECONDS}, 0.2 to 60, not 0",
        ),
        ("DISTDIAG_INTERVAL_S", "fast", r"\$DISTDIAG_INTERVAL_S: interval_s: .*not 'fast'"),
    ],
)
def test_mistaken_variable_is_named(
    write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, name: str, text: str, complaint: str
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(ConfigError, match=complaint):
        inventory.load(write(BASE))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": "a/b"}, "yaml:.*name: must be a name of letters, digits, dot, dash and underscore, .*not 'a/b'"),
        ({"nodes": []}, r"yaml:\d+: nodes: must be a list with 1 or more items, .*not an empty list"),
        ({"nodes": [{"name": "n", "host": "-oProxyCommand=x"}]}, r"nodes.0.host: must be an address"),
        ({"nodes": [{"name": "n", "host": "h"}] * 2}, r"yaml:\d+: nodes.1.name: 2 nodes are called 'n'"),
        ({"nodes": [{"name": "n"}]}, r"yaml:\d+: nodes.0.host: is required but missing"),
        ({"protect": {"nodes": ["n9"]}}, r"yaml:\d+: protect.nodes.0: no node is called 'n9'; there are: n1"),
        ({"protect": {"allow": ["rm -rf"]}}, r"protect.allow.0: must be the name of an anomaly, not 'rm -rf'"),
        (
            {"protect": {"max_duration_s": 0}},
            rf"protect.max_duration_s: {_SECONDS}, more than 0, at most 86400",
        ),
        (
            {"abort": {"max_p95_ms": 0}},
            r"yaml:\d+: abort.max_p95_ms: must be a number of milliseconds, more than 0",
        ),
        (
            {"abort": {"max_errors_per_s": float("nan")}},
            r"abort.max_errors_per_s: must be a number, more than 0, not",
        ),
        ({"abort": {"for_s": -1}}, rf"abort.for_s: {_SECONDS}, 0 to 300, not -1"),
        ({"abort": {"max_p95": 5}}, r"yaml:\d+: abort.max_p95: unknown key; is max_p95_ms meant"),
        (
            {"sources": ["host", "magic"]},
            r"sources.1: no source is called 'magic'; there are host, mysql_status, obdiag, prometheus, sysstat",
        ),
        ({"interval_s": 0.01}, rf"interval_s: {_SECONDS}, 0.2 to 60, not 0.01"),
        ({"interval_s": float("nan")}, rf"interval_s: {_SECONDS}, 0.2 to 60, not nan"),
        ({"ssh": {"port": 70000}}, r"yaml:\d+: ssh.port: must be a port"),
        (
            {"sql": {"connect_timeout_s": -1}},
            rf"yaml:\d+: sql.connect_timeout_s: {_SECONDS}, more than 0, at most 300, not -1",
        ),
        ({"sql": {"password": "x"}}, r"yaml:\d+: sql.password: unknown key"),
        ({"sql": {"password_env": "A", "password_command": "b"}}, r"sql.password_command: stands beside password_env"),
        ({"sql": {"password_command": "pass 'x"}}, r"sql.password_command: must be a program and its arguments"),
    ],
)
def test_mistake_is_named_with_its_key(write: Callable[[str], Path], change: dict[str, object], complaint: str) -> None:
    data = {"name": "shop", "nodes": [{"name": "n1", "host": "10.0.0.1"}]} | change
    with pytest.raises(ConfigError, match=complaint):
        inventory.load(write(yaml.safe_dump(data)))


def test_mistake_of_the_cluster_is_told_once(write: Callable[[str], Path]) -> None:
    with pytest.raises(ConfigError) as caught:
        inventory.load(write(BASE.replace("port: 2200", "port: 0").replace("ssh: {port: 2201}", "zone: z")))
    assert str(caught.value).splitlines() == [f"{write(BASE)}:2: ssh.port: must be a port, 1 to 65535, not 0"]


_leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_keys = st.sampled_from(["name", "nodes", "host", "ssh", "sql", "port", "user", "protect", "sources", "<<"]) | st.text()
_tree = st.recursive(_leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4))


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text() | _tree.map(yaml.safe_dump))
def test_any_text_is_a_cluster_or_a_clear_error(write: Callable[[str], Path], text: str) -> None:
    path = write(text)
    try:
        read = inventory.load(path)
    except ConfigError as error:
        refusal = error
    else:
        assert isinstance(read, ClusterSettings)
        return
    assert str(path) in str(refusal)


def test_example_loads_and_names_every_key(write: Callable[[str], Path]) -> None:
    example = places.shipped_config() / "cluster.example.yaml"
    text = example.read_text(encoding="utf-8")
    read = inventory.read(example)
    assert len(read.settings.nodes) == 3
    for origin in read.origins:
        assert f"{origin.key.rpartition('.')[2]}:" in text
    for name in layers.VARIABLES:
        assert name in text


def test_unknown_cluster_lists_the_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="known clusters: none yet"):
        inventory.find("shop")
    places.clusters_dir().mkdir(parents=True)
    (places.clusters_dir() / "shop.yaml").write_text(BASE, encoding="utf-8")
    assert inventory.find("shop") == places.clusters_dir() / "shop.yaml"
    with pytest.raises(ConfigError, match="no cluster is called 'shoe'; known clusters: shop"):
        inventory.find("shoe")


def test_tls_of_a_node_goes_over_that_of_the_cluster_by_key(tmp_path: Path) -> None:
    text = """\
name: t
sql: {tls: {ca: /ca.pem, verify: ca}}
nodes:
  - {name: n1, host: h1}
  - {name: n2, host: h2, sql: {tls: {verify: true}}}
  - {name: n3, host: h3, sql: {tls: true}}
  - {name: n4, host: h4, sql: {tls: false}}
"""
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    of_nodes = [node.sql.tls if node.sql is not None else None for node in inventory.load(path).nodes]
    general = TlsSettings("/ca.pem", verify="ca")
    assert of_nodes == [general, TlsSettings("/ca.pem", verify="identity"), general, None]


@pytest.mark.parametrize(
    ("tls", "what"),
    [
        ("3", "sql.tls: must be true, false or a section, not 3"),
        ("{verify: sometimes}", "sql.tls.verify: must be identity, ca or none, not 'sometimes'"),
        ("{ca_file: x}", "sql.tls.ca_file: "),
        ("{key: /k.pem}", "sql.tls.key: stands without cert"),
    ],
)
def test_tls_that_makes_no_sense_is_refused(tmp_path: Path, tls: str, what: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(f"name: t\nsql: {{tls: {tls}}}\nnodes: [{{name: n1, host: h1}}]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(what)):
        inventory.load(path)


@pytest.mark.parametrize(
    ("line", "watched"),
    [
        ("", ("sys",)),
        ("tenants: shop", ("shop",)),
        ("tenants: [sys, shop]", ("sys", "shop")),
        ("tenants: all", ("all",)),
        ("tenant: shop", ("shop",)),
    ],
)
def test_tenants_are_one_several_or_all(tmp_path: Path, line: str, watched: tuple[str, ...]) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(f"name: t\n{line}\nnodes: [{{name: n1, host: h1}}]\n", encoding="utf-8")
    assert inventory.load(path).watched_tenants == watched


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("tenants: [all, shop]", "tenants: has all beside names"),
        ("tenants: [shop, sys]\ntenant: sys", "tenant: stands beside tenants"),
        ("tenants: []", "tenants: must be"),
    ],
)
def test_tenants_that_make_no_sense_are_refused(tmp_path: Path, lines: str, what: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(f"name: t\n{lines}\nnodes: [{{name: n1, host: h1}}]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=what):
        inventory.load(path)
