"""Who may use a console in a browser: whoever has the token, from a page of this server.

The address alone is no protection: every account of a machine reaches its loopback addresses, and so does every page in
a browser there. The token comes in the URL once, and then in a cookie that other sites cannot send.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from distdiag_core.errors import ConfigError, RefusedError, quoted

if TYPE_CHECKING:
    from pathlib import Path

TOKEN_VARIABLE = "DISTDIAG_SERVE_TOKEN"  # noqa: S105 - its name
"""The variable that holds a token, which a command line would show to every account."""
_SHORTEST = 16


@dataclass(frozen=True, slots=True)
class Token:
    """The secret that opens the console; `made` where nobody has chosen it, so that it has to be shown."""

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


def token_for(host: str, file: Path | None, variable: str | None) -> Token:
    """The token from the file or the variable; on a loopback address a new one where there is neither.

    Raises:
        ConfigError: the file cannot be read, or the token is too short.
        RefusedError: the address is of the network and nobody has chosen a token.
    """
    if file is not None:
        try:
            return _checked(file.read_text(encoding="utf-8").strip(), str(file))
        except (OSError, UnicodeError) as error:
            raise ConfigError(f"the token cannot be read: {error}", where=str(file)) from error
    if variable:
        return _checked(variable, TOKEN_VARIABLE)
    if is_loopback(host):
        return Token(secrets.token_urlsafe(24), made=True)
    raise RefusedError(
        f"{quoted(host)} can be reached from the network, where a console needs a token",
        where="serve",
        hint=f"write one into a file for --token-file (or into {TOKEN_VARIABLE}), and put TLS before it; "
        "or stay on 127.0.0.1 and come by `ssh -L`",
    )


def is_own_origin(origin: str | None, own: str) -> bool:
    """Whether a request is from a page of this server; programs send no origin."""
    return origin is None or _address(origin) == _address(own)


def _checked(token: str, where: str) -> Token:
    if len(token) < _SHORTEST or not token.isprintable():
        hint = (
            f"`python3 -c 'import secrets; print(secrets.token_urlsafe())'` makes one; at least {_SHORTEST} characters"
        )
        raise ConfigError("is too short a token, or none", where=where, hint=hint)
    return Token(token)


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.casefold()
