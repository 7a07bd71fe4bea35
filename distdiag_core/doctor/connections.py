"""The links to a node, and the privileges of its SQL account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from distdiag_core.cluster.account import grant_of_views, name_in_grant
from distdiag_core.cluster.engine_views import NO_SUCH_THING
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.pod_shell import PodShell
from distdiag_core.cluster.server_identity import LOCKS_VIEW, SESSIONS_VIEW, identify
from distdiag_core.doctor.report import Check, Result, graded
from distdiag_core.errors import DistdiagError, SqlError
from distdiag_core.metrics.source import SOURCES
from distdiag_core.workloads.benchmark_registry import BENCHMARKS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.cluster.database import Database
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.node import Node

# Where the client that is sent along for anomalies of the database reads what it sets, and puts back.
_PARAMETERS_VIEW = "oceanbase.V$OB_PARAMETERS"
# Of programs that make tables of their own, fill them and drop them.
TABLE_PRIVILEGES = ("CREATE", "DROP", "INDEX", "SELECT", "INSERT", "UPDATE", "DELETE")
PARAMETER_PRIVILEGES = ("ALTER SYSTEM",)
# Of MySQL and MariaDB, whose status needs none.
MYSQL_PRIVILEGES = ("PROCESS",)
_ALL = "ALL PRIVILEGES"
_EVERYWHERE = re.compile(r"GRANT (?P<privileges>.+) ON \*\.\* TO ", re.IGNORECASE)
# Where a failed connection has no advice of its own.
_NO_SSH = "check host and ssh.port in the cluster file, that sshd runs there, and what lies between"
_NO_SQL = "check host and sql.port in the cluster file, that the observer listens there, and what lies between"


async def check_ssh(node: Node) -> Check:
    """Whether the node is reached by SSH: its address, its host key and the login."""
    try:
        await node.shell.open()
    except DistdiagError as error:
        cost = "no metrics of the operating system, no anomalies"
        advice = "" if isinstance(node.shell, PodShell) else _NO_SSH
        return Check("ssh", Result.FAILED, error.what, (cost,), tuple(filter(None, (error.hint or advice,))))
    if isinstance(node.shell, LocalShell):
        return Check("ssh", Result.PASSED, "this machine; no login is needed")
    if isinstance(node.shell, PodShell):
        pod = await node.shell.pod()
        return graded("ssh", f"the pod {pod.name}, by kubectl exec; no SSH", node.shell.notes)
    notes = "".join(f"; {note}" for note in node.shell.notes)
    return Check("ssh", Result.PASSED, f"host key known, login as {node.shell.user}{notes}")


async def check_sql(node: Node) -> Check:
    """Whether the database lets the account in, and which server it is."""
    try:
        await node.database.open()
    except DistdiagError as error:
        cost = "no metrics of the database, no anomalies of it, no benchmarks"
        return Check("sql", Result.FAILED, error.what, (cost,), (error.hint or _NO_SQL,))
    identity = await identify(node.database)
    version = dict(identity.variables).get("version_comment", "") if identity is not None else ""
    return graded("sql", f"login as {_user(node)}; {version or 'a server of unknown kind'}", node.database.notes)


async def check_grants(node: Node, cluster: ClusterSettings, anomalies: AnomalyCatalogue) -> Check:
    """Which of the views that distdiag reads the account may read, and what else it may do."""
    account = name_in_grant(_user(node))
    costs, fixes = [], []
    for view, cost in _views(cluster, anomalies).items():
        refusal = await _refusal(node.database, view)
        if refusal is not None:
            costs.append(f"{view}: {refusal.what}: {cost}")
            if refusal.code not in NO_SUCH_THING:
                fixes.append(grant_of_views(_user(node)))
    for privileges, cost in _privileges(cluster, anomalies):
        if missing := await _missing(node.database, privileges):
            costs.append(f"no global {', '.join(missing)}: {cost}")
            fixes.append(f"GRANT {', '.join(missing)} ON *.* TO {account}")
    unread = [cost for cost in costs if cost.startswith("oceanbase.")]
    found = "every view can be read" if not unread else f"{len(unread)} of the views cannot be read"
    return graded("grants", found, tuple(costs), tuple(dict.fromkeys(fixes)))


def _views(cluster: ClusterSettings, anomalies: AnomalyCatalogue) -> dict[str, str]:
    """The views, each with what is lost where it cannot be read."""
    of_sources = {
        view: f"no metrics of the source {name}" for name in cluster.sources for view in SOURCES.get(name).views
    }
    if of_mysql(cluster.sources):
        return of_sources
    return of_sources | {
        _PARAMETERS_VIEW: f"parameters cannot be set and put back, as anomalies do: {_by_sql(anomalies)}",
        SESSIONS_VIEW: "sessions of other accounts are not listed; two nodes that are one server may go unnoticed",
        LOCKS_VIEW: "which session blocks which is not known",
    }


def _privileges(cluster: ClusterSettings, anomalies: AnomalyCatalogue) -> Iterable[tuple[tuple[str, ...], str]]:
    """The privileges on everything, each with what is lost without them."""
    yield TABLE_PRIVILEGES, _loads(anomalies)
    if of_mysql(cluster.sources):
        yield MYSQL_PRIVILEGES, "sessions of other accounts are not listed"
    else:
        yield PARAMETER_PRIVILEGES, _by_sql(anomalies)


def of_mysql(sources: Collection[str]) -> bool:
    """Whether the servers are MySQL or MariaDB, which have none of the views and parameters of OceanBase."""
    return "mysql_status" in sources and "sysstat" not in sources


def _by_sql(anomalies: AnomalyCatalogue) -> str:
    names = [each.name for each in anomalies.anomalies if any(method.account for method in each.methods)]
    return f"some of {', '.join(names)} may fail"


def _loads(anomalies: AnomalyCatalogue) -> str:
    return f"{_by_sql(anomalies)}, and the benchmarks {', '.join(BENCHMARKS.names())} outside of schemas granted to it"


async def _refusal(database: Database, view: str) -> SqlError | None:
    try:
        await database.query(f"SELECT 1 FROM {view} LIMIT 1")  # noqa: S608 - a name of ours
    except SqlError as error:
        return error
    return None


async def _missing(database: Database, wanted: Iterable[str]) -> tuple[str, ...]:
    """The privileges that the account does not have on everything; none where the server does not tell."""
    try:
        rows = await database.query("SHOW GRANTS")
    except SqlError:
        return ()
    granted: set[str] = set()
    for row in rows:
        if found := _EVERYWHERE.match(str(row[0])):
            granted |= {privilege.strip().upper() for privilege in found["privileges"].split(",")}
    return () if _ALL in granted else tuple(each for each in wanted if each not in granted)


def _user(node: Node) -> str:
    return node.settings.sql.user if node.settings.sql is not None else ""
