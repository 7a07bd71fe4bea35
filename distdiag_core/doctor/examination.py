"""The examination of all nodes of a cluster at once; a node that does not answer costs nothing to the others."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.backend import BackendContext, backends_of, control_host_of
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.link import reason_of
from distdiag_core.doctor import host_checks, load_host
from distdiag_core.doctor.connections import check_grants, check_sql, check_ssh
from distdiag_core.doctor.host_survey import clock_offset, survey
from distdiag_core.doctor.readings import check_readings
from distdiag_core.doctor.report import Check, ClusterReport, NodeReport, Result, graded
from distdiag_core.doctor.servers import check_servers, check_tenants
from distdiag_core.errors import DistdiagError, UnreachableError
from distdiag_core.metrics.source import Shared
from distdiag_core.workloads.workload_settings import load_hosts_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from distdiag_core.anomalies.backend import Backend
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.node import Node

log = logging.getLogger(__name__)

# A node that answers at all is through in a second or two; each step has a bound of its own below that.
NODE_BOUND_S = 45.0
_AT_ONCE = 64


async def examine(settings: ClusterSettings, *, bound_s: float = NODE_BOUND_S) -> ClusterReport:
    """The report of a cluster; no node is changed.

    Args:
        bound_s: how long a node may take; one whose metrics were not read by then is failed.
    """
    anomalies = catalogue.load()
    cluster = Cluster(settings, control_host=control_host_of(settings), load_hosts=load_hosts_of(settings))
    backends = backends_of(
        BackendContext(
            settings,
            {node.settings.name: node.shell for node in cluster.nodes},
            {node.settings.name: node.account for node in cluster.nodes},
            cluster.control_host,
            "",
        )
    )
    try:
        await _open_control_host(cluster)
        gate = asyncio.Semaphore(_AT_ONCE)
        shared = Shared()
        examinations = [_Examination(node, settings, anomalies, backends, bound_s, shared) for node in cluster.nodes]
        reports = await asyncio.gather(*(examination.report(gate) for examination in examinations))
        servers = await check_servers(cluster.nodes)
        tenants = await check_tenants(cluster.nodes, settings.watched_tenants)
        return ClusterReport(settings.name, tuple(reports), await load_host.check_generators(cluster), servers, tenants)
    finally:
        await asyncio.gather(*(each.close() for node in cluster.nodes for each in (node.shell, node.database)))
        for shell in (cluster.control_host, *cluster.load_hosts.values()):
            if shell is not None:
                await shell.close()


async def _open_control_host(cluster: Cluster) -> None:
    if cluster.control_host is None:
        return
    try:
        await cluster.control_host.open()
    except UnreachableError:
        # The plan of every anomaly says why.
        return


class _Examination:
    """The examination of one node, whose checks are kept as they are made."""

    def __init__(
        self,
        node: Node,
        cluster: ClusterSettings,
        anomalies: AnomalyCatalogue,
        backends: Mapping[str, Backend],
        bound_s: float,
        shared: Shared,
    ) -> None:
        self._node, self._cluster, self._anomalies = node, cluster, anomalies
        self._backend = backends.get(node.settings.name)
        self._bound_s, self._shared = bound_s, shared
        self._checks: list[Check] = []
        self._read = False

    async def report(self, gate: asyncio.Semaphore) -> NodeReport:
        """The report of the node, within the bound."""
        async with gate:
            try:
                async with asyncio.timeout(self._bound_s):
                    await self._examine()
            except TimeoutError:
                result = Result.LIMITED if self._read else Result.FAILED
                self._add(Check("time", result, f"not all was checked within {self._bound_s:g} s"))
            except Exception as error:
                # Whatever one node makes us stumble over, the others are examined.
                log.exception("the examination of a node failed unexpectedly")
                self._add(Check("examination", Result.FAILED, reason_of(error)))
        return NodeReport(self._node.settings.name, self._node.settings.host, tuple(self._checks))

    async def _examine(self) -> None:
        if self._node.settings.connection == "none":
            self._add(*await check_readings(self._node, self._cluster, self._shared))
            return
        ssh, sql = await asyncio.gather(check_ssh(self._node), check_sql(self._node))
        self._add(ssh, sql)
        if sql.result is not Result.FAILED:
            await self._attempt("grants", lambda: check_grants(self._node, self._cluster, self._anomalies))
        if {ssh.result, sql.result} != {Result.FAILED}:
            self._add(*await check_readings(self._node, self._cluster, self._shared))
            self._read = True
        if ssh.result is not Result.FAILED:
            await self._examine_host()

    async def _examine_host(self) -> None:
        possible, anomalies = await self._plan(), self._anomalies
        wanted = {program for each in anomalies.anomalies for method in each.methods for program in method.needs}
        try:
            facts = await survey(self._node.shell, wanted)
        except DistdiagError as error:
            self._add(graded("host", error.what, ("rights, tools and kernel could not be checked",)))
        else:
            for check in (host_checks.check_rights, host_checks.check_tools, host_checks.check_kernel):
                self._add(check(facts, possible, anomalies))
        await self._attempt("clock", self._clock)

    async def _plan(self) -> host_checks.Possible:
        """Which anomalies are possible; none where what injects into the node does not answer."""
        possible = host_checks.Possible()
        try:
            if self._backend is not None:
                possible = await host_checks.possible_anomalies(self._backend, self._node.settings, self._anomalies)
        except DistdiagError as error:
            self._add(graded("anomalies", error.what, ("which anomalies are possible is not known",)))
        else:
            self._add(host_checks.check_anomalies(possible))
        return possible

    async def _clock(self) -> Check:
        return host_checks.check_clock(await clock_offset(self._node.shell))

    async def _attempt(self, name: str, check: Callable[[], Awaitable[Check]]) -> None:
        try:
            self._add(await check())
        except DistdiagError as error:
            self._add(Check(name, Result.LIMITED, error.what, ("it could not be checked",)))

    def _add(self, *checks: Check) -> None:
        self._checks += checks
