"""The section `prometheus` of a cluster file."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Annotated

from annotated_types import Ge, Le, MinLen
from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic.dataclasses import dataclass

from distdiag_core.cluster.tls import TlsSettings, section_of
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS, Example, Name, Seconds, Text, Timeout

# Disks and not their parts, and neither loops nor those in memory.
DISKS = r"(sd|vd|xvd|hd)[a-z]+|nvme\d+n\d+|mmcblk\d+"
# Cards, and not what containers and bridges put before them.
INTERFACES = r"(eth|en|bond|team|ib|venet|wl).*"
_FIELDS = ("host", "name", "zone")


def _fills(pattern: str) -> str:
    """The pattern, if its fields are those of a node.

    Raises:
        ValueError: without a message, since the words of the type say what is expected.
    """
    try:
        filled = pattern.format(**dict.fromkeys(_FIELDS, "x"))
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ValueError from None
    if filled == pattern:
        raise ValueError
    return pattern


def _compiles(expression: str) -> str:
    """The expression, if it is one and can stand in a query.

    Raises:
        ValueError: without a message, as above.
    """
    try:
        re.compile(expression)
    except re.error:
        raise ValueError from None
    if '"' in expression or "\n" in expression:
        raise ValueError
    return expression


_Url = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s/]+\S*$"),
    Words("an address that begins with http:// or https://", secret=True),
]
_Pattern = Annotated[str, AfterValidator(_fills), Words("a text with {host}, {name} or {zone} in it")]
_Regex = Annotated[str, AfterValidator(_compiles), Words("a regular expression without double quotes")]


@dataclass(frozen=True, slots=True, config=SETTINGS)
class PrometheusSettings:
    """The Prometheus that the source prometheus reads."""

    url: Annotated[_Url, Example("https://prometheus.example.com:9090")]
    """Its address, with the path before /api where it has one."""
    queries: Annotated[tuple[Name, ...], MinLen(1), Example(["node_exporter", "obagent"])] = ("node_exporter",)
    """Files of queries, of those that ship and of your own in ~/.config/distdiag/prometheus; of two that have a metric
    the first one counts."""
    match: Annotated[str, Example('job="node", dc="fra"')] = ""
    """Matchers that every series has to fit, as they stand between the braces of a selector."""
    label: Annotated[Text | None, Example("svr_ip")] = None
    """The label that names the node. Without it: as the file of queries says, for instance instance."""
    instance: Annotated[_Pattern | None, Example("{host}:9100")] = None
    """The value of that label for a node. Without it: its host or its name, with any port or none."""
    devices: Annotated[_Regex, Example("sd[a-z]+")] = DISKS
    """The disks whose figures are summed up, as a regular expression."""
    interfaces: Annotated[_Regex, Example("eth0")] = INTERFACES
    """The network interfaces whose figures are summed up, as a regular expression."""
    window_s: Annotated[Seconds, Ge(1), Le(3600)] = 60.0
    """How far a rate may look back for two samples; at least two scrape intervals."""
    max_age_s: Annotated[Seconds, Ge(1), Le(3600)] = 60.0
    """Figures whose samples are older are unknown."""
    timeout_s: Timeout = 5.0
    """How long an answer may take."""
    token_file: Annotated[Text | None, Example("~/.config/distdiag/prometheus.token")] = None
    """The file of a bearer token, read at every use. Without it: none is sent."""
    tls: Annotated[TlsSettings, BeforeValidator(section_of)] = field(default_factory=TlsSettings)
    """Certificates, for an address with https."""
