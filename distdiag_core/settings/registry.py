"""Kinds of one thing by name, imported when they are asked for.

A kind is a module, or a package, that registers itself when it is imported. It is found by its name in the package of
its room, or by an entry point of an installed package.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, Protocol, TypeVar

from distdiag_core.errors import ConfigError, quoted


class Named(Protocol):
    """Anything that is known by a name."""

    @property
    def name(self) -> str:
        """The name in a configuration file or on the command line."""


K = TypeVar("K", bound=Named)


class Registry(Generic[K]):
    """The kinds of one thing.

    Args:
        noun: what one of them is called in an error, for instance `source`.
        package: whose modules and packages are kinds, each named as the kind.
        module: in a kind that is a package, the end of the name of the module that registers it: for `benchmark`, the
            package `tpcc` has a module `tpcc_benchmark`. The package does not register the kind itself, since programs
            that are started from it must not have to import all of it.
        group: of the entry points by which installed packages bring kinds; an entry point has the kind's name.
    """

    def __init__(self, noun: str, *, package: str, module: str, group: str) -> None:
        self._noun = noun
        self._package = package
        self._module = module
        self._group = group
        self._kinds: dict[str, K] = {}

    def register(self, kind: K) -> K:
        """Make `kind` known.

        Raises:
            ConfigError: another one has its name.
        """
        if self._kinds.setdefault(kind.name, kind) is not kind:
            raise ConfigError(f"two of them are called {quoted(kind.name)}", where=f"{self._noun}s")
        return kind

    def names(self) -> tuple[str, ...]:
        """All names in alphabetical order; nothing is imported for that."""
        return tuple(sorted({*self._shipped(), *entry_points(group=self._group).names, *self._kinds}))

    def get(self, name: str) -> K:
        """The kind called `name`.

        Raises:
            ConfigError: there is none, or its module cannot be imported.
        """
        if name not in self._kinds:
            self._import(name)
        if name not in self._kinds:
            raise ConfigError(f"no {self._noun} is called {quoted(name)}", hint=f"there are {', '.join(self.names())}")
        return self._kinds[name]

    def _shipped(self) -> dict[str, str]:
        """The module that registers each kind, by the name of the kind."""
        found: dict[str, str] = {}
        for each in pkgutil.iter_modules(import_module(self._package).__path__):
            inside = f".{each.name}_{self._module}" if each.ispkg else ""
            found[each.name] = f"{self._package}.{each.name}{inside}"
        return found

    def _import(self, name: str) -> None:
        where = f"{self._noun} {name}"
        try:
            if (module := self._shipped().get(name)) is not None:
                import_module(module)
            else:
                for entry in entry_points(group=self._group, name=name):
                    entry.load()
        except (ImportError, AttributeError) as error:
            raise ConfigError(f"cannot be imported: {error}", where=where, hint="install what it needs") from error
