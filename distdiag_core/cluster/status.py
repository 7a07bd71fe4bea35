"""The state of the links of a node."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """The state of one link, SSH or SQL."""

    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"
    UNUSED = "unused"


class NodeState(StrEnum):
    """The state of a node as a whole."""

    CONNECTING = "connecting"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


_FINE = frozenset({LinkState.UP, LinkState.UNUSED})


@dataclass(frozen=True, slots=True)
class Link:
    """The state of one link, with its reason.

    Attributes:
        reason: why it is not up, in plain words.
        notes: what was passed over on the way, each with its file and line.
    """

    state: LinkState = LinkState.CONNECTING
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """The state of both links of a node.

    Attributes:
        ssh: the link of its shell, which is not by SSH everywhere.
        shell: what makes that link, for people.
    """

    node: str
    zone: str = ""
    ssh: Link = Link()
    sql: Link = Link()
    shell: str = "ssh"

    @property
    def state(self) -> NodeState:
        """Up with both links, degraded with one, down with none; connecting until a first answer is in.

        A link that is not used does not count; a node that has none is up, and only its figures tell how it is.
        """
        states = {self.ssh.state, self.sql.state} - {LinkState.UNUSED}
        if states <= {LinkState.UP}:
            return NodeState.UP
        if LinkState.UP in states:
            return NodeState.DEGRADED if LinkState.DOWN in states else NodeState.CONNECTING
        return NodeState.CONNECTING if LinkState.CONNECTING in states else NodeState.DOWN

    @property
    def reason(self) -> str:
        """Why the node is not up; empty when it is."""
        links = ((self.shell, self.ssh), ("sql", self.sql))
        return "; ".join(f"{name}: {link.reason or link.state}" for name, link in links if link.state not in _FINE)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was passed over in order to reach it."""
        return (*self.ssh.notes, *self.sql.notes)
