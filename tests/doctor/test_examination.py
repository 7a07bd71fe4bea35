"""Clusters of nodes that answer, refuse and stay silent, by real SSH and real sockets."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.doctor.examination import examine
from distdiag_core.doctor.report import Check, NodeReport, Result
from distdiag_core.workloads.workload_settings import WorkloadSettings
from tests.cluster.certificates import Authority
from tests.cluster.server_views import ServerViews
from tests.cluster.tls_server import TlsServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cluster.conftest import SshServer

pytestmark = pytest.mark.usefixtures("own_places")

_VERSION: list[tuple[str, ...]] = [("version_comment", "MySQL Community Server")]
# A busy machine may take any time; only one test is about the bound.
_PATIENCE_S = 500.0
_HOST_CHECKS = {"rights", "tools", "kernel", "anomalies", "clock"}


def answers(_connection: socket.socket, statement: str) -> list[tuple[str, ...]] | None:
    """A server without the views of OceanBase, whose account may only connect."""
    if statement.startswith("SHOW VARIABLES"):
        return _VERSION
    return [("GRANT USAGE ON *.* TO 'watcher'",)] if statement == "SHOW GRANTS" else None


@pytest.fixture
def sql_port(tmp_path: Path) -> Iterator[int]:
    """Of a database that lets everybody in."""
    with TlsServer(Authority(tmp_path).sign("server"), requires=False, offers=False, answer=answers) as database:
        yield database.port


def local(port: int, name: str = "n1") -> NodeSettings:
    return NodeSettings(
        name, "127.0.0.1", connection="local", ssh=SshSettings(), sql=SqlSettings(user="o'b@t", port=port)
    )


def by_name(report: NodeReport) -> dict[str, Check]:
    return {check.name: check for check in report.checks}


async def only(node: NodeSettings, **settings: object) -> NodeReport:
    (report,) = (await examine(ClusterSettings("c", (node,), **settings), bound_s=_PATIENCE_S)).nodes  # type: ignore[arg-type]
    return report


async def test_this_machine_can_be_watched(sql_port: int) -> None:
    report = await only(local(sql_port), sources=("host",))
    checks = by_name(report)

    assert report.watchable
    assert checks["ssh"].result is Result.PASSED
    assert checks["sql"].found == "login as o'b@t; MySQL Community Server"
    assert checks["metrics host"].result is not Result.FAILED
    assert checks["clock"].result is Result.PASSED
    assert checks.keys() >= _HOST_CHECKS


async def test_missing_privileges_come_with_the_statements_that_grant_them(sql_port: int) -> None:
    grants = by_name(await only(local(sql_port), sources=("host", "sysstat")))["grants"]

    assert grants.result is Result.LIMITED
    assert any(cost.startswith("oceanbase.V$SYSSTAT: ") for cost in grants.costs)
    assert grants.fixes == (
        "GRANT SELECT ON oceanbase.* TO 'o''b'",
        "GRANT CREATE, DROP, INDEX, SELECT, INSERT, UPDATE, DELETE ON *.* TO 'o''b'",
        "GRANT ALTER SYSTEM ON *.* TO 'o''b'",
    )


async def test_a_source_that_cannot_be_read_fails_the_node(sql_port: int) -> None:
    report = await only(local(sql_port), sources=("host", "sysstat"))
    sysstat = by_name(report)["metrics sysstat"]

    assert not report.watchable
    assert sysstat.result is Result.FAILED
    assert "metrics of the source stay unknown" in sysstat.costs[0]


async def test_a_refused_database_leaves_the_checks_of_the_host(free_port: Callable[[], int]) -> None:
    report = await only(local(free_port()))
    checks = by_name(report)

    assert not report.watchable
    assert checks["sql"].result is Result.FAILED
    assert "nothing listens there" in checks["sql"].found
    assert "grants" not in checks
    assert checks["metrics host"].result is not Result.FAILED
    assert checks.keys() >= _HOST_CHECKS


async def test_a_node_over_ssh(server: SshServer, sql_port: int) -> None:
    node = replace(server.settings(), sql=SqlSettings(port=sql_port))
    async with server.listening():
        checks = by_name(await only(node, sources=("host",)))

    assert checks["ssh"].result is Result.PASSED
    assert checks["ssh"].found == "host key known, login as operator"
    assert checks["metrics host"].result is not Result.FAILED
    assert checks["clock"].result is Result.PASSED
    assert checks.keys() >= _HOST_CHECKS


async def test_an_unknown_host_key_comes_with_the_line_that_adds_it(server: SshServer, sql_port: int) -> None:
    server.known_hosts.write_text("", encoding="ascii")
    node = replace(server.settings(), sql=SqlSettings(port=sql_port))
    async with server.listening():
        report = await only(node)

    ssh = by_name(report)["ssh"]
    assert not report.watchable
    assert "is not known" in ssh.found
    assert "ssh-keyscan" in ssh.fixes[0]
    assert not by_name(report).keys() & _HOST_CHECKS


async def test_a_refused_and_a_silent_node_cost_nothing_to_the_others(
    free_port: Callable[[], int], sql_port: int
) -> None:
    with ExitStack() as held:
        silent = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = silent.getsockname()[1]
        nodes = (
            NodeSettings("refused", "127.0.0.1", ssh=SshSettings(port=free_port()), sql=SqlSettings(port=free_port())),
            NodeSettings("silent", "127.0.0.1", ssh=SshSettings(port=port), sql=SqlSettings(port=port)),
            local(sql_port, "well"),
        )
        refused, waited, well = (
            await examine(ClusterSettings("c", nodes, sources=("host",)), bound_s=_PATIENCE_S)
        ).nodes

    assert by_name(refused)["ssh"].result is by_name(refused)["sql"].result is Result.FAILED
    assert not waited.watchable
    assert well.watchable
    assert by_name(well).keys() >= _HOST_CHECKS


async def test_a_node_that_takes_too_long_is_failed_with_what_was_found(sql_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ssh = SshSettings(port=silent.getsockname()[1])
        node = NodeSettings("n1", "127.0.0.1", ssh=ssh, sql=SqlSettings(port=sql_port))
        (report,) = (await examine(ClusterSettings("c", (node,)), bound_s=0.5)).nodes

    assert not report.watchable
    assert report.checks[-1].found == "not all was checked within 0.5 s"


async def test_the_load_host_is_checked_for_every_benchmark(sql_port: int) -> None:
    report = await examine(ClusterSettings("c", (local(sql_port),)))

    assert report.load_host.host == "this machine"
    assert {check.name for check in report.load_host.checks} == {"sysbench", "tpcc", "tpch"}


async def test_programs_that_benchmarks_lack_are_named(sql_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    sysbench = by_name((await examine(ClusterSettings("c", (local(sql_port),)))).load_host)["sysbench"]

    assert sysbench.result is Result.LIMITED
    assert sysbench.costs == ("the workload sysbench is off",)
    assert "apt-get install sysbench" in sysbench.fixes[0]


@pytest.mark.parametrize(("command", "result"), [("sh", Result.PASSED), ("no-such-distdiag", Result.LIMITED)])
async def test_a_node_that_generates_the_load_needs_distdiag(command: str, result: Result, sql_port: int) -> None:
    workload = WorkloadSettings(generator="n1", command=command)
    cluster = ClusterSettings("c", (local(sql_port),), sources=("host",), sections=(workload,))
    report = (await examine(cluster)).load_host

    assert report.host == "n1"
    assert by_name(report)["distdiag"].result is result


async def test_a_server_that_the_cluster_file_lacks_is_named_with_its_line(tmp_path: Path) -> None:
    with ServerViews("4 sys").listening(tmp_path) as database:
        report = await examine(ClusterSettings("c", (local(database.port),), sources=("host",)), bound_s=_PATIENCE_S)

    servers = report.servers
    assert servers is not None
    assert servers.result is Result.LIMITED
    assert servers.found == "3 servers in 3 zones by DBA_OB_SERVERS"
    # The node itself is the first of them, as it says, whatever address it is reached by.
    assert [cost.partition(" ")[0] for cost in servers.costs] == ["10.0.0.12:2883", "10.0.0.13:2881"]
    assert servers.fixes[0].endswith("- {name: n2, host: 10.0.0.12, zone: z2, sql: {port: 2883}}")


@pytest.mark.parametrize(
    ("version", "tenants", "found", "cost"),
    [
        ("4 sys", ("all",), "shop (user, mysql, primary), ledger (user, oracle, standby); watched: all", ""),
        ("4 sys", ("bank",), "ledger (user, oracle, standby)", "n1: tenant 'bank': does not exist on this cluster"),
        ("4 user tenant", ("shop",), "shop (user, mysql, primary); watched: shop", "sees that tenant alone"),
        ("3", ("sys",), "ledger (user, oracle); watched: sys", ""),
    ],
)
async def test_the_tenants_that_the_account_sees_are_listed_with_their_roles(
    version: str, tenants: tuple[str, ...], found: str, cost: str, tmp_path: Path
) -> None:
    with ServerViews(version).listening(tmp_path) as database:
        settings = ClusterSettings("c", (local(database.port),), sources=("host",), tenants=tenants)
        check = (await examine(settings, bound_s=_PATIENCE_S)).tenants

    assert check is not None
    assert check.found.endswith(found)
    assert cost in "; ".join(check.costs)
    assert bool(check.costs) == bool(cost)
