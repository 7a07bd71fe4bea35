"""The configuration of obdiag for a cluster, made from the cluster file; it holds passwords."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import yaml

from distdiag_core.cluster import password, ssh_config, ssh_keys
from distdiag_core.cluster.ssh_config import SshConfigError
from distdiag_core.errors import ConfigError, UnsupportedError
from distdiag_core.obdiag.obdiag_settings import ObdiagSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings


async def configuration(cluster: ClusterSettings, names: Sequence[str], database: str) -> str:
    """The text of the configuration.

    Args:
        names: of the nodes that obdiag is told of.
        database: the one of them whose database is asked.

    Raises:
        UnsupportedError: a node is reached in a way that obdiag does not know.
        ConfigError: the account of a node cannot be told.
        UnreachableError: there is no password.
    """
    asked = cluster.node(database)
    if asked.sql is None:
        raise AssertionError("the cluster file was not completed")
    nodes = [await asyncio.to_thread(_node, node) for node in map(cluster.node, names)]
    settings = cluster.section(ObdiagSettings)
    user = asked.sql.user
    data: dict[str, Any] = {
        "obcluster": {
            "ob_cluster_name": cluster.name,
            "db_host": nodes[list(names).index(database)]["ip"],
            "db_port": asked.sql.port,
            "tenant_sys": {
                # obdiag asks as the tenant sys alone.
                "user": user if "@" in user else f"{user}@sys",
                "password": await password.of_nodes((asked,))[asked.name].get(),
            },
            "servers": {
                "nodes": nodes,
                "global": {} if settings.home_path is None else {"home_path": settings.home_path},
            },
        }
    }
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def address_of(node: NodeSettings) -> str:
    """The address of a node as obdiag has it.

    Raises:
        ConfigError, UnsupportedError: as of `configuration`.
    """
    return str(_node(node)["ip"])


def _node(node: NodeSettings) -> dict[str, Any]:
    """A node as obdiag knows it; it reads no ~/.ssh/config, and its HOME has no keys."""
    found: dict[str, Any] = {"ip": node.host}
    if node.connection == "local":
        return found | {"ssh_type": "local"} | _directories(node)
    ssh = node.ssh
    if ssh is None:
        raise AssertionError("the cluster file was not completed")
    try:
        config = ssh_config.resolve(node.host, user=ssh.user, port=ssh.port)
    except SshConfigError as error:
        raise ConfigError(str(error), where=node.name) from error
    if ssh.jump or config.word("proxyjump") or config.word("proxycommand"):
        raise UnsupportedError(
            "obdiag cannot reach a node through another host", where=node.name, hint="run it on a host beside the nodes"
        )
    keys = [path for path, _ in ssh_keys.key_files(config, ssh.identity) if path.is_file()]
    found |= {"ip": config.host, "ssh_type": "remote", "ssh_username": config.user, "ssh_port": config.port}
    # Without a key it would wait for a password.
    if not keys:
        raise UnsupportedError(
            "obdiag uses no ssh-agent, and there is no file of a private key",
            where=node.name,
            hint="name one by ssh.identity",
        )
    return found | {"ssh_password": "", "ssh_key_file": str(keys[0])} | _directories(node)


def _directories(node: NodeSettings) -> dict[str, str]:
    return {} if node.data_dir is None else {"data_dir": node.data_dir}
