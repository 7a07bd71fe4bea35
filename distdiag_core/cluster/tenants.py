"""The tenants of a cluster, as an account sees them, and which of them are watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.cluster import engine_views
from distdiag_core.cluster.account import grant_of_views
from distdiag_core.cluster.engine_views import OWN_TENANT
from distdiag_core.errors import DataError, DistdiagError, SqlError, UnsupportedError, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Database, Row

SYS, ALL = "sys", "all"
SYS_ID = 1
_KEY = "`tenants` in the cluster file"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant; what the server does not say is empty.

    Attributes:
        kind: in lower case: sys, user, or meta for the part of a user tenant that is the engine's own.
        mode: the compatibility mode: mysql or oracle.
        role: primary, standby and the like; none before 4.1.
        status: normal, creating and so on.
    """

    number: int
    name: str
    kind: str = ""
    mode: str = ""
    role: str = ""
    status: str = ""

    @property
    def described(self) -> str:
        """It in words; a status only where it is not the usual one."""
        facts = (self.kind, self.mode, self.role, "" if self.status == "normal" else self.status)
        said = ", ".join(fact for fact in facts if fact)
        return f"{self.name} ({said})" if said else self.name


@dataclass(frozen=True, slots=True)
class TenantList:
    """The tenants that an account sees, by number.

    Attributes:
        node: the node that was asked.
        view: where they are from.
        denied: why the view of all of them could not be read, where a privilege is missing.
    """

    node: str
    tenants: tuple[Tenant, ...]
    view: str
    denied: SqlError | None = None

    @property
    def own(self) -> Tenant | None:
        """The tenant of the account where it sees no other; None for an account of sys."""
        if any(tenant.number == SYS_ID for tenant in self.tenants):
            return None
        return next(tenant for tenant in self.tenants if tenant.kind != "meta")

    @property
    def limits(self) -> str:
        """What the account does not see, in words; empty where it sees everything."""
        if self.own is not None:
            return f"an account of the tenant {self.own.name} sees that tenant alone, and not what others do on a node"
        return "other tenants than sys are not seen" if self.denied is not None else ""

    def chosen(self, names: Sequence[str], user: str) -> tuple[Tenant, ...]:
        """The tenants called `names`, or all.

        Raises:
            DataError: the account sees no tenant of one of the names; the hint says what mends it.
            SqlError: the same for want of a privilege.
        """
        if tuple(names) == (ALL,):
            return self.tenants
        by_name = {tenant.name: tenant for tenant in self.tenants}
        for name in names:
            if name not in by_name:
                raise self._missing(name, user)
        return tuple(by_name[name] for name in names)

    def _missing(self, name: str, user: str) -> DistdiagError:
        where = f"{self.node}: tenant {quoted(name)}"
        if self.own is not None:
            hint = f"name {self.own.name} by {_KEY}, or give an account of the tenant sys by sql.user"
            return DataError(f"the account is of the tenant {self.own.name} and sees no other", where=where, hint=hint)
        if self.denied is not None:
            what = f"its number cannot be found: {self.denied.what}"
            return SqlError(what, code=self.denied.code, where=where, hint=grant_of_views(user))
        there_are = ", ".join(tenant.name for tenant in self.tenants if tenant.kind != "meta")
        return DataError(
            "does not exist on this cluster", where=where, hint=f"correct {_KEY}; there are: {there_are}"
        )  # fmt: skip


async def list_tenants(database: Database) -> TenantList:
    """The tenants that the account sees.

    Raises:
        UnsupportedError: the database has none.
        UnreachableError: it does not answer.
        DataError: its answer makes no sense.
    """
    answer = await engine_views.ask(database, engine_views.TENANTS)
    if answer.view is None:
        raise UnsupportedError("the database has no tenants", where=f"{database.node}: sql")
    tenants = sorted(map(_tenant, answer.rows), key=lambda tenant: tenant.number)
    denied = answer.denied if answer.view is OWN_TENANT else None
    return TenantList(database.node, tuple(tenants), answer.view.short_name, denied)


def _tenant(row: Row) -> Tenant:
    try:
        number, name, *facts = row
        kind, mode, role, status = (str(fact or "").lower() for fact in facts)
        found = int(str(number))
    except ValueError:
        raise DataError("the list of tenants has rows of another shape", where="sql") from None
    return Tenant(found, str(name), kind or (SYS if found == SYS_ID else "user"), mode, role, status)
