"""Who may read what a server of ours offers: tokens, and the addresses that need one."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_SHORTEST = 16


@dataclass(frozen=True, slots=True)
class Token:
    """The secret that opens a server; `made` where nobody has chosen it, so that it has to be shown."""

    text: str
    made: bool = False

    def fits(self, given: str | None) -> bool:
        """Whether it was given, in a time that does not tell how much of it is right."""
        return given is not None and hmac.compare_digest(given.encode(errors="replace"), self.text.encode())


def is_loopback(host: str) -> bool:
    """Whether an address is of this machine alone; a name other than `localhost` is taken for one of the network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def token_of_file(file: Path) -> Token:
    """The token that a file holds.

    Raises:
        ConfigError: the file cannot be read, or the token is too short.
    """
    try:
        return checked_token(file.read_text(encoding="utf-8").strip(), str(file))
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"the token cannot be read: {error}", where=str(file)) from error


def checked_token(token: str, where: str) -> Token:
    """A token that somebody has chosen.

    Raises:
        ConfigError: it is too short, or none.
    """
    if len(token) < _SHORTEST or not token.isprintable():
        hint = (
            f"`python3 -c 'import secrets; print(secrets.token_urlsafe())'` makes one; at least {_SHORTEST} characters"
        )
        raise ConfigError("is too short a token, or none", where=where, hint=hint)
    return Token(token)
