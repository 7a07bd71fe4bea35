"""The catalogue of anomalies, a YAML file each: those that ship in `config/anomalies/`, and those of the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from distdiag_core import places
from distdiag_core.anomalies import anomaly_file, manifest, parameter
from distdiag_core.anomalies.parameter import Parameter  # noqa: TC001 - read at run time by files
from distdiag_core.anomalies.template import Value, placeholders, quoted_placeholders
from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY, UNKNOWN_ANOMALY_LABEL
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Category = Literal["cpu", "memory", "io", "network", "database", "workload"]
Scope = Literal["node", "cluster"]

# What every command may use beside the parameters of its anomaly (see `planner`).
NODE_VALUES = frozenset(
    {"id", "number", "duration_s", "data_dir", "device", "interface", "sql_port", "ssh_port", "start_command"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition on the node without which a method is not possible.

    Attributes:
        command: succeeds where it is met, and changes nothing.
        otherwise: what the node lacks where it is not met.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    command: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Method:
    """The command templates by which an anomaly is injected into a node.

    Attributes:
        name: for the operator, for instance `stress-ng` or `netem`.
        check: succeed when the effect is there; `$PIDS` are the processes of the injection.
        needs: programs that the node must have.
        requires: further conditions on the node.
        files: programs that are sent along; on the node they are in the directory `$LEASE`.
        account: the database account is sent along, as an option file of MySQL's clients, `$LEASE/account`.
        root: needs root's rights; an account that has them not gets them by sudo.
        setup: commands that are run to their end, one after the other.
        run: a command that lasts until the injection ends; its processes and their descendants are then killed.
        undo: revert what ending the processes does not; safe to repeat.
        gone: succeed when nothing is left; that the processes are gone is always checked.
        patience_s: how long the effect may take to show on a node that is busy already.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

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
        """All commands of the method."""
        requires = tuple(requirement.command for requirement in self.requires)
        return (*requires, *self.setup, self.run, *self.check, *self.undo, *self.gone)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A kind of anomaly, and how it is injected.

    Attributes:
        label: name on screen.
        what: description for the operator, one sentence.
        methods: in order of preference; the first one that is possible on the node is taken.
        severities: parameter values of the commands, by severity.
        scope: with `cluster`, a request that names no node is for all of them.
        cuts_off: the other nodes may take its node for lost.
        off_by_default: refused unless the cluster file allows it by name.
        chaos_mesh: the object of Chaos Mesh that injects it; None where there is none.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    label: str
    what: str
    category: Category
    methods: tuple[Method, ...]
    severities: dict[str, dict[str, Value]]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    scope: Scope = "node"
    cuts_off: bool = False
    off_by_default: bool = False
    chaos_mesh: manifest.ChaosTemplate | None = None


@dataclass(frozen=True, slots=True)
class AnomalyCatalogue:
    """All anomalies, ordered by category and name.

    Attributes:
        notes: the words of the previous release that are in the files, for the operator.
    """

    anomalies: tuple[Anomaly, ...]
    notes: tuple[str, ...] = ()

    def get(self, name: str) -> Anomaly | None:
        """The anomaly called `name`; None where there is none."""
        return next((anomaly for anomaly in self.anomalies if anomaly.name == name), None)

    def label(self, name: str) -> str:
        """The label of an anomaly; its name where it is not in the catalogue."""
        if name == UNKNOWN_ANOMALY:
            return UNKNOWN_ANOMALY_LABEL
        anomaly = self.get(name)
        return anomaly.label if anomaly else name


def load(directory: Path | None = None) -> AnomalyCatalogue:
    """The catalogue of all `*.yaml` in `directory`; without it, of what ships and what the user adds to it.

    Raises:
        ConfigError: all problems of all files, one a line.
    """
    directories = (directory,) if directory else (places.shipped_config() / "anomalies", places.anomalies_dir())
    found: dict[str, tuple[Anomaly, Path]] = {}
    notes: list[str] = []
    problems: list[str] = []
    for path in _files(directories):
        try:
            file = anomaly_file.read(path)
            anomaly = loader.validate(file.data, Anomaly, where=str(path), place=file.place)
        except ConfigError as error:
            problems.append(str(error))
            continue
        notes += file.notes
        _, first = found.setdefault(anomaly.name, (anomaly, path))
        if first != path:
            problems.append(f"{path}: name: {anomaly.name} is in {first} already; give yours another name")
        problems += [f"{path}: {problem}" for problem in _problems(anomaly, path.stem)]
    if problems:
        raise ConfigError("\n".join(problems))
    if not found:
        raise ConfigError("there are no anomalies in it", where=str(directories[0]))
    return AnomalyCatalogue(tuple(sorted((anomaly for anomaly, _ in found.values()), key=_place)), tuple(notes))


def _files(directories: Iterable[Path]) -> Iterator[Path]:
    for directory in directories:
        yield from sorted(directory.glob("*.yaml"))


def _place(anomaly: Anomaly) -> tuple[int, str]:
    return get_args(Category).index(anomaly.category), anomaly.name


def _problems(anomaly: Anomaly, file: str) -> Iterator[str]:
    if anomaly.name != file:
        yield f"name: is {anomaly.name}, which belongs into a file {anomaly.name}.yaml"
    if not anomaly.methods:
        yield "methods: needs one at least"
    yield from parameter.problems(anomaly.severities, anomaly.parameters)
    for method in anomaly.methods:
        yield from (f"method {method.name}: {problem}" for problem in _method_problems(anomaly, method))
    if anomaly.chaos_mesh is not None:
        yield from (f"chaos_mesh: {problem}" for problem in manifest.problems(anomaly.chaos_mesh, anomaly.parameters))


def _method_problems(anomaly: Anomaly, method: Method) -> Iterator[str]:
    if not (method.setup or method.run):
        yield "does nothing: it has neither setup nor run"
    if not method.check:
        yield "check: is empty, so that its effect is never proved"
    if method.setup and not (method.undo and method.gone):
        yield "what setup does must be taken back by undo, and proved by gone"
    for name in sorted(placeholders(method.templates) - NODE_VALUES - set(anomaly.parameters)):
        yield f"{{{name}}} is neither a parameter nor one of {', '.join(sorted(NODE_VALUES))}"
    for name in sorted(frozenset[str]().union(*map(quoted_placeholders, method.templates))):
        yield f"{{{name}}} stands inside quotes; it comes quoted, so take them away"
