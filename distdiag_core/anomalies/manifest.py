"""Templates of Chaos Mesh objects: structures with typed placeholders, which are replaced in the structure.

`{name}` alone is the value itself; within a text, or as `{name:text}`, it is the text of the value. `{name*name}` is
the product of two values, rounded up.
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

# The values that a manifest may use beside the parameters of its anomaly: of the injection, the node and its pod.
POD_VALUES = frozenset({"id", "duration_s", "data_dir", "container", "processors", "memory_mib", "volume_path"})
# Pods and duration are those of the injection, never of the catalogue.
_SET_FOR_ALL = ("mode", "value", "selector", "duration")

_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?:\*([a-z_]+))?(:text)?\}")
# Read as a text by every version of YAML.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*", re.ASCII)
_WORDS_WITH_MEANING = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


@dataclass(frozen=True, slots=True)
class ChaosTemplate:
    """The Chaos Mesh object that injects an anomaly.

    Attributes:
        spec: of the object, without the pods and the duration.
        severities: parameter values, where they differ from those of the commands.
        parameters: of these severities.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    kind: Kind
    spec: dict[str, Any]
    severities: dict[str, dict[str, Value]] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)


def placeholders(template: object) -> frozenset[str]:
    """The names of all placeholders in a structure."""
    return frozenset(
        name
        for text in _texts(template)
        for placeholder in _PLACEHOLDER.finditer(text)
        for name in placeholder.group(1, 2)
        if name
    )


def filled(template: Any, values: Mapping[str, Value]) -> Any:  # noqa: ANN401 - what YAML can hold
    """The structure with all placeholders replaced.

    Raises:
        ConfigError: a value is unknown.
    """
    match template:
        case dict():
            return {key: filled(value, values) for key, value in template.items()}
        case list() | tuple():
            return [filled(value, values) for value in template]
        case str() if (placeholder := _PLACEHOLDER.fullmatch(template)) and not placeholder[3]:
            return _value(placeholder, values)
        case str():
            return _PLACEHOLDER.sub(lambda placeholder: text_of(_value(placeholder, values)), template)
        case _:
            return template


def problems(template: ChaosTemplate, parameters: Iterable[str]) -> Iterator[str]:
    """The problems of a template of an anomaly with these `parameters`."""
    for key in _SET_FOR_ALL:
        if key in template.spec:
            yield f"spec: {key}: is set for every injection; remove it"
    own = template.severities or template.parameters
    if own:
        yield from parameter.problems(template.severities, template.parameters)
    known = POD_VALUES | set(template.parameters if own else parameters)
    for name in sorted(placeholders(template.spec) - known):
        yield f"{{{name}}} is neither a parameter nor one of {', '.join(sorted(POD_VALUES))}"


def to_yaml(manifest: object) -> str:
    """The manifest as YAML that every version reads alike: texts such as `1e5` and `on` are quoted."""
    return yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that a version of YAML could read as something else."""


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


def _value(placeholder: re.Match[str], values: Mapping[str, Value]) -> Value:
    factors = [_known(name, values) for name in placeholder.group(1, 2) if name]
    if len(factors) == 1:
        (value,) = factors
        return int(value) if isinstance(value, float) and value.is_integer() else value
    first, second = (float(factor) for factor in factors)
    return math.ceil(round(first * second, 6))


def _known(name: str, values: Mapping[str, Value]) -> Value:
    if name not in values:
        raise ConfigError("is not known", where=f"{{{name}}}")
    return values[name]
