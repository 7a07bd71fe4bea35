"""Jump hosts as `ssh -J` takes them: `[user@]host[:port]`, `ssh://[user@]host[:port]`, several with commas between."""

from __future__ import annotations

import re
from dataclasses import dataclass

from distdiag_core.errors import quoted

FORMS = "user@host:port, [IPv6 address]:port or ssh://user@host:port, several with commas between"

# Neither an option of a program nor a blank; what is in brackets is an address of IPv6.
_HOP = re.compile(
    r"(?:(?P<user>[^\s@/]+)@)?(?:\[(?P<address>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?P<host>[^\s@:/\[\]-][^\s@:/\[\]]*))"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
_BARE_IPV6 = re.compile(r"(?:(?P<user>[^\s@/]+)@)?(?P<address>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)")


@dataclass(frozen=True, slots=True)
class Hop:
    """One jump host; None is what OpenSSH's configuration and its defaults say."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        """As `ssh -J` takes it."""
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{user}{host}{f':{self.port}' if self.port else ''}"


def parse(text: str) -> tuple[Hop, ...]:
    """The jump hosts from this machine to the node; none from `none`.

    Raises:
        ValueError: it has another form; which, and what is wanted.
    """
    if text.strip().lower() == "none":
        return ()
    return tuple(_hop(part.strip()) for part in text.split(","))


def host_mistake(host: str) -> str | None:
    """What is wrong with `host` as the name or the address of one host; None where nothing is."""
    if "://" in host:
        return f"must be a host alone, without what stands before ://, not {quoted(host)}"
    if "@" in host:
        return f"must be a host alone; the user of {quoted(host)} belongs to ssh.user"
    if host.startswith("["):
        return (
            f"must be an address of IPv6 without its brackets, such as ::1, not {quoted(host)}; a port has its own key"
        )
    if host.count(":") == 1:
        name, _, port = host.partition(":")
        return (
            f"must be a host alone, such as {name or 'db1'}; the port {quoted(port)} belongs to sql.port, or ssh.port"
        )
    return None


def _hop(text: str) -> Hop:
    place = text
    if text.lower().startswith("ssh://"):
        place = text[len("ssh://") :].removesuffix("/")
    match = _HOP.fullmatch(place) or _BARE_IPV6.fullmatch(place)
    if match is None:
        raise ValueError(f"{quoted(text)} is no jump host; it is written {FORMS}")
    parts = match.groupdict()
    port = int(parts["port"]) if parts.get("port") else None
    if port is not None and not 1 <= port <= 65_535:
        raise ValueError(f"the port of the jump host {quoted(text)} must be 1 to 65535")
    return Hop(parts.get("address") or parts["host"], parts["user"], port)
