"""The verbs in groups, each with a page of options and a page of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.cli.workload_options import Kinds
from tests.pages.command_line import command_of, leaves, plain_help
from tests.pages.markdown import anchor

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb, or one verb for each benchmark.

    Attributes:
        commands: by their whole names; several for a verb that takes the name of a benchmark.
    """

    name: str
    commands: dict[str, click.Command]

    @property
    def text(self) -> str:
        """The help."""
        return plain_help(next(iter(self.commands.values())))

    @property
    def summary(self) -> str:
        """The first paragraph of the help."""
        return self.text.partition("\n\n")[0].replace("\n", " ")

    @property
    def of_benchmarks(self) -> bool:
        """Whether there is a command for each benchmark."""
        return isinstance(command_of(self.name), Kinds)


@dataclass(frozen=True, slots=True)
class Group:
    """Verbs that belong together.

    Attributes:
        name: of the file of its page.
        words: the first words of its verbs, in the order of the page.
    """

    name: str
    title: str
    words: tuple[str, ...]

    def verbs(self) -> Iterator[Verb]:
        """Its verbs, in the order of the command line."""
        known = verbs()
        return (each for word in self.words for each in known if f"{each.name} ".startswith(f"{word} "))

    def link(self, folder: str, verb: str = "") -> str:
        """The target of a link from `docs` to a page of the group, and to a verb on it."""
        return f"{folder}/{self.name}.md{f'#{anchor(verb)}' if verb else ''}"


GROUPS = (
    Group("setup", "Set up and check", ("info", "config", "doctor", "lab", "completion")),
    Group("watch", "Watch, record and replay", ("watch", "record", "replay", "export", "api", "serve")),
    Group("diagnosis", "Diagnosis and incidents", ("diagnose", "advice", "incidents", "graph", "obdiag")),
    Group("injections", "Injections and the audit log", ("inject", "injections", "clear", "audit")),
    Group("databases", "Tenants, sessions and parameters", ("tenants", "sessions", "parameters")),
    Group("workloads", "Workloads", ("workload",)),
    Group("experiments", "Experiments and campaigns", ("experiment", "campaign")),
    Group("dataset", "Dataset", ("cases",)),
    Group("models", "Training and models", ("train", "evaluate", "models")),
)


def verbs() -> tuple[Verb, ...]:
    """Every verb; the commands of one verb for the benchmarks are together."""
    found: dict[str, dict[str, click.Command]] = {}
    for name, command in leaves():
        above = name.rpartition(" ")[0]
        found.setdefault(above if isinstance(command_of(above), Kinds) else name, {})[name] = command
    return tuple(Verb(name, commands) for name, commands in found.items())


def group_of(verb: str) -> Group:
    """The group of a verb."""
    return next(each for each in GROUPS if any(f"{verb} ".startswith(f"{word} ") for word in each.words))
