"""Chaos Mesh objects from the catalogue: structures with typed holes, filled as structures and never as text.

`{name}` alone is the value itself; within a text, or as `{name:text}`, it is the value's text. `{name*name}` is the
product of two, rounded up.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import yaml

from distdiag_core.anomalies import parameter
from distdiag_core.anomalies.parameter import Parameter  # noqa: TC001 - read at run time by files
from distdiag_core.anomalies.template import Value, text_of
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Kind = Literal["StressChaos", "IOChaos", "NetworkChaos", "PodChaos"]

# What a manifest may use beside the parameters of its anomaly: of the injection, the node and its pod.
KNOWN_OF_PODS = frozenset({"id", "duration_s", "data_dir", "container", "processors", "memory_mib", "volume_path"})
# Whom it hits and for how long is never a matter of the catalogue.
_SET_FOR_ALL = ("mode", "value", "selector", "duration")

_HOLE = re.compile(r"\{([a-z_]+)(?:\*([a-z_]+))?(:text)?\}")
# What no reader of YAML, old or new, takes for anything but a text.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*", re.ASCII)
_WORDS_WITH_MEANING = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


@dataclass(frozen=True, slots=True)
class ChaosTemplate:
    """How Chaos Mesh makes an anomaly happen.

    Attributes:
        spec: of the object, without the pods and the duration.
        severities: the parameters where they are others than those of the commands.
        parameters: of these severities.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    kind: Kind
    spec: dict[str, Any]
    severities: dict[str, dict[str, Value]] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)


def holes(template: object) -> frozenset[str]:
    """The names of all holes in a structure."""
    return frozenset(
        name for text in _texts(template) for hole in _HOLE.finditer(text) for name in hole.group(1, 2) if name
    )


def filled(template: Any, values: Mapping[str, Value]) -> Any:  # noqa: ANN401 - what YAML can hold
    """The structure, with every hole filled.

    Raises:
        ConfigError: a value is not known.
    """
    match template:
        case dict():
            return {key: filled(value, values) for key, value in template.items()}
        case list() | tuple():
            return [filled(value, values) for value in template]
        case str() if (hole := _HOLE.fullmatch(template)) and not hole[3]:
            return _value(hole, values)
        case str():
            return _HOLE.sub(lambda hole: text_of(_value(hole, values)), template)
        case _:
            return template


def problems(template: ChaosTemplate, parameters: Iterable[str]) -> Iterator[str]:
    """What is wrong with it, for an anomaly with these `parameters`."""
    for key in _SET_FOR_ALL:
        if key in template.spec:
            yield f"spec: {key}: is set for every injection; remove it"
    own = template.severities or template.parameters
    if own:
        yield from parameter.problems(template.severities, template.parameters)
    known = KNOWN_OF_PODS | set(template.parameters if own else parameters)
    for name in sorted(holes(template.spec) - known):
        yield f"{{{name}}} is neither a parameter nor one of {', '.join(sorted(KNOWN_OF_PODS))}"


def to_yaml(manifest: object) -> str:
    """The manifest as YAML in which a text is a text for every reader: `1e5` and `on` come quoted."""
    return yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf)


class _Dumper(yaml.SafeDumper):
    """Quotes whatever could be taken for something else."""


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS_WITH_MEANING
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _represent_text)


def _texts(template: object) -> Iterator[str]:
    match template:
        case dict():
            for value in template.values():
                yield from _texts(value)
        case list() | tuple():
            for value in template:
                yield from _texts(value)
        case str():
            yield template


def _value(hole: re.Match[str], values: Mapping[str, Value]) -> Value:
    factors = [_known(name, values) for name in hole.group(1, 2) if name]
    if len(factors) == 1:
        (value,) = factors
        return int(value) if isinstance(value, float) and value.is_integer() else value
    first, second = (float(factor) for factor in factors)
    return math.ceil(round(first * second, 6))


def _known(name: str, values: Mapping[str, Value]) -> Value:
    if name not in values:
        raise ConfigError("is not known", where=f"{{{name}}}")
    return values[name]
