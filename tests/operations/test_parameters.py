"""Parameters of a real engine and of servers of each version; peers compared; changes noticed across runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.errors import DataError, SqlError
from distdiag_core.operations import node_parameters, parameter_comparison, parameter_history
from distdiag_core.operations.node_parameters import NodeParameters
from distdiag_core.operations.parameter_watch import ParameterWatch
from distdiag_core.operations.parameters import connect_parameters
from distdiag_core.recording.journal import Journal
from tests.cluster.certificates import Authority
from tests.cluster.tls_server import TlsServer

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from pathlib import Path

    from distdiag_core.operations.parameter_comparison import Parameter
    from distdiag_core.operations.parameters import ParameterReport
    from tests.workloads.engine import Engine

pytestmark = pytest.mark.usefixtures("own_places")


def cluster_at(*ports: int, user: str = "root") -> ClusterSettings:
    nodes = (
        NodeSettings(
            f"n{number}", "127.0.0.1", connection="local", ssh=SshSettings(), sql=SqlSettings(user=user, port=port)
        )
        for number, port in enumerate(ports, 1)
    )
    return ClusterSettings("shop", tuple(nodes))


async def report(settings: ClusterSettings) -> ParameterReport:
    async with connect_parameters(settings) as parameters:
        return await parameters.report()


def server(directory: Path, kind: str, values: Mapping[str, str]) -> TlsServer:
    """A server of ours with these parameters: of OceanBase 4 with tenants, of OceanBase 3, or MySQL."""
    kinds: dict[str, dict[str, tuple[str, ...]]] = {
        "4": {"oceanbase.V$OB_PARAMETERS": ("SVR_IP", "NAME", "VALUE", "TENANT_ID")},
        "3": {"oceanbase.__all_virtual_sys_parameter_stat": ("svr_ip", "name", "value")},
        "MySQL": {},
    }
    views = kinds[kind]

    def answer(_connection: socket.socket, statement: str) -> list[tuple[str, ...]] | None:
        if statement == "SHOW GLOBAL VARIABLES":
            return list(values.items())
        if statement.startswith("SHOW VARIABLES"):
            return [("version_comment", "MySQL Community Server" if kind == "MySQL" else "OceanBase")]
        view = next((name for name in views if statement.endswith(name) or f"{name} WHERE" in statement), None)
        if view is None:
            return None
        if statement.startswith("SHOW COLUMNS"):
            return [(column,) for column in views[view]]
        assert ("TENANT_ID" in views[view]) == ("tenant_id" in statement)
        assert ("HOST_IP()" in statement) == (kind == "3")
        tenants = ("1", "1002") if kind == "4" else ("",)
        return [(name, value, tenant) for name, value in values.items() for tenant in tenants]

    return TlsServer(Authority(directory).sign("server"), requires=False, offers=False, answer=answer)


def differing(found: ParameterReport) -> dict[str, Parameter]:
    return {each.name: each for each in found.parameters if each.differs}


async def test_a_real_engine_says_its_parameters_and_a_change_is_noticed_with_its_time(engine: Engine) -> None:
    settings = cluster_at(engine.port, engine.port)
    first = await report(settings)
    engine.execute("ALTER SYSTEM SET trace_log_slow_query_watermark = '1500ms'")
    second = await report(settings)
    assert (first.nodes, first.changes, first.notes) == (("n1", "n2"), (), ())
    assert len(first.parameters) > 100
    assert differing(first) == {}
    assert {(each.node, each.name, each.after) for each in second.changes} == {
        (node, "trace_log_slow_query_watermark", "1500ms") for node in ("n1", "n2")
    }
    assert all(first.read_s - 60 <= each.read_s <= each.noticed_s <= second.read_s for each in second.changes)


async def test_without_the_grant_there_is_the_statement_that_gives_it(engine: Engine) -> None:
    engine.execute("CREATE USER onlooker")
    with pytest.raises(
        SqlError, match=r"V\$OB_PARAMETERS cannot be read.*; GRANT SELECT ON oceanbase.\* TO 'onlooker'"
    ):
        await report(cluster_at(engine.port, user="onlooker"))


@pytest.mark.parametrize(
    ("kind", "name"), [("4", "memory_limit (tenant 1002)"), ("3", "memory_limit"), ("MySQL", "memory_limit")]
)
async def test_each_kind_of_server_is_read_by_what_it_has(kind: str, name: str, tmp_path: Path) -> None:
    common = {"memory_limit": "16G", "cpu_count": "8", "gtid_executed": "1-7"}
    directories = [tmp_path / node for node in "abc"]
    for directory in directories:
        directory.mkdir()
    with (
        server(directories[0], kind, common | {"server_id": "1"}) as one,
        server(directories[1], kind, common | {"server_id": "2", "memory_limit": "8G"}) as two,
        server(directories[2], kind, common | {"server_id": "3", "gtid_executed": "1-9"}) as three,
    ):
        found = await report(cluster_at(one.port, two.port, three.port))
    parameter = differing(found)[name]
    assert {each.split(" ")[0] for each in differing(found)} == {"memory_limit"}
    assert [(each.value, each.nodes) for each in parameter.values] == [("16G", ("n1", "n3")), ("8G", ("n2",))]
    assert [parameter.differs_on(node) for node in found.nodes] == [False, True, False]


def test_nodes_that_differ_without_a_majority_all_differ() -> None:
    read = [NodeParameters("n1", "view", {"a": "1", "b": "x"}), NodeParameters("n2", "view", {"a": "2"})]
    (a, b) = parameter_comparison.compare(read)
    assert (a.majority, a.differs_on("n1"), a.differs_on("n2")) == (None, True, True)
    assert [each.value for each in b.values] == ["x", None]


def test_settings_by_which_a_server_is_told_from_its_peers_are_no_differences() -> None:
    names = ("local_ip", "rpc_port", "datadir", "data_dir", "report_host", "pid_file", "mysqlx_socket", "zone")
    assert all(map(parameter_comparison.is_identity, names))
    assert not any(
        map(parameter_comparison.is_identity, ("memory_limit", "server_permanent_offline_time", "port_range"))
    )


async def test_a_change_is_one_event_for_all_nodes_and_told_again_in_the_next_run_only_if_it_happened_there() -> None:
    settings = cluster_at(1, 2)

    async def run(*values: str) -> list[str]:
        journal = Journal()
        watch = ParameterWatch(Cluster(settings), journal)
        for value in values:
            watch.note(
                [
                    change
                    for node in ("n1", "n2")
                    for change in await watch.enter(NodeParameters(node, "view", {"memory_limit": value, "zone": "z1"}))
                ]
            )
        return [event.text for event in reversed(journal.newest_first()) if event.kind == "parameter"]

    assert await run("16G", "16G", "8G") == ["memory_limit on n1, n2 is '8G'; it was '16G'"]
    assert await run("8G") == []
    assert await run("4G") == ["memory_limit on n1, n2 is '4G'; it was '8G'"]
    kept = parameter_history.changes("shop", "n1")
    assert [(each.before, each.after) for each in kept] == [("8G", "4G"), ("16G", "8G")]


async def test_two_consoles_both_tell_a_change_that_is_kept_once() -> None:
    watches = [ParameterWatch(Cluster(cluster_at(1)), Journal()) for _ in range(2)]
    for value in ("16G", "8G"):
        told = [await watch.enter(NodeParameters("n1", "view", {"memory_limit": value})) for watch in watches]
    assert [len(each) for each in told] == [1, 1]
    assert len(parameter_history.changes("shop", "n1")) == 1


def test_a_damaged_file_of_what_was_read_is_named() -> None:
    parameter_history.enter("shop", NodeParameters("n1", "view", {"a": "1"}), 1e9)
    path = parameter_history.path("shop", "n1")
    path.write_text('{"source": 1}')
    with pytest.raises(DataError, match=r"n1\.json.*delete it"):
        parameter_history.changes("shop", "n1")


def test_a_secret_is_neither_kept_nor_shown() -> None:
    found = node_parameters.of_rows(
        "n1", "view", [("external_kms_info", b"key=abc"), ("old_passwords", "0"), ("x_secret", "")]
    )
    assert found.values == {"external_kms_info": "(not shown)", "old_passwords": "0", "x_secret": ""}
