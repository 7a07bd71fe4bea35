"""Tenants as each version of OceanBase lists them to an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.tenants import TenantList, list_tenants
from distdiag_core.errors import DistdiagError, UnsupportedError
from tests.cluster.server_views import ServerViews

if TYPE_CHECKING:
    from pathlib import Path


async def seen(views: ServerViews, directory: Path) -> TenantList:
    async with views.connected(directory) as database:
        return await list_tenants(database)


@pytest.mark.parametrize(
    ("version", "described"),
    [
        *(
            (version, ["sys (sys, mysql, primary)", "shop (user, mysql, primary)", "ledger (user, oracle, standby)"])
            for version in ("4 sys", "4.3 sys", "4.4 sys")
        ),
        ("4 without DBA views", ["sys (sys, mysql)", "shop (user, mysql)", "ledger (user, oracle)"]),
        ("3", ["sys (sys, mysql)", "shop (user, mysql)", "ledger (user, oracle)"]),
        ("4 user tenant", ["shop (user, mysql, primary)"]),
        ("4 user tenant without views", ["shop (user)"]),
    ],
)
async def test_the_tenants_of_each_version(version: str, described: list[str], tmp_path: Path) -> None:
    listed = await seen(ServerViews(version), tmp_path)

    assert [tenant.described for tenant in listed.tenants if tenant.kind != "meta"] == described
    of_user = len(described) == 1
    assert (listed.own is not None) == of_user
    assert ("sees that tenant alone" in listed.limits) == of_user
    assert [tenant.number for tenant in listed.chosen(("shop",), "root")] == [1002]


@pytest.mark.parametrize(
    ("version", "denied", "complaint"),
    [
        ("4 sys", "", "n1: tenant 'bank': does not exist on this cluster; .*there are: sys, shop, ledger"),
        ("4 sys", "DBA_OB_TENANTS", r"n1: tenant 'bank': .*Access denied.*; GRANT SELECT ON oceanbase.\* TO 'watcher'"),
        ("4 user tenant", "", "the account is of the tenant shop and sees no other; name shop by `tenants`"),
    ],
)
async def test_a_tenant_that_is_not_seen_is_an_error_with_what_mends_it(
    version: str, denied: str, complaint: str, tmp_path: Path
) -> None:
    views = ServerViews(version)
    views.denied = frozenset({denied})
    listed = await seen(views, tmp_path)

    with pytest.raises(DistdiagError, match=complaint):
        listed.chosen(("bank",), "watcher@sys")
    assert len(listed.chosen(("all",), "watcher@sys")) == len(listed.tenants)


async def test_a_database_without_tenants_has_none(tmp_path: Path) -> None:
    views = ServerViews("4 sys")
    views.tenants = ()
    with pytest.raises(UnsupportedError, match="n1: sql: the database has no tenants"):
        await seen(views, tmp_path)
