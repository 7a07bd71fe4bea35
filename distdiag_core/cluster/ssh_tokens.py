"""The tokens (`%h`, `%u`, ...) and environment variables (`${NAME}`) in values of an OpenSSH client configuration."""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"%(.?)", re.DOTALL)
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class TokenError(ValueError):
    """A token or a variable that has no value."""


def tokens(*, host: str, original: str, port: int, user: str, alias: str | None, jump: str | None) -> dict[str, str]:
    """What each token stands for, by its letter; see TOKENS in ssh_config(5)."""
    local = socket.gethostname()
    local_user = local_user_name()
    joined = "".join((local, host, str(port), user, jump or ""))
    return {
        "%": "%",
        "C": hashlib.sha1(joined.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest(),
        "d": str(Path.home()),
        "h": host,
        "i": str(os.getuid()),
        "j": jump or "",
        "k": alias or host,
        "L": local.partition(".")[0],
        "l": local,
        "n": original,
        "p": str(port),
        "r": user,
        "T": "NONE",
        "u": local_user,
    }


def local_user_name() -> str:
    """Who runs distdiag; the number of the account where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def expand(value: str, known: Mapping[str, str]) -> str:
    """`value` with its tokens replaced.

    Raises:
        TokenError: a token that `known` lacks.
    """

    def of(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise TokenError(f"the token %{match[1]} has no meaning there")
        return known[match[1]]

    return _TOKEN.sub(of, value)


def expand_file(value: str, known: Mapping[str, str]) -> Path:
    """`value` as the path of a file: its home directory, its variables and its tokens replaced.

    Raises:
        TokenError: a token or a variable without a value.
    """

    def of(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise TokenError(f"the environment variable {match[1]} is not set")
        return os.environ[match[1]]

    try:
        return Path(expand(_VARIABLE.sub(of, value), known)).expanduser()
    except RuntimeError:
        raise TokenError("it names the home of an account that does not exist") from None
