"""`distdiag serve`: the console in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.options import ServeRequest, as_json
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target

_HIGHEST_PORT = 65535


@click.command()
@click.argument("what", metavar="[replay [FILE|RUN|example]]", nargs=-1)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, _HIGHEST_PORT), help="0 for any free one."
)
@click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Holds the token; without it: the variable DISTDIAG_SERVE_TOKEN, else a new one, on a loopback address alone.",
)
@click.option(
    "--public-url", metavar="URL", help="As browsers see it behind a proxy, for instance https://watch.example.org."
)
@click.option("--most", default=4, show_default=True, type=click.IntRange(1), help="Most consoles at a time.")
@as_json
@click.pass_obj
def serve(
    target: Target,
    what: tuple[str, ...],
    host: str,
    port: int,
    token_file: Path | None,
    public_url: str | None,
    most: int,
    *,
    as_json: bool,
) -> None:
    """Show the console, or the replay of a recording, in a browser; prints the address to open.

    Every browser gets a console of its own, which ends when its page is closed. Whoever has the token can do what this
    account can do on the cluster; --read-only takes that away. The connection is not encrypted: from elsewhere come by
    `ssh -L 8000:127.0.0.1:8000`, or put a proxy with TLS before it.
    """
    command = _console(target, what)
    address = public_url.rstrip("/") if public_url else ""
    if address and not address.startswith(("http://", "https://")):
        raise ConfigError("--public-url begins with http:// or https://", where=address)
    target.serve_console(ServeRequest(command, host, port, token_file, address, most, as_json))


def _console(target: Target, what: tuple[str, ...]) -> tuple[str, ...]:
    """The command line of the console, whose mistakes are told now and not in a browser.

    Raises:
        ConfigError: it is none, or names no recording and no cluster.
        DataError: the recording cannot be seen.
    """
    flags = [f"--{name}={value}" for name, value in (("cluster", target.cluster), ("config", target.config)) if value]
    flags += ["--read-only"] if target.read_only else []
    if not what:
        for each in target.clusters():
            if each.simulation() is None:
                each.settings()
    elif what[0] == "replay" and len(what) <= 2:
        from distdiag_core.recording import recordings

        recordings.find(what[1] if len(what) > 1 else None, target.cluster if len(what) == 1 else None)
    else:
        hint = "`distdiag serve`, or `distdiag serve replay example`"
        raise ConfigError("only the console and `replay` can be served", hint=hint)
    return (*flags, *what)
