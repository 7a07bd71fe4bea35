"""Parameters of the database set to a harmful value: the one that was there is written down first, and comes back.

Several injections may set the same one: the lowest value counts, which is the most harmful one of those that we set,
and the last to end brings back what was there before the first. What somebody else set meanwhile is left as it is.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .sql_session import Lease, Session, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE = "parameter"
# The database takes a moment before it shows a new value.
_SHOWN_S = 10.0
_NAME = re.compile(r"[a-z_]+")


@dataclass(frozen=True)
class Holding:
    """What one injection did to one parameter.

    Attributes:
        port: of the database, since several of them may share a machine.
        original: the value before the first of the injections that hold it at the same time.
    """

    port: str
    name: str
    original: str
    wanted: int
    restored: bool = False


def hold(lease: Lease, *, name: str, value: int) -> None:
    """Set the parameter `name` to `value`, or leave a lower value that another injection has set."""
    with Session(lease) as session, _alone(lease):
        others = _others(lease, name)
        current = _read(session, name)
        if others and current != _lowest(others):
            raise SystemExit(
                f"{name} is {current}, and not {_lowest(others)} as another injection has set it; clear that first"
            )
        mine = Holding(_port(lease), name, others[0].original if others else current, value)
        lease.will_last("parameter")
        _keep(lease, mine)
        _set(session, name, _lowest([*others, mine]))


def report(session: Session, lease: Lease) -> None:
    """Show that the value is in force, or say that somebody else has changed it."""
    mine = _held(lease)
    if mine is None:
        raise SystemExit("it was not set")
    current = _read(session, mine.name)
    if current == _lowest([*_others(lease, mine.name), mine]):
        lease.write("shown", "yes")
        foreign = ""
    else:
        foreign = "; somebody else set that, so that it is left as it is"
    lease.write("progress", f"{mine.name} is {current}{foreign}, and was {mine.original}")


def restore(lease: Lease) -> None:
    """Bring back what was there, unless another injection still wants it low, or somebody else has changed it."""
    with _alone(lease):
        mine = _held(lease)
        if mine is None or mine.restored:
            return
        others = _others(lease, mine.name)
        with Session(lease, ending=True) as session:
            current = _read(session, mine.name)
            if current == _lowest([*others, mine]):
                _set(session, mine.name, _lowest(others) if others else mine.original)
            else:
                sys.stdout.write(f"{mine.name} is {current}, which we did not set: it is left as it is\n")
        _keep(lease, Holding(mine.port, mine.name, mine.original, mine.wanted, restored=True))


def restored(lease: Lease) -> bool:
    """Whether the value in force is not ours any more."""
    with _alone(lease):
        mine = _held(lease)
        if mine is None:
            return True
        others = _others(lease, mine.name)
        allowed = {mine.original, *(str(other.wanted) for other in others)}
        with Session(lease, ending=True) as session:
            current = _read(session, mine.name)
        return mine.restored and (current != str(mine.wanted) or current in allowed)


@contextmanager
def _alone(lease: Lease) -> Iterator[None]:
    """No other injection of this node looks at parameters meanwhile; leaves no file behind."""
    directory = os.open(lease.directory.parent, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def _held(lease: Lease) -> Holding | None:
    try:
        facts = json.loads((lease.directory / _FILE).read_bytes())
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise SystemExit(f"the note of the parameter is damaged: {error}") from error
    kinds = {"port": str, "name": str, "original": str, "wanted": int, "restored": bool}
    if not isinstance(facts, dict) or {name: type(value) for name, value in facts.items()} != kinds:
        raise SystemExit("the note of the parameter is damaged")
    return Holding(**facts)


def _keep(lease: Lease, holding: Holding) -> None:
    lease.write(_FILE, json.dumps(vars(holding)))


def _others(lease: Lease, name: str) -> list[Holding]:
    """What other injections hold of the same parameter of the same database."""
    found = []
    for directory in sorted(lease.directory.parent.glob("[!.]*/")):
        # The damaged note of another injection must not keep this one from its end.
        with suppress(SystemExit):
            holding = _held(Lease(str(directory)))
            if directory.name != lease.id and holding is not None and not holding.restored:
                found.append(holding)
    return [each for each in found if (each.port, each.name) == (_port(lease), name)]


def _port(lease: Lease) -> str:
    return lease.account()["port"]


def _lowest(holdings: list[Holding]) -> str:
    return str(min(holding.wanted for holding in holdings))


def _read(session: Session, name: str) -> str:
    rows = session.ask("SELECT value FROM oceanbase.V$OB_PARAMETERS WHERE name = %s", (name,))
    if not rows:
        raise SystemExit(f"the database has no parameter {name}")
    return str(rows[0][0])


def _set(session: Session, name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise SystemExit(f"no parameter is called '{name}'")
    ((scope,),) = session.ask("SELECT scope FROM oceanbase.V$OB_PARAMETERS WHERE name = %s LIMIT 1", (name,))
    ((address, port),) = session.ask("SELECT HOST_IP(), RPC_PORT()")
    # A parameter of a tenant is the same on all nodes; one of the cluster can be set on this node alone.
    where = f" SERVER = '{address}:{int(port)}'" if scope == "CLUSTER" else ""
    session.ask(f"ALTER SYSTEM SET {name} = %s{where}", (value,))
    if not wait_for(lambda: _read(session, name) == value, _SHOWN_S, time.sleep):
        raise SystemExit(f"{name} does not become {value}")
