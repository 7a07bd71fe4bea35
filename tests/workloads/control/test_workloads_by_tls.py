"""Load on a real engine whose account may only connect by TLS."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pymysql
import pytest

from distdiag_core.cluster import password, tls
from distdiag_core.cluster.tls import TlsSettings
from distdiag_core.errors import ConfigError
from distdiag_core.workloads.benchmark_target import BenchmarkTarget
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.benchmarks.tpcc.transactions.session import Session
from distdiag_core.workloads.clients.client_job import ClientJob
from distdiag_core.workloads.control.workload_control import WorkloadControl
from distdiag_core.workloads.workload_request import WorkloadRequest
from tests.cluster.certificates import Authority
from tests.waiting import until
from tests.workloads.conftest import silent
from tests.workloads.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings

REQUEST = WorkloadRequest(nodes=("n1",), threads=1, duration_s=60, options=SysbenchOptions(1, 100))


@dataclass(frozen=True)
class Served:
    engine: Engine
    full: TlsSettings

    def cluster(self, settings: TlsSettings | None) -> ClusterSettings:
        """One node, by `settings`."""
        made = self.engine.cluster("test", "bench")
        node = made.nodes[0]
        assert node.sql is not None
        sql = replace(node.sql, tls=settings)
        return replace(made, nodes=(replace(node, sql=sql),), sql=sql)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if importlib.util.find_spec("pylibseekdb") is None or shutil.which("sysbench") is None:
        pytest.skip("NOT TESTED: pylibseekdb or sysbench is not installed")
    home = tmp_path_factory.mktemp("engine")
    authority = Authority(home)
    server, client = authority.sign("server", ("127.0.0.1",)), authority.sign("client")
    engine = Engine(home / "data")
    engine.start_with_tls(authority.file, server.cert, server.key, "client")
    engine.execute("CREATE USER bench REQUIRE SSL")
    engine.execute("GRANT ALL ON *.* TO bench")
    engine.execute("CREATE DATABASE tpcc")
    yield Served(engine, TlsSettings(str(authority.file), str(client.cert), str(client.key)))
    engine.kill()


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def written(directory: Path) -> list[bytes]:
    """The contents of the files under `directory`."""
    return [path.read_bytes() for path in directory.rglob("*") if path.is_file() and not path.is_symlink()]


async def test_sysbench_runs_and_leaves_no_key_on_the_disk(engine: Served, tmp_path: Path) -> None:
    workloads = WorkloadControl(engine.cluster(engine.full))
    await workloads.prepare(REQUEST, silent)
    try:
        await workloads.start(REQUEST)
        await until(lambda: (now := workloads.figures("n1").get("sysbench")) and now.tps > 0)
    finally:
        await workloads.stop()
    contents = written(tmp_path)
    assert contents
    assert not any(b"PRIVATE KEY" in content for content in contents)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("cert", "n1: sysbench connects by TLS only with a client certificate"),
        ("ca", "only by a file of the authority"),
    ],
)
async def test_what_sysbench_lacks_is_said(engine: Served, missing: str, words: str) -> None:
    changed = (
        replace(engine.full, cert=None, key=None) if missing == "cert" else replace(engine.full, ca=None, verify="none")
    )
    workloads = WorkloadControl(engine.cluster(changed))
    await workloads.prepare(REQUEST, silent)
    with pytest.raises(ConfigError, match=words):
        await workloads.start(REQUEST)


async def test_terminals_of_tpcc_connect_by_tls(engine: Served) -> None:
    settings = engine.cluster(replace(engine.full, cert=None, key=None))
    target = BenchmarkTarget(settings, password.of_nodes(settings.nodes), "n1", ("n1",))
    endpoint = await target.endpoint()
    # As it arrives at the clients.
    job = ClientJob("test", "r1", "n1", REQUEST, {"n1": endpoint})
    (arrived,) = ClientJob.decode(job.encode()).endpoints.values()
    assert arrived == endpoint
    session = Session(arrived)
    assert session.run("SELECT 1") == [((1,),)]
    session.close()
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        Session(replace(arrived, tls=None)).run("SELECT 1")
    with pytest.raises(pymysql.err.OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        Session(replace(arrived, tls=tls.Tls("127.0.0.1"))).run("SELECT 1")
