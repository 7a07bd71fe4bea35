"""The lab's network: one bridge, and for every node a namespace with one cable to it."""

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
    """The directory of the lab that the bridge belongs to; None when there is no bridge, or one not signed yet."""
    try:
        alias = (Path("/sys/class/net") / BRIDGE / "ifalias").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return Path(alias) if alias else None


def check_owner(lab: Path) -> None:
    """Make sure that no other lab (another user's, another home's) is on this machine.

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
    """Make the bridge, if it is not there, and sign it as belonging to `lab`.

    Raises:
        ConfigError: the addresses are in use by something else.
    """
    taken = [route["dev"] for route in await _routes() if route.get("dst", "").startswith(f"{SUBNET}.")]
    if any(device != BRIDGE for device in taken):
        raise ConfigError(f"{SUBNET}.0/24 is in use by {', '.join(taken)}", where="the lab's network")
    if not _exists("/sys/class/net", BRIDGE):
        await run("ip", "link", "add", BRIDGE, "type", "bridge", "forward_delay", "0", "stp_state", "0")
    sign = f"link set {BRIDGE} alias {lab}"
    await _batch(sign, f"addr replace {BRIDGE_ADDRESS}/24 dev {BRIDGE}", f"link set {BRIDGE} up")


async def connect(node: NodePlan) -> None:
    """Give the node a fresh network namespace with its address."""
    await disconnect(node)
    await run("ip", "netns", "add", node.namespace)
    await run(*("ip", "link", "add", node.link, "type", "veth"), *("peer", "name", "eth0", "netns", node.namespace))
    await _batch(f"link set {node.link} master {BRIDGE}", f"link set {node.link} up")
    await _batch(f"addr add {node.host}/24 dev eth0", "link set eth0 up", "link set lo up", namespace=node.namespace)


async def disconnect(node: NodePlan) -> None:
    """Take the node's namespace and cable away, whatever there is of them."""
    if _exists("/sys/class/net", node.link):
        await run("ip", "link", "delete", node.link)
    if _exists("/run/netns", node.namespace):
        await run("ip", "netns", "delete", node.namespace)


async def remove_bridge() -> None:
    """Take the bridge away, if it is there."""
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
