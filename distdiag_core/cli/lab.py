"""`distdiag lab`: a real cluster on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, put, say
from distdiag_core.cli.run import run
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from distdiag_core.lab.status import LabProgress, LabStatus

_CLUSTER = "lab"


@click.group(cls=VerbGroup)
def lab() -> None:
    """A real cluster on this machine, for trying, training and testing; its cluster is named "lab"."""


@lab.command()
@click.option("--nodes", type=click.IntRange(1, 9), default=3, show_default=True)
@click.option("--install", is_flag=True, help="Install what is missing with apt-get.")
@click.option(
    "--engine",
    type=click.Choice(("oceanbase", "galera")),
    help="oceanbase: a database of its own on each node. galera: one MariaDB cluster that replicates, unpacked from "
    "Debian packages without installing them. Without it that of the running lab, else oceanbase.",
)
@as_json
def up(nodes: int, *, install: bool, engine: str | None, as_json: bool) -> None:
    """Bring the lab up, or repair its broken nodes.

    It wants root on Linux. Without root it is a loopback lab: a port of this machine for each node, so that an anomaly
    of one node affects all of them.
    """
    bring_up(nodes, install=install, engine=engine, as_json=as_json)


@lab.command()
@as_json
def status(*, as_json: bool) -> None:
    """Show the status of the lab and of its nodes."""
    from distdiag_core import lab

    _show(run(lab.status()), as_json=as_json)


@lab.command()
def down() -> None:
    """Remove the lab with its data, and end the load on it."""
    from distdiag_core import lab
    from distdiag_core.cluster import inventory

    if _CLUSTER in inventory.known():
        run(_stop_load())
    run(lab.down(_report))


async def _stop_load() -> None:
    """Stop the benchmarks on the lab, which would go on trying to reach its nodes until their own end."""
    from distdiag_core.cluster import inventory
    from distdiag_core.operations.workloads import connect_workloads

    try:
        async with connect_workloads(inventory.load(inventory.find(_CLUSTER))) as workloads:
            stopped = await workloads.stop()
    except DistdiagError as error:
        say(f"warning: the load on the lab was not stopped: {error}")
        return
    for each in stopped:
        say(f"{each.request.kind} on {', '.join(each.request.nodes)}: {each.state}")


def bring_up(nodes: int = 3, *, install: bool = False, engine: str | None = None, as_json: bool = False) -> None:
    """Bring the lab up, and print what came of it.

    Raises:
        DistdiagError: it cannot be built, or is not complete.
    """
    from distdiag_core import lab

    status = run(lab.up(nodes, install=install, progress=_report, engine_name=engine))
    _show(status, as_json=as_json)
    if not status.healthy:
        raise DistdiagError("the lab is not complete", hint="`distdiag lab status` says which node does not answer")


def _report(progress: LabProgress) -> None:
    say(str(progress))


def _show(status: LabStatus, *, as_json: bool) -> None:
    if as_json:
        emit(status)
        return
    if not status.nodes:
        say("there is no lab; `distdiag lab up` builds one")
    for node in status.nodes:
        put(str(node))
    for loss in status.losses:
        say(f"note: {loss}")
