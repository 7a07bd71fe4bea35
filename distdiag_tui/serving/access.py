"""Who may use a console in a browser: whoever has the token, from a page of this server.

The address alone is no protection: every account of a machine reaches its loopback addresses, and so does every page in
a browser there. The token comes in the URL once, and then in a cookie that other sites cannot send.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from distdiag_core.errors import RefusedError, quoted
from distdiag_core.exporter.access import Token, checked_token, is_loopback, token_of_file

if TYPE_CHECKING:
    from pathlib import Path

TOKEN_VARIABLE = "DISTDIAG_SERVE_TOKEN"  # noqa: S105 - its name
"""The variable that holds a token, which a command line would show to every account."""


def token_for(host: str, file: Path | None, variable: str | None) -> Token:
    """The token from the file or the variable; on a loopback address a new one where there is neither.

    Raises:
        ConfigError: the file cannot be read, or the token is too short.
        RefusedError: the address is of the network and nobody has chosen a token.
    """
    if file is not None:
        return token_of_file(file)
    if variable:
        return checked_token(variable, TOKEN_VARIABLE)
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


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.casefold()
