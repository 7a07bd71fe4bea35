"""The checks of rights, programs, kernel, clock and possible anomalies of a node."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.anomalies.ids import new_id
from distdiag_core.anomalies.injection import InjectionRequest, Severity
from distdiag_core.doctor import packages
from distdiag_core.doctor.host_survey import TRAFFIC_CONTROL
from distdiag_core.doctor.report import Check, Result, graded
from distdiag_core.errors import UnsupportedError
from distdiag_core.metrics import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.backend import Backend
    from distdiag_core.anomalies.catalogue import Anomaly, AnomalyCatalogue, Method
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.doctor.host_survey import ClockOffset, HostFacts

# A plan is made and thrown away: the severity that every anomaly has, and the shortest usual time.
_SEVERITY: Severity = "low"
_DURATION_S = 60.0
# What OceanBase asks of the clocks of its servers.
_CLOCKS_APART_S = 0.1
_TC = "tc"


@dataclass(frozen=True, slots=True)
class Possible:
    """Which anomalies can be injected into a node.

    Attributes:
        methods: by anomaly, the method that would be taken.
        refusals: by anomaly that cannot be injected, why.
    """

    methods: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)

    def passed_over(self, anomaly: Anomaly) -> tuple[Method, ...]:
        """The methods of an anomaly that would be preferred to the one that is taken."""
        names = [method.name for method in anomaly.methods]
        taken = self.methods.get(anomaly.name)
        if anomaly.name not in self.refusals and taken not in names:
            # Injected by other means than commands on the node, or not asked.
            return ()
        return anomaly.methods[: names.index(taken)] if taken in names else anomaly.methods


async def possible_anomalies(backend: Backend, node: NodeSettings, catalogue: AnomalyCatalogue) -> Possible:
    """Which anomalies are possible, by planning each of them; nothing is changed.

    Raises:
        UnreachableError: the node, or what injects into it, did not answer.
    """
    found = Possible()
    for anomaly in catalogue.anomalies:
        request = InjectionRequest(anomaly.name, (node.name,), _SEVERITY, _DURATION_S)
        try:
            step = await backend.plan(request, anomaly, node, new_id(clock.now_s()))
        except UnsupportedError as error:
            found.refusals[anomaly.name] = error.what
        else:
            found.methods[anomaly.name] = step.method
    return found


def check_rights(facts: HostFacts, possible: Possible, catalogue: AnomalyCatalogue) -> Check:
    """Whether the account may become root, and what is off where it may not."""
    if not facts.refusal:
        return Check("rights", Result.PASSED, "root" if facts.user == "root" else f"{facts.user}, root by sudo")
    costs = _losses(possible, catalogue, lambda method: method.root)
    line = f"{facts.user} ALL=(root) NOPASSWD: ALL"
    fix = f"as root: echo {shlex.quote(line)} > /etc/sudoers.d/distdiag && chmod 440 /etc/sudoers.d/distdiag"
    return graded("rights", f"{facts.user}, not root, and sudo refuses: {facts.refusal}", costs, (fix,))


def check_tools(facts: HostFacts, possible: Possible, catalogue: AnomalyCatalogue) -> Check:
    """Which programs are missing whose lack costs an anomaly, or its best method."""
    costs: list[str] = []
    missed: list[str] = []
    for program in sorted(facts.lacks):
        if losses := _losses(possible, catalogue, _needing(program)):
            missed.append(program)
            costs.append(f"{program} is not installed: {', '.join(losses)}")
    wanted = {program for anomaly in catalogue.anomalies for method in anomaly.methods for program in method.needs}
    found = f"lacks {', '.join(missed)}" if missed else f"has {', '.join(sorted(wanted - facts.lacks))}"
    return graded("tools", found, tuple(costs), packages.install(missed, facts.installer))


def check_kernel(facts: HostFacts, possible: Possible, catalogue: AnomalyCatalogue) -> Check:
    """Pressure-stall figures, control groups, and the modules of traffic control."""
    costs: list[str] = []
    fixes: list[str] = []
    if not facts.pressure:
        costs.append("no pressure-stall figures: the metrics host.pressure.* stay unknown")
        fixes.append("boot Linux 4.20 or newer with the parameter psi=1: grubby --update-kernel=ALL --args=psi=1")
    lacking = facts.lacks_modules
    if lacking and (losses := _losses(possible, catalogue, _needing(_TC))):
        costs.append(f"{', '.join(lacking)} not found: {', '.join(losses)}")
        fixes += packages.install_kernel_modules(facts.installer)
    pressure = "pressure figures" if facts.pressure else "no pressure figures"
    has = f"{len(TRAFFIC_CONTROL) - len(lacking)} of {len(TRAFFIC_CONTROL)} modules of traffic control"
    found = f"Linux {facts.kernel}, {pressure}, cgroups {facts.cgroup or 'none'}, {has}"
    return graded("kernel", found, tuple(costs), tuple(fixes))


def check_clock(offset: ClockOffset) -> Check:
    """Whether the clock of the node agrees with that of this machine."""
    found = f"{offset.offset_s:+.3f} s from this machine, to within {offset.uncertainty_s:.3f} s"
    if abs(offset.offset_s) - offset.uncertainty_s <= _CLOCKS_APART_S:
        return Check("clock", Result.PASSED, found)
    cost = "times in the logs of the node do not match those of the console; OceanBase wants its servers within 0.1 s"
    fix = "synchronize both clocks, for instance: systemctl enable --now chronyd (the package is chrony)"
    return Check("clock", Result.LIMITED, found, (cost,), (fix,))


def check_anomalies(possible: Possible) -> Check:
    """How many anomalies are possible, and why the others are not."""
    total = len(possible.methods) + len(possible.refusals)
    costs = tuple(f"{name} is off: {why}" for name, why in possible.refusals.items())
    return graded("anomalies", f"{len(possible.methods)} of {total} possible", costs)


def _losses(possible: Possible, catalogue: AnomalyCatalogue, concerns: Callable[[Method], bool]) -> tuple[str, ...]:
    """The loss of each anomaly that has concerned methods among those that are not possible."""
    losses = []
    for anomaly in catalogue.anomalies:
        lost = [method.name for method in possible.passed_over(anomaly) if concerns(method)]
        if not lost:
            continue
        taken = possible.methods.get(anomaly.name)
        losses.append(f"{anomaly.name} by {taken} in place of {lost[0]}" if taken else f"{anomaly.name} is off")
    return tuple(losses)


def _needing(program: str) -> Callable[[Method], bool]:
    return lambda method: program in method.needs
