"""The network of the lab: a bridge, and for every node a namespace with a veth pair to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError, RefusedError
from distdiag_core.lab.plan import BRIDGE, BRIDGE_ADDRESS, SUBNET
from distdiag_core.lab.programs import run

if TYPE_CHECKING:
    from distdiag_core.lab.plan import NodePlan


def owner() -> Path | None:
    """The directory of the lab that owns the bridge; None without a bridge, or without its alias."""
    try:
        alias = (Path("/sys/class/net") / BRIDGE / "ifalias").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return Path(alias) if alias else None


def check_owner(lab: Path) -> None:
    """Refuse a machine with the lab of another directory, as of another user.

    Raises:
        RefusedError: there is one.
    """
    other = owner()
    if other is not None and other != lab:
        raise RefusedError(
            f"another lab is on this machine, kept in {other}",
            where=f"bridge {BRIDGE}",
            hint="take it down from where it was brought up",
        )


async def raise_bridge(lab: Path) -> None:
    """Create the bridge where it is missing, and note `lab` as its owner in the alias.

    Raises:
        ConfigError: another interface uses the addresses.
    """
    taken = [route["dev"] for route in await _routes() if route.get("dst", "").startswith(f"{SUBNET}.")]
    if any(device != BRIDGE for device in taken):
        raise ConfigError(f"{SUBNET}.0/24 is in use by {', '.join(taken)}", where="the lab's network")
    if not _exists("/sys/class/net", BRIDGE):
        await run("ip", "link", "add", BRIDGE, "type", "bridge", "forward_delay", "0", "stp_state", "0")
    alias = f"link set {BRIDGE} alias {lab}"
    await _batch(alias, f"addr replace {BRIDGE_ADDRESS}/24 dev {BRIDGE}", f"link set {BRIDGE} up")


async def connect(node: NodePlan) -> None:
    """Create a new network namespace of the node, with its address."""
    await disconnect(node)
    await run("ip", "netns", "add", node.namespace)
    await run(*("ip", "link", "add", node.link, "type", "veth"), *("peer", "name", "eth0", "netns", node.namespace))
    await _batch(f"link set {node.link} master {BRIDGE}", f"link set {node.link} up")
    await _batch(f"addr add {node.host}/24 dev eth0", "link set eth0 up", "link set lo up", namespace=node.namespace)


async def disconnect(node: NodePlan) -> None:
    """Remove the namespace and the veth pair of the node, where they exist."""
    if _exists("/sys/class/net", node.link):
        await run("ip", "link", "delete", node.link)
    if _exists("/run/netns", node.namespace):
        await run("ip", "netns", "delete", node.namespace)


async def remove_bridge() -> None:
    """Remove the bridge, where it exists."""
    if _exists("/sys/class/net", BRIDGE):
        await run("ip", "link", "delete", BRIDGE)


def _exists(directory: str, name: str) -> bool:
    return (Path(directory) / name).exists()


async def _batch(*commands: str, namespace: str = "") -> None:
    where = ("-n", namespace) if namespace else ()
    await run("ip", *where, "-batch", "-", stdin="\n".join(commands))


async def _routes() -> list[dict[str, str]]:
    routes: list[dict[str, str]] = json.loads(await run("ip", "-json", "route") or "[]")
    return routes
