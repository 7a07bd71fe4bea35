"""The options that verbs share: the cluster, the permission to change it, and JSON output."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.output import say
from distdiag_core.errors import ConfigError, DataError, RefusedError, quoted
from distdiag_core.settings.duration import parse_duration
from distdiag_core.simulation.request import is_simulated, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.gate import Permission
    from distdiag_core.simulation.request import SimulationRequest


# Of a new user; who has no root and no cluster can begin with the first line.
_FIRST_STEPS = """\
begin with one of these:
  distdiag replay example     a recorded incident, at once: no cluster, no root
  distdiag lab up --install   a real cluster on this machine: Linux, root, and
                              the packages that it installs or names
  distdiag config init        your own cluster, from one address and the accounts;
                              `distdiag doctor` then says what its nodes lack
or run distdiag in a terminal, which asks"""


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """A server of consoles.

    Attributes:
        command: the arguments of one console.
        token_file: holds the token; None for the variable or a new one.
        public_url: as browsers see it; empty where that is its own address.
        most: consoles at a time.
    """

    command: tuple[str, ...]
    host: str
    port: int
    token_file: Path | None
    public_url: str
    most: int
    as_json: bool


@dataclass(frozen=True, slots=True)
class Target:
    """The cluster of the command line; or the recording of one, for a replay."""

    open_console: Callable[[Target], None]
    serve_console: Callable[[ServeRequest], None]
    cluster: str | None = None
    """A name; several with commas between them, which the console alone takes."""
    config: Path | None = None
    read_only: bool = False
    sources: tuple[str, ...] = ()
    """In place of those of the cluster file."""
    recording: Path | None = None

    def path(self) -> Path:
        """The cluster file: the one named, or the only one there is.

        Raises:
            ConfigError: none, or several to choose from.
        """
        from distdiag_core import places
        from distdiag_core.cluster import inventory

        if self.config is not None:
            return self.config
        if self.cluster is not None:
            if len(self.clusters()) > 1:
                raise ConfigError(
                    f"several clusters are named: {self.cluster}",
                    hint="the console opens several; this takes one, with --cluster NAME",
                )
            if is_simulated(self.cluster):
                raise RefusedError(
                    f"{self.cluster} is a simulated cluster, for the console and `distdiag watch` only",
                    hint="name a real cluster, with --cluster or --config",
                )
            return inventory.find(self.cluster)
        files = sorted(places.clusters_dir().glob("*.yaml"))
        if len(files) == 1:
            return files[0]
        if not files:
            raise ConfigError(
                "there is no cluster yet",
                where=str(places.clusters_dir()),
                hint=f"{_FIRST_STEPS}; what was recorded is read with --recording RUN, of `distdiag replay --list`"
                if any(places.recordings_dir().glob("*.sqlite"))
                else _FIRST_STEPS,
            )
        names = ", ".join(file.stem for file in files)
        raise ConfigError(f"there are several clusters: {names}", hint="choose one with --cluster NAME")

    def clusters(self) -> tuple[Target, ...]:
        """A target for each cluster that is named; for none and for one this one."""
        names = dict.fromkeys(filter(None, (self.cluster or "").split(",")))
        if self.recording is not None or len(names) < 2:
            return (self,)
        return tuple(replace(self, cluster=name) for name in names)

    @property
    def has_no_cluster(self) -> bool:
        """Whether nothing names a cluster or a recording, and there is no cluster file."""
        from distdiag_core import places

        named = self.config is not None or self.cluster is not None or self.recording is not None
        return not named and not any(places.clusters_dir().glob("*.yaml"))

    def settings(self) -> ClusterSettings:
        """The cluster, completed and validated; `--read-only` and `--sources` win over the file.

        Raises:
            RefusedError: it is in production, and the command line alone names a source that changes something there.
        """
        from distdiag_core.cluster import inventory

        settings = inventory.load(self.path(), flags=self.flags)
        if self.sources:
            from distdiag_core.operations import backfill_reader

            backfill_reader.check_named(settings, inventory.load(self.path()).sources)
        return settings

    def settings_to_change(self, permission: Permission) -> ClusterSettings:
        """Like `settings`, for an operation that changes the cluster; refused before anything is connected.

        Raises:
            RefusedError: it is in production and its name was not repeated.
        """
        from distdiag_core.operations import gate

        settings = self.settings()
        try:
            gate.check_confirmed(settings, permission.confirmed)
        except RefusedError as error:
            _put_on_record(settings.name, error)
            raise
        return settings

    def simulation(self) -> SimulationRequest | None:
        """The simulated cluster that was asked for; None for a real one.

        Raises:
            ConfigError: its name is wrong.
        """
        several = len(self.clusters()) > 1
        return parse(self.cluster) if self.cluster is not None and is_simulated(self.cluster) and not several else None

    @property
    def flags(self) -> dict[str, Any]:
        """The values of the command line, by keys of the cluster file."""
        read_only = {"read_only": True} if self.read_only else {}
        return read_only | ({"sources": list(self.sources)} if self.sources else {})


def _put_on_record(cluster: str, refusal: RefusedError) -> None:
    from distdiag_core.recording import audit_log

    record = audit_log.AuditRecord("confirm", cluster, (), time.time(), 0.0, "refused", reason=str(refusal))
    try:
        audit_log.append(record)
    except DataError as error:
        # Refused either way.
        say(f"warning: {error}")


def renamed_option(new: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Callback of an option under an old name, which is still accepted, with a note."""

    def note(_: click.Context, param: click.Parameter, value: Any) -> Any:  # noqa: ANN401 - of any type
        if value:
            say(f"note: {param.opts[0]} is now called {new}; the old name will go")
        return value

    return note


class Duration(click.ParamType[float]):
    """A time such as `60s`, `2m`, `1.5h`, or a plain number of seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - as click has it
        """Seconds."""
        if isinstance(value, (int, float)):
            return float(value)
        seconds = parse_duration(str(value))
        if seconds is None:
            self.fail(f"{quoted(value)} is no time; write for instance 60s, 2m or 1h", param, ctx)
        return seconds


DURATION = Duration()


def permission(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which an operator permits what is refused otherwise, given to the command as `permission`."""

    @click.option("--confirm", metavar="CLUSTER", help="The cluster's name; needed where it is marked production.")
    @click.option("--without-audit", is_flag=True, help="Go on also where the audit log cannot be written.")
    @functools.wraps(command)
    def call(*arguments: Any, confirm: str | None, without_audit: bool, **options: Any) -> None:  # noqa: ANN401 - as click has it
        from distdiag_core.operations.gate import Permission

        command(*arguments, permission=Permission(confirm or "", needs_audit=not without_audit), **options)

    return call


as_json = click.option("--json", "as_json", is_flag=True, help="Print data as JSON on stdout and nothing else there.")
