"""The parameters of one node's database server, as it has them itself."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.cluster.engine_views import DENIED, NO_SUCH_THING
from distdiag_core.cluster.server_identity import identify
from distdiag_core.errors import SqlError
from distdiag_core.operations.session_list import text_of

if TYPE_CHECKING:
    from distdiag_core.cluster.database import Database, Row

# Of this server alone, unlike `GV$OB_PARAMETERS`.
PARAMETERS_VIEW = "oceanbase.V$OB_PARAMETERS"
_OF_VERSION_3 = "oceanbase.__all_virtual_sys_parameter_stat"
VARIABLES = "SHOW GLOBAL VARIABLES"
# The server gives up before the client does, which would have to connect anew.
_SERVER_LIMIT = "/*+ QUERY_TIMEOUT(4000000) */"
_LIMIT_S = 8.0
_HERE = "svr_ip = HOST_IP() AND svr_port = RPC_PORT()"
# A value that nobody is to read, whatever it is.
_SECRET = re.compile(r"(password|passwd|secret|secret_key|access_key)$|kms_info|log_restore_source|sst_auth")
HIDDEN = "(not shown)"


@dataclass(frozen=True, slots=True)
class NodeParameters:
    """The parameters of a node at one moment.

    Attributes:
        source: the view or the statement that they were read by.
        values: by name; of a parameter that tenants have for themselves, the name with the tenant behind it.
    """

    node: str
    source: str
    values: dict[str, str] = field(default_factory=dict)


async def read(database: Database, account: str) -> NodeParameters:
    """The parameters of the server that `database` is connected to.

    Args:
        account: the account of the connection, as GRANT names it.

    Raises:
        UnreachableError: there is no connection, or no answer in time.
        SqlError: they cannot be read; where a privilege is missing, the hint is the statement that grants it.
    """
    denied: SqlError | None = None
    for view in (PARAMETERS_VIEW, _OF_VERSION_3):
        try:
            return of_rows(database.node, view, await _from_view(database, view))
        except SqlError as error:
            if error.code not in DENIED | NO_SUCH_THING:
                raise
            denied = denied or (error if error.code in DENIED else None)
    if denied is not None and await _is_oceanbase(database):
        what = f"{PARAMETERS_VIEW} cannot be read: {denied.what}"
        fix = f"GRANT SELECT ON oceanbase.* TO {account}"
        raise SqlError(what, code=denied.code, where=f"{database.node}: sql", hint=fix)
    return of_rows(database.node, VARIABLES, await database.query(VARIABLES, timeout_s=_LIMIT_S))


async def _from_view(database: Database, view: str) -> list[Row]:
    """The name, the value and the tenant of each parameter of this server."""
    # A server that is asked for a column that it lacks tries for as long as it is given before it says so.
    described = await database.query(f"SHOW COLUMNS FROM {view}", timeout_s=_LIMIT_S)
    columns = {text_of(row[0]).lower() for row in described}
    tenant = "tenant_id" if "tenant_id" in columns else "NULL"
    here = f" WHERE {_HERE}" if view == _OF_VERSION_3 and "svr_ip" in columns else ""
    statement = f"SELECT {_SERVER_LIMIT} name, value, {tenant} FROM {view}{here}"  # noqa: S608 - names of ours
    return await database.query(statement, timeout_s=_LIMIT_S)


async def _is_oceanbase(database: Database) -> bool:
    """Whether it is one of OceanBase; MySQL denies an account a view that there is not."""
    identity = await identify(database)
    return identity is None or identity.oceanbase


def of_rows(node: str, source: str, rows: list[Row]) -> NodeParameters:
    """The parameters in rows of a name, a value and, where there are any, a tenant; without secrets."""
    values = dict(_named(*row) for row in rows if len(row) in (2, 3))
    return NodeParameters(node, source, dict(sorted(values.items())))


def _named(name: object, value: object, tenant: object = None) -> tuple[str, str]:
    said, shown = text_of(name).lower(), text_of(value)
    if shown and _SECRET.search(said):
        shown = HIDDEN
    # The nodes of a cluster have the same names and, for the most part, the same values.
    return sys.intern(f"{said} (tenant {text_of(tenant)})" if tenant else said), sys.intern(shown)
