"""The fields of an injection, and the anomaly that they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from distdiag_core.anomalies.compound import CompoundPart
from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest
from distdiag_core.settings.duration import parse_duration
from distdiag_tui.screens.form import ChoiceField, NodesField, TextField
from distdiag_tui.views import injection_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from textual.app import ComposeResult

    from distdiag_core.anomalies.catalogue import Anomaly
    from distdiag_core.anomalies.injection import Severity
    from distdiag_core.runtime.operations import Operations
    from distdiag_core.runtime.snapshot import Snapshot


class InjectionFields(Vertical):
    """Anomaly, nodes, severity, duration and start; on production, where it is asked for, the name of the cluster too.

    No node is chosen at first but those that were marked, so that no slip of a key injects; for an anomaly of the whole
    cluster all are.

    Args:
        marked: the nodes that were marked.
        asks_name: whether the name of a production cluster is to be typed here.
    """

    def __init__(self, snapshot: Snapshot, runtime: Operations, marked: Collection[str], *, asks_name: bool) -> None:
        super().__init__(classes="fields")
        self._cluster, self._anomalies, self._asks_name = runtime.cluster, runtime.anomalies, asks_name
        self._anomaly_field = ChoiceField("Anomaly", self._choices(), "anomaly")
        self._nodes_field = NodesField(snapshot, chosen=marked)
        self._severity_field = ChoiceField("Severity", ((each, each) for each in SEVERITIES), "severity")
        self._duration_field = TextField("Duration", "60s", "duration", placeholder="60s, 2m")
        self._start_field = TextField("Starts after", "0s", "start", placeholder="0s, 20s")
        self._name_field = TextField(
            "PRODUCTION: type the cluster's name", "", "confirm", placeholder=self._cluster.name
        )
        self._all_by_scope = False

    def compose(self) -> ComposeResult:
        """The fields, from the top."""
        yield from (
            self._anomaly_field,
            self._nodes_field,
            self._severity_field,
            self._duration_field,
            self._start_field,
        )
        if self._asks_name:
            yield self._name_field

    def _choices(self) -> Iterator[tuple[str, str]]:
        category = ""
        for anomaly in self._anomalies.anomalies:
            first, category = anomaly.category != category, anomaly.category
            yield anomaly.name, injection_plan.choice(anomaly, self._cluster, heads_group=first)

    @property
    def anomaly(self) -> Anomaly | None:
        """The anomaly under the cursor; None where the catalogue has none."""
        return self._anomalies.get(self._anomaly_field.value)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that are chosen."""
        return self._nodes_field.value

    @property
    def typed_name(self) -> str:
        """What was typed to confirm; empty outside production."""
        return self._name_field.value if self._asks_name else ""

    @property
    def confirmed(self) -> bool:
        """Whether the name of the cluster is right, where it is asked for."""
        return not self._asks_name or self.typed_name == self._cluster.name

    def follow_scope(self) -> None:
        """Choose all nodes at first for an anomaly of the whole cluster, and none for any other."""
        anomaly = self.anomaly
        if anomaly is not None and anomaly.scope == "cluster" and not self.nodes:
            self._nodes_field.choose(node.name for node in self._cluster.nodes)
            self._all_by_scope = True
        elif self._all_by_scope:
            self.choose_none()

    def choose_none(self) -> None:
        """Choose no node."""
        self._nodes_field.choose(())
        self._all_by_scope = False

    def keep_nodes(self) -> None:
        """Leave the nodes as the operator has chosen them, whichever anomaly is chosen next."""
        self._all_by_scope = False

    def part(self) -> CompoundPart | str:
        """The anomaly as the fields have it, or a sentence on what is missing."""
        duration_s = parse_duration(self._duration_field.value)
        if duration_s is None:
            return "The duration is not understood: give it as 90, 90s, 2m or 1h."
        if not self.nodes:
            return "Choose at least one node: Tab goes to the list, Space turns one on and off."
        start = self._start_field.value
        offset_s = 0.0 if start in ("", "0", "0s") else parse_duration(start)
        if offset_s is None:
            return "The start is not understood: give it as 0, 20s or 2m."
        request = InjectionRequest(self._anomaly_field.value, self.nodes, self._severity, duration_s)
        return CompoundPart(request, offset_s)

    @property
    def _severity(self) -> Severity:
        return next(each for each in SEVERITIES if each == self._severity_field.value)
