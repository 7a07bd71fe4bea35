"""The checks of rights, programs, kernel, clock and possible anomalies of a node."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.anomalies.ids import new_id
from distdiag_core.anomalies.injection import InjectionRequest, Severity
from distdiag_core.anomalies.planner import NEEDS_ROOT, NOT_GIVEN, NoMethodError, not_installed
from distdiag_core.doctor import packages
from distdiag_core.doctor.host_survey import TRAFFIC_CONTROL
from distdiag_core.doctor.report import Check, Result, graded
from distdiag_core.errors import UnsupportedError
from distdiag_core.metrics import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.backend import Backend
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue, Method
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.doctor.host_survey import ClockOffset, HostFacts

# A plan is made and thrown away: the severity that every anomaly has, and the shortest usual time.
_SEVERITY: Severity = "low"
_DURATION_S = 60.0
# What OceanBase asks of the clocks of its servers.
_CLOCKS_APART_S = 0.1
_TC = "tc"
# The beginning of what the catalogue says of a feature that the kernel lacks.
_KERNEL = "the kernel "


@dataclass(frozen=True, slots=True)
class Possible:
    """Which anomalies can be injected into a node.

    Attributes:
        methods: by anomaly that can be injected, the method that would be taken.
        lacking: by anomaly, each method that is not possible and would be preferred, with what the node lacks for it.
        refusals: by anomaly that cannot be injected, why.
    """

    methods: dict[str, str] = field(default_factory=dict)
    lacking: dict[str, dict[str, str]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)


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
        except NoMethodError as error:
            found.lacking[anomaly.name] = dict(error.lacking)
            found.refusals[anomaly.name] = "; ".join(f"{method}: {reason}" for method, reason in error.lacking)
        except UnsupportedError as error:
            found.refusals[anomaly.name] = error.what
        else:
            found.methods[anomaly.name] = step.method
            found.lacking[anomaly.name] = dict(step.unavailable_methods)
    return found


def check_rights(facts: HostFacts, possible: Possible, catalogue: AnomalyCatalogue) -> Check:
    """Whether the account may become root, and what is off where it may not."""
    if not facts.refusal:
        return Check("rights", Result.PASSED, "root" if facts.user == "root" else f"{facts.user}, root by sudo")
    costs = _losses(possible, catalogue, lambda _, reason: reason.startswith(NEEDS_ROOT))
    line = shlex.quote(sudoers_line(facts.user))
    fix = f"as root: echo {line} > /etc/sudoers.d/distdiag && chmod 440 /etc/sudoers.d/distdiag"
    return graded("rights", f"{facts.user}, not root, and sudo refuses: {facts.refusal}", costs, (fix,))


def sudoers_line(user: str) -> str:
    """The line of sudoers by which an account becomes root without a password."""
    return f"{user} ALL=(root) NOPASSWD: ALL"


def check_tools(facts: HostFacts, possible: Possible, catalogue: AnomalyCatalogue) -> Check:
    """Which programs are missing whose lack costs an anomaly, or its best method."""
    costs: list[str] = []
    missed: list[str] = []
    for program in sorted(facts.lacks):
        if losses := _losses(possible, catalogue, _wanting(program)):
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
    if lacking and (losses := _losses(possible, catalogue, _refused_by_kernel)):
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
    names: dict[str, list[str]] = {}
    for name, why in possible.refusals.items():
        names.setdefault(why, []).append(name)
    costs = tuple(f"{', '.join(each)} {'is' if len(each) == 1 else 'are'} off: {why}" for why, each in names.items())
    reasons = {reason for lacking in possible.lacking.values() for reason in lacking.values()}
    keys = sorted({reason.removeprefix(NOT_GIVEN) for reason in reasons if reason.startswith(NOT_GIVEN)})
    fixes = (f"in the cluster file, give the node: {', '.join(keys)}",) if keys else ()
    return graded("anomalies", f"{len(possible.methods)} of {total} possible", costs, fixes)


def _losses(
    possible: Possible, catalogue: AnomalyCatalogue, concerns: Callable[[Method, str], bool]
) -> tuple[str, ...]:
    """The loss of each anomaly that has methods which are not possible for a reason that concerns the check."""
    losses = []
    for anomaly in catalogue.anomalies:
        lacking = possible.lacking.get(anomaly.name, {})
        lost = [each.name for each in anomaly.methods if each.name in lacking and concerns(each, lacking[each.name])]
        taken = possible.methods.get(anomaly.name)
        if lost:
            losses.append(f"{anomaly.name} by {taken} in place of {lost[0]}" if taken else f"{anomaly.name} is off")
    return tuple(losses)


def _wanting(program: str) -> Callable[[Method, str], bool]:
    """A method that is refused for its programs, of which the first alone is named, may lack any of them."""
    return lambda method, reason: program in method.needs and reason in map(not_installed, method.needs)


def _refused_by_kernel(method: Method, reason: str) -> bool:
    return _TC in method.needs and reason.startswith(_KERNEL)
