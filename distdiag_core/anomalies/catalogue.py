"""The anomalies that can be made to happen, a file each: those that ship in `config/anomalies/`, and the user's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from distdiag_core import places, settings
from distdiag_core.anomalies import manifest, parameter
from distdiag_core.anomalies.parameter import Parameter  # noqa: TC001 - read at run time by files
from distdiag_core.anomalies.template import Value, holes, quoted_holes
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Category = Literal["cpu", "memory", "io", "network", "database", "workload"]
Scope = Literal["node", "cluster"]

# What every command may use beside the parameters of its anomaly (see `planner`).
KNOWN_OF_NODES = frozenset(
    {"id", "number", "duration_s", "data_dir", "device", "interface", "sql_port", "ssh_port", "start_command"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Requirement:
    """A command that succeeds where a way is possible; `otherwise` says what is lacking. It must change nothing."""

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    command: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way to make an anomaly happen, as command templates.

    Attributes:
        name: of the way, as shown to the operator, for instance `stress-ng` or `netem`.
        check: succeeds when the effect is there; `$PIDS` are the processes of the injection.
        needs: programs that the node must have.
        requires: what else it must have.
        files: programs of ours that are sent along; on the node they are in the directory `$LEASE`.
        account: the database account is sent along, as an option file of MySQL's clients, `$LEASE/account`.
        root: needs root's rights; where the account is another one, it is done by sudo.
        setup: run to their ends, one after the other.
        run: goes on until the injection ends; its processes, and all that they begin, are then killed.
        undo: takes back the rest; safe to repeat.
        gone: succeeds when nothing is left of it; that the processes are gone is always checked.
        patience_s: how long the effect may take to show on a node that is busy already.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    name: str
    check: tuple[str, ...]
    needs: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    files: tuple[str, ...] = ()
    account: bool = False
    root: bool = False
    setup: tuple[str, ...] = ()
    run: str = ""
    undo: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    patience_s: int = 15

    @property
    def templates(self) -> tuple[str, ...]:
        """All of its commands."""
        requires = tuple(requirement.command for requirement in self.requires)
        return (*requires, *self.setup, self.run, *self.check, *self.undo, *self.gone)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A kind of trouble.

    Attributes:
        label: as on screen.
        what: one sentence for the operator.
        ways: in order of preference; the first one that the node can do is taken.
        severities: by severity, the parameters of the commands.
        scope: of the whole cluster's trouble no node has to be named; it is then on all of them.
        cuts_off: the other nodes may take its node for lost.
        off_by_default: refused unless the cluster file allows it by name.
        chaos_mesh: how Chaos Mesh makes it; None where it cannot.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    name: str
    label: str
    what: str
    category: Category
    ways: tuple[Way, ...]
    severities: dict[str, dict[str, Value]]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    scope: Scope = "node"
    cuts_off: bool = False
    off_by_default: bool = False
    chaos_mesh: manifest.ChaosTemplate | None = None


@dataclass(frozen=True, slots=True)
class AnomalyCatalogue:
    """All anomalies, ordered by category and name."""

    anomalies: tuple[Anomaly, ...]

    def get(self, name: str) -> Anomaly | None:
        """The anomaly called `name`; None where there is none."""
        return next((anomaly for anomaly in self.anomalies if anomaly.name == name), None)

    def label(self, name: str) -> str:
        """An anomaly as people read of it; its name where it is not known here."""
        anomaly = self.get(name)
        return anomaly.label if anomaly else name


def load(directory: Path | None = None) -> AnomalyCatalogue:
    """The catalogue in `directory`, of all its `*.yaml`; without it, the one that ships and what the user adds to it.

    Raises:
        ConfigError: every mistake in it, one a line.
    """
    places_of_files = (directory,) if directory else (places.shipped_config() / "anomalies", places.anomalies_dir())
    found: dict[str, tuple[Anomaly, Path]] = {}
    mistakes: list[str] = []
    for path in _files(places_of_files):
        try:
            anomaly = settings.load(path, Anomaly)
        except ConfigError as error:
            mistakes.append(str(error))
            continue
        _, first = found.setdefault(anomaly.name, (anomaly, path))
        if first != path:
            mistakes.append(f"{path}: name: {anomaly.name} is in {first} already; give yours another name")
        mistakes += [f"{path}: {mistake}" for mistake in _mistakes(anomaly, path.stem)]
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    if not found:
        raise ConfigError("there are no anomalies in it", where=str(places_of_files[0]))
    return AnomalyCatalogue(tuple(sorted((anomaly for anomaly, _ in found.values()), key=_place)))


def _files(directories: Iterable[Path]) -> Iterator[Path]:
    for directory in directories:
        yield from sorted(directory.glob("*.yaml"))


def _place(anomaly: Anomaly) -> tuple[int, str]:
    return get_args(Category).index(anomaly.category), anomaly.name


def _mistakes(anomaly: Anomaly, file: str) -> Iterator[str]:
    if anomaly.name != file:
        yield f"name: is {anomaly.name}, which belongs into a file {anomaly.name}.yaml"
    if not anomaly.ways:
        yield "ways: needs one at least"
    yield from parameter.mistakes(anomaly.severities, anomaly.parameters)
    for way in anomaly.ways:
        yield from (f"way {way.name}: {mistake}" for mistake in _way_mistakes(anomaly, way))
    if anomaly.chaos_mesh is not None:
        yield from (f"chaos_mesh: {mistake}" for mistake in manifest.mistakes(anomaly.chaos_mesh, anomaly.parameters))


def _way_mistakes(anomaly: Anomaly, way: Way) -> Iterator[str]:
    if not (way.setup or way.run):
        yield "does nothing: it has neither setup nor run"
    if not way.check:
        yield "check: is empty, so that its effect is never proved"
    if way.setup and not (way.undo and way.gone):
        yield "what setup does must be taken back by undo, and proved by gone"
    for name in sorted(holes(way.templates) - KNOWN_OF_NODES - set(anomaly.parameters)):
        yield f"{{{name}}} is neither a parameter nor one of {', '.join(sorted(KNOWN_OF_NODES))}"
    for name in sorted(frozenset[str]().union(*map(quoted_holes, way.templates))):
        yield f"{{{name}}} stands inside quotes; it comes quoted, so take them away"
