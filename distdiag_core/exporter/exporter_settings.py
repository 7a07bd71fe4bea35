"""The section `exporter` of a cluster file: where Prometheus reads what is seen of the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from distdiag_core.cluster import sections
from distdiag_core.errors import ConfigError, RefusedError, quoted
from distdiag_core.exporter.access import Token, is_loopback, token_of_file
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS, Example, Text

DEFAULT_ADDRESS = "127.0.0.1:9108"
_HIGHEST_PORT = 65_535
_Address = Annotated[
    str,
    StringConstraints(pattern=r"^([^\s:\[\]/]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$"),
    Words(f"an address and a port, for instance {DEFAULT_ADDRESS}"),
]


@dataclass(frozen=True, slots=True, config=SETTINGS)
class ExporterSettings:
    """Metrics for Prometheus, by the console and by `distdiag record`, while they run."""

    listen: Annotated[_Address | None, Example(DEFAULT_ADDRESS)] = None
    """Where they are served. Without it: nowhere, until asked for. Any but a loopback address needs token_file."""
    token_file: Annotated[Text | None, Example("~/.config/distdiag/exporter.token")] = None
    """The file of the bearer token that readers have to send, 16 characters or more. Without it: none is asked for."""

    def endpoint(self, address: str | None = None, token_file: Path | None = None) -> Endpoint:
        """The endpoint of these settings; what is given here wins over them.

        Raises:
            ConfigError: the address is none, or the token cannot be read or is too short.
            RefusedError: the address is of the network, and there is no token.
        """
        file = token_file or (Path(self.token_file).expanduser() if self.token_file else None)
        host, port = split_address(address or self.listen or DEFAULT_ADDRESS)
        token = token_of_file(file) if file is not None else None
        if token is None and not is_loopback(host):
            raise RefusedError(
                f"{quoted(host)} can be reached from the network, where metrics need a token",
                where="exporter",
                hint="write one into a file for `exporter.token_file` or --token-file, or listen at 127.0.0.1",
            )
        return Endpoint(host, port, token)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where metrics are served, and the token that readers have to send; port 0 is any that is free."""

    host: str
    port: int
    token: Token | None = None


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[IPV6]:PORT`.

    Raises:
        ConfigError: it is neither.
    """
    host, colon, port = address.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not bare or not port.isdecimal() or int(port) > _HIGHEST_PORT or (":" in bare and bare == host):
        raise ConfigError(
            f"{quoted(address)} is no address with a port", where="exporter", hint=f"for instance {DEFAULT_ADDRESS}"
        )
    return bare, int(port)


sections.register(sections.Section("exporter", ExporterSettings))
