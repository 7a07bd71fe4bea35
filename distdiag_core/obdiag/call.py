"""Calls of obdiag: a check or a root cause scene, and which of them the advice on an anomaly names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Verb = Literal["check", "rca"]
Effect = Literal["looks", "collects", "changes"]

_COMMAND = re.compile(r"`obdiag ([^`]*)`")
_OPTION = re.compile(r"--(scene|observer_tasks)=(\S+)")
_SCENE = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_TASKS = re.compile(r"[A-Za-z0-9_.*]+(;[A-Za-z0-9_.*]+)*")
_ENV = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
# Checks that do more than look: this one runs `ALTER SYSTEM RUN JOB 'root_inspection'`.
_CHANGING = ("cluster.upgrade_finished",)
# What obdiag collects for others to read, and what it prints as tables, is no evidence in records.
_KNOWN = ("check run", "rca run", "gather scene run", "display scene run")


@dataclass(frozen=True, slots=True)
class Call:
    """What obdiag is to do.

    Attributes:
        name: the scene of `rca`; the tasks of `check`, as `--observer_tasks` takes them.
        env: what the scene wants to know, KEY=VALUE each.
    """

    verb: Verb
    name: str
    env: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could be another option.

        Raises:
            ConfigError: it is no name of a scene or of tasks.
        """
        if not (_SCENE if self.verb == "rca" else _TASKS).fullmatch(self.name):
            kind = "scene, such as lock_conflict" if self.verb == "rca" else "list of tasks, such as cpu.*;disk.*"
            raise ConfigError(f"{quoted(self.name)} is no {kind}", where=f"obdiag {self.verb}")
        for each in self.env:
            if not _ENV.fullmatch(each):
                raise ConfigError(f"{quoted(each)} is not KEY=VALUE", where=f"obdiag {self.verb}")

    @property
    def effect(self) -> Effect:
        """What it does beside looking: a scene collects logs in files on the nodes; one check starts a job."""
        if self.verb == "rca":
            return "collects"
        starts_job = any(fnmatchcase(task, pattern) for task in _CHANGING for pattern in self.name.split(";"))
        return "changes" if starts_job else "looks"

    @property
    def title(self) -> str:
        """For instance `rca lock_conflict`."""
        return f"{self.verb} {self.name}"

    def arguments(self) -> tuple[str, ...]:
        """Its part of the command line."""
        if self.verb == "check":
            return "check", "run", f"--observer_tasks={self.name}"
        return "rca", "run", f"--scene={self.name}", *(word for each in self.env for word in ("--env", each))


def calls_of(texts: Mapping[str, str], where: str = "") -> tuple[Call, ...]:
    """The checks and root cause scenes that the texts of an advice name, in their order.

    A text names one as `obdiag rca run --scene=NAME` or `obdiag check run --observer_tasks=NAMES` between backticks.

    Args:
        texts: by key; the key of a scene is its name.

    Raises:
        ConfigError: a text has a command of obdiag that there is not, or of another scene than its key.
    """
    return tuple(call for key, text in texts.items() for call in _calls(key, text, f"{where}obdiag.{key}"))


def _calls(key: str, text: str, where: str) -> Iterable[Call]:
    for command in _COMMAND.findall(text):
        words = " ".join(word for word in command.split() if not word.startswith("-"))
        options = dict(_OPTION.findall(command))
        if words not in _KNOWN:
            raise ConfigError(f"`obdiag {words}` is not known", where=where, hint=f"known: {', '.join(_KNOWN)}")
        if words == "check run":
            yield Call("check", options.get("observer_tasks", ""))
        elif options.get("scene") != key:
            raise ConfigError(f"its command names another scene: {quoted(options.get('scene'))}", where=where)
        elif words == "rca run":
            yield Call("rca", key)
