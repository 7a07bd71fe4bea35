"""The precedence of settings: flag, then `DISTDIAG_*` variable, then file, then default."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core.errors import ConfigError
from distdiag_core.settings import yaml_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.settings.yaml_document import Document, KeyPath

# What may be done, and to which nodes, is for the file to say: a forgotten variable must not lift a limit. It may
# tighten one, so `read_only` is here, and can only be true.
_VARIABLE_KEYS: tuple[tuple[str, ...], ...] = (
    ("read_only",),
    ("tenants",),
    ("tenant",),
    ("interval_s",),
    ("ssh", "user"),
    ("ssh", "port"),
    ("ssh", "identity"),
    ("ssh", "known_hosts"),
    ("ssh", "jump"),
    ("ssh", "connect_timeout_s"),
    ("sql", "user"),
    ("sql", "port"),
    ("sql", "password_env"),
    ("sql", "password_command"),
    ("sql", "connect_timeout_s"),
    ("sql", "read_timeout_s"),
)
_SECTIONS = ("ssh", "sql")
_TLS = "tls"
_PASSWORD_KEYS = ("password_env", "password_command")


def variable(key: Iterable[str]) -> str:
    """The environment variable that overrides `key`."""
    return "DISTDIAG_" + "_".join(key).upper()


VARIABLES = {variable(key): key for key in _VARIABLE_KEYS}


@dataclass(frozen=True, slots=True)
class Origin:
    """A value in force, and its origin: `flag`, `$DISTDIAG_...`, `FILE:LINE` or `default`."""

    key: str
    value: object
    origin: str


def environment(variables: Mapping[str, str]) -> dict[str, object]:
    """The values that variables override, by dotted key; each is written as it would be in the file.

    Raises:
        ConfigError: a variable that looks like one of ours and is none, a value that is not YAML, or a limit lifted.
    """
    found: dict[str, object] = {}
    for name, text in variables.items():
        if name in VARIABLES:
            found[".".join(VARIABLES[name])] = _scalar(name, text)
        elif name.startswith(("DISTDIAG_SSH_", "DISTDIAG_SQL_")):
            known = ", ".join(VARIABLES)
            raise ConfigError("overrides nothing", where=f"${name}", hint=f"the variables are: {known}")
    _check_no_limit_is_lifted(found)
    return found


def _check_no_limit_is_lifted(found: Mapping[str, object]) -> None:
    if "read_only" in found and found["read_only"] is not True:
        raise ConfigError(
            "can only be true: a variable may set this limit, never lift it",
            where=f"${variable(('read_only',))}",
            hint="unset it; `read_only: false` belongs into the cluster file",
        )


def _scalar(name: str, text: str) -> object:
    try:
        value = yaml_document.parse(text, where=f"${name}").data
    except ConfigError as error:
        raise ConfigError("is not a value as the cluster file has them", where=f"${name}") from error
    if isinstance(value, dict | list):
        raise ConfigError("must be a single value", where=f"${name}")
    return value


class Layers:
    """The layers above the defaults, merged; every node then has complete `ssh` and `sql` sections."""

    def __init__(self, document: Document, variables: Mapping[str, object], flags: Mapping[str, object]) -> None:
        self._document = document
        self._over = {key: (value, f"${variable(key.split('.'))}") for key, value in variables.items()}
        self._over |= {key: (value, "flag") for key, value in flags.items()}

    def completed(self) -> object:
        """The merged data; the file is well-formed already."""
        data: Any = deepcopy(self._document.data)
        over = self._sections()
        for section in _SECTIONS:
            data[section] = _over(data.get(section), over[section])
        for node in data["nodes"]:
            for section in _SECTIONS:
                node[section] = _over(_over(data[section], node.get(section)), over[section])
        return data | over[""]

    def _sections(self) -> dict[str, dict[str, object]]:
        sections: dict[str, dict[str, object]] = {section: {} for section in ("", *_SECTIONS)}
        for key, (value, _) in self._over.items():
            section, _, name = key.rpartition(".")
            sections[section][name] = value
        return sections

    def origin(self, key: KeyPath) -> str:
        """The origin of the value of `key`; a node's value may be the cluster's."""
        general = key[2:] if key[:1] == ("nodes",) else key
        if (dotted := ".".join(map(str, general))) in self._over:
            return self._over[dotted][1]
        for candidate in (key, general):
            if _present(self._document.data, candidate):
                return f"{self._document.where}:{self._document.line(candidate)}"
        return "default"

    def place(self, key: KeyPath) -> str:
        """The start of a message about `key`: the layer in which it has to be corrected."""
        general = key[2:] if key[:1] == ("nodes",) else key
        if (dotted := ".".join(map(str, general))) in self._over:
            return f"{self._over[dotted][1]}: {dotted}"
        if not _present(self._document.data, key) and _present(self._document.data, general):
            return self._document.place(general)
        return self._document.place(key)

    def origins(self, values: Mapping[str, object]) -> tuple[Origin, ...]:
        """The origin of each of `values`, which were made of these layers; they are by the keys of the cluster file."""
        leaves = (leaf for key, value in values.items() for leaf in _leaves((key,), value))
        return tuple(Origin(_dotted(key), value, self.origin(key)) for key, value in leaves)


def _over(lower: Mapping[str, object] | None, upper: Mapping[str, object] | None) -> dict[str, object]:
    """The two merged by key, the upper first, within `tls` too.

    A source of the password replaces both sources of the lower one.
    """
    lower, upper = lower or {}, upper or {}
    replaced = _PASSWORD_KEYS if any(upper.get(key) is not None for key in _PASSWORD_KEYS) else ()
    merged = {key: value for key, value in lower.items() if key not in replaced} | dict(upper)
    below, above = lower.get(_TLS), upper.get(_TLS)
    if isinstance(below, dict) and (isinstance(above, dict) or above is True):
        merged[_TLS] = below | above if isinstance(above, dict) else below
    return merged


def _present(data: object, key: KeyPath) -> bool:
    for part in key:
        match data:
            case dict() if part in data:
                data = data[part]
            case list() if part in range(len(data)):
                data = data[int(part)]
            case _:
                return False
    return True


def _leaves(key: KeyPath, value: object) -> Iterable[tuple[KeyPath, object]]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves((*key, field.name), getattr(value, field.name))
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        for index, item in enumerate(value):
            yield from _leaves((*key, index), item)
    else:
        yield key, value


def _dotted(key: KeyPath) -> str:
    return ".".join(str(part) for part in key)
