"""The operator's own keys: the file that has them, and actions that would share a key at one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader
from distdiag_tui.actions.registry import ACTIONS, BY_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from distdiag_tui.actions.action import Scope


def _ignore(_note: str) -> None:
    """Nothing to do."""


# The ids that earlier releases had; read for one release.
_RENAMED = {"relearn": "reset-baseline"}


def user_keys(path: Path | None = None, note: Callable[[str], None] | None = None) -> dict[str, str]:
    """The user's own keys by action, from `keymap.yaml` in the configuration directory; empty without one.

    Args:
        note: called with a sentence about each id of an earlier release.

    Raises:
        ConfigError: it is malformed, or names an action that does not exist.
    """
    path = path or places.config_dir() / "keymap.yaml"
    if not path.is_file():
        return {}
    written: dict[str, str] = loader.load(path, dict[str, str])
    for old in written.keys() & _RENAMED.keys():
        (note or _ignore)(f"{path}: {old} is called {_RENAMED[old]} now")
    keys = {_RENAMED.get(name, name): value for name, value in written.items()}
    unknown = sorted(set(keys) - set(BY_ID))
    if unknown:
        raise ConfigError(
            f"no action is called {', '.join(map(repr, unknown))}",
            where=str(path),
            hint=f"the actions are: {', '.join(BY_ID)}",
        )
    empty = sorted(name for name, value in keys.items() if not value.strip())
    if empty:
        raise ConfigError(f"no key is given for {', '.join(empty)}", where=str(path), hint="for instance: inject: f5")
    if clash := next(clashes(keys), None):
        raise ConfigError(clash, where=str(path), hint="give one of them another key")
    return keys


# Scopes whose keys are pressed at the same place.
_TOGETHER: tuple[frozenset[Scope], ...] = (
    frozenset({"everywhere", "main", "collect", "replay", "list", "table", "wall"}),
    frozenset({"everywhere", "main", "collect", "live", "list", "table", "wall"}),
    frozenset({"everywhere", "dialog", "injections", "list", "table"}),
    frozenset({"everywhere", "dialog", "form", "list", "checklist", "workload"}),
    frozenset({"everywhere", "dialog", "form", "field", "select", "workload"}),
    frozenset({"everywhere", "dialog", "form", "list", "checklist", "injection"}),
    frozenset({"everywhere", "dialog", "form", "field", "injection"}),
    frozenset({"everywhere", "dialog", "runs", "experiments", "experiment", "list", "table"}),
    frozenset({"everywhere", "dialog", "form", "field", "select", "experiment-form"}),
    frozenset({"everywhere", "dialog", "dataset", "collect", "list", "table"}),
    frozenset({"everywhere", "dialog", "advice"}),
    frozenset({"everywhere", "dialog", "form", "training", "list", "select"}),
    frozenset({"everywhere", "dialog", "models", "list", "table"}),
    frozenset({"everywhere", "dialog", "filter"}),
    frozenset({"everywhere", "dialog", "incidents", "list", "table"}),
    frozenset({"everywhere", "dialog", "graph"}),
    frozenset({"everywhere", "dialog", "node"}),
    frozenset({"everywhere", "dialog", "history"}),
    frozenset({"everywhere", "dialog", "side-by-side"}),
    frozenset({"everywhere", "dialog", "sessions", "asked", "list", "table"}),
    frozenset({"everywhere", "dialog", "clusters", "list", "table"}),
    frozenset({"everywhere", "dialog", "heat-map", "list", "table"}),
)


def clashes(keys: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with these keys of the operator's: two actions on one key in the same place, in words."""
    for scopes in _TOGETHER:
        taken: dict[str, str] = {}
        for action in ACTIONS:
            for key in keys.get(action.id, action.keys).split(",") if action.scope in (*scopes, "copy") else ():
                other = taken.setdefault(key.strip(), action.id)
                if other != action.id:
                    yield f"{key.strip()} is the key of both {other} and {action.id}"
