"""`distdiag tenants` on a server of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cluster.server_views import ServerViews

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


def test_tenants_with_their_roles_and_which_are_watched(
    tmp_path: Path, cluster_file: Callable[[str], Path], distdiag: Callable[..., Ended]
) -> None:
    with ServerViews("4 sys").listening(tmp_path) as server:
        cluster_file(
            f"name: mine\ntenants: [shop, bank]\nsql: {{port: {server.port}}}\n"
            "nodes:\n  - {name: n1, host: 127.0.0.1, connection: local}\n"
        )
        listed = distdiag("--cluster", "mine", "tenants")
        facts = json.loads(distdiag("--cluster", "mine", "tenants", "--json").stdout)

    assert listed.status == 0
    assert "the tenant bank, which the cluster file names, is not seen" in listed.stderr
    (shop,) = [line.split() for line in listed.stdout.splitlines() if line.startswith("shop")]
    assert shop == ["shop", "1002", "user", "mysql", "primary", "normal", "yes"]
    assert facts["view"] == "DBA_OB_TENANTS"
    assert [each["name"] for each in facts["tenants"] if each["watched"]] == ["shop"]
