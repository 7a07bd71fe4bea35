"""What an account needs on the nodes and in the database, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cluster.account import name_in_grant
from distdiag_core.doctor.connections import MYSQL_PRIVILEGES, PARAMETER_PRIVILEGES, TABLE_PRIVILEGES, of_mysql
from distdiag_core.doctor.host_checks import sudoers_line

if TYPE_CHECKING:
    from distdiag_core.setup.cluster_draft import ClusterDraft

_OWN_ACCOUNT = "distdiag"
_ADMINISTRATORS = frozenset({"", "root"})


def sql_statements(draft: ClusterDraft) -> tuple[str, ...]:
    """The statements that make an account and grant what the cluster file lets it do; run by an administrator."""
    user = (draft.sql_user or "").partition("@")[0]
    account = name_in_grant(_OWN_ACCOUNT if user in _ADMINISTRATORS else user)
    mysql = of_mysql(draft.sources)
    grants = [f"{', '.join(MYSQL_PRIVILEGES)} ON *.*" if mysql else "SELECT ON oceanbase.*"]
    if not draft.read_only:
        grants.append(f"{', '.join(TABLE_PRIVILEGES)} ON *.*")
        grants += [] if mysql else [f"{', '.join(PARAMETER_PRIVILEGES)} ON *.*"]
    made = f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '...';"
    return (made, *(f"GRANT {each} TO {account};" for each in grants))


def sudoers(draft: ClusterDraft) -> str:
    """The line of sudoers that anomalies need; empty for a cluster that is only watched, and for pods."""
    if draft.read_only or draft.ssh_user == "root" or draft.kubernetes is not None:
        return ""
    return sudoers_line(draft.ssh_user or "ACCOUNT")
