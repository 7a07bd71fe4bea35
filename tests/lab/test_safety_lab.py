"""What keeps injections from lasting: the abort rule, clearing past a dead node, and the listing of what is left."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from distdiag_core.operations.connect_injections import connect_injections
from tests.lab.endings.victim import PROGRAM, Victim

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]

NODE = "n3"
# Nobody has it.
_DEAD = {"name": "dead", "host": "10.77.0.99", "ssh": {"connect_timeout_s": 2}, "sql": {"connect_timeout_s": 2}}


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    victim = Victim(NODE, tmp_path)
    asyncio.run(victim.clear())
    yield victim
    asyncio.run(victim.clear())


def half_dead(victim: Victim) -> Path:
    """A cluster file of the victim and a node that is not there, whose steady state is that all are there."""
    cluster = yaml.safe_load(victim.file.read_text(encoding="utf-8"))
    cluster["nodes"].append(_DEAD)
    cluster["abort"] = {"node_lost": True, "for_s": 5}
    path = victim.directory / "half.yaml"
    path.write_text(yaml.safe_dump(cluster), encoding="utf-8")
    return path


def distdiag(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "--config", str(config), *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


async def _active(victim: Victim) -> int:
    async with connect_injections(victim.settings) as verbs:
        return len(await verbs.active())


def test_a_lost_node_ends_what_is_watched(victim: Victim) -> None:
    file = half_dead(victim)

    ended = distdiag(file, "inject", "cpu_stress", "--node", NODE, "--severity", "low", "--for", "80s", "--watch")

    # On a machine so slow that the dead node is known before the injection has begun, that is refused.
    assert ended.returncode in (1, 3), ended.stderr
    assert "dead: " in ended.stderr
    assert "the node is lost" in ended.stderr
    assert "abort.node_lost" in ended.stderr
    assert asyncio.run(_active(victim)) == 0


def test_clearing_all_reports_a_dead_node_and_ends_the_rest(victim: Victim) -> None:
    file = half_dead(victim)
    begun = distdiag(file, "inject", "cpu_stress", "--node", NODE, "--severity", "low", "--for", "80s", "--json")
    (injection,) = json.loads(begun.stdout)["injections"]

    ended = distdiag(file, "clear", "--all", "--for", "3s", "--json")

    assert ended.returncode == 1
    assert ended.stderr.count("trying again") >= 1
    assert "dead cannot be asked" in ended.stderr
    answer = json.loads(ended.stdout)
    assert [(each["id"], each["state"]) for each in answer["injections"]] == [(injection["id"], "cleared")]
    assert asyncio.run(_active(victim)) == 0


def test_the_eyes_see_what_is_left(victim: Victim) -> None:
    async def look_twice() -> tuple[str, str]:
        before = await victim.look()
        mark = "-p tcp -s 10.77.0.250 -j ACCEPT"
        await victim.inside(
            f"iptables-legacy -w 5 -A INPUT {mark}; mkdir /var/lib/distdiag/0left; setsid sleep 321 >/dev/null 2>&1 &"
        )
        try:
            left = (await victim.look()).against(before)
        finally:
            await victim.inside(
                f"iptables-legacy -w 5 -D INPUT {mark}; rmdir /var/lib/distdiag/0left; pkill -f '^sleep 321$'"
            )
        return left, (await victim.look()).against(before)

    left, afterwards = asyncio.run(look_twice())
    assert "10.77.0.250" in left
    assert "files: + /var/lib/distdiag/0left" in left
    assert "processes: + sleep 321" in left
    assert afterwards == ""
