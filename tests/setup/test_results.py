"""The checks of all nodes as one table, and what mends what did not pass."""

from __future__ import annotations

from distdiag_core.doctor.report import Check, ClusterReport, NodeReport, Result
from distdiag_core.setup import privileges, results
from distdiag_core.setup.cluster_draft import ClusterDraft, node_of

REFUSED = Check("sql", Result.FAILED, "access denied", ("no metrics",), ("correct sql.user",))
NODES = (
    NodeReport("n1", "10.0.0.11", (Check("ssh", Result.PASSED, "in"), REFUSED)),
    NodeReport("n2", "10.0.0.12", (REFUSED, Check("metrics host", Result.PASSED, ""),
                                   Check("metrics sysstat", Result.LIMITED, "", ("some stay unknown",)))),
)  # fmt: skip
REPORT = ClusterReport(
    "c",
    NODES,
    NodeReport("load host", "here", ()),
    Check("servers", Result.LIMITED, "", ("n9 is missing",), ("add it",)),
)


def test_a_row_has_the_worst_result_of_each_check() -> None:
    first, second = (dict(zip(results.HEADER, row, strict=True)) for row in results.rows(REPORT))

    assert (first["SSH"], first["SQL"], first["METRICS"], first["CLOCK"]) == ("pass", "fail", "-", "-")
    assert (second["SSH"], second["METRICS"]) == ("-", "limited")


def test_the_same_advice_stands_once_with_all_its_nodes() -> None:
    assert results.advice(REPORT, Result.FAILED) == ("n1, n2: sql: access denied", "    -> correct sql.user")
    assert results.advice(REPORT, Result.LIMITED) == (
        "n2: metrics sysstat: some stay unknown",
        "cluster: servers: n9 is missing",
        "    -> add it",
    )


def test_privileges_are_no_more_than_the_file_allows() -> None:
    watching = ClusterDraft("c", (node_of("n1", "h"),), ssh_user="admin", sql_user="root@shop")
    changing = ClusterDraft("c", watching.nodes, ssh_user="admin", sql_user="o'b@shop", read_only=False)

    assert privileges.sql_statements(watching) == (
        "CREATE USER IF NOT EXISTS 'distdiag' IDENTIFIED BY '...';",
        "GRANT SELECT ON oceanbase.* TO 'distdiag';",
    )
    assert privileges.sudoers(watching) == ""
    assert privileges.sql_statements(changing)[-1] == "GRANT ALTER SYSTEM ON *.* TO 'o''b';"
    assert privileges.sudoers(changing) == "admin ALL=(root) NOPASSWD: ALL"
