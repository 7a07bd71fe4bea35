"""What a node lacks, its cost by the catalogue of anomalies, and the line that mends it."""

from __future__ import annotations

import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.doctor import host_checks
from distdiag_core.doctor.host_checks import Possible
from distdiag_core.doctor.host_survey import ClockOffset, HostFacts
from distdiag_core.doctor.report import Result

ANOMALIES = catalogue.load()
PREFERRED = {anomaly.name: anomaly.methods[0].name for anomaly in ANOMALIES.anomalies}
EVERYTHING = Possible(PREFERRED)
KERNEL = "the kernel has no netem or no u32 filter, or we may not use it"


def by(anomaly: str, method: str, **lacking: str) -> Possible:
    """Every anomaly by its preferred method, but one by another."""
    return Possible(
        PREFERRED | {anomaly: method}, {anomaly: {key.replace("_", "-"): why for key, why in lacking.items()}}
    )


def without(anomaly: str, **lacking: str) -> Possible:
    """Every anomaly but one."""
    methods = {name: method for name, method in PREFERRED.items() if name != anomaly}
    return Possible(methods, {anomaly: lacking}, {anomaly: "; ".join(lacking.values())})


def facts(
    *, refusal: str = "", installer: str = "apt-get", pressure: bool = True, lacks: tuple[str, ...] = (),
    modules: tuple[str, ...] = (),
) -> HostFacts:  # fmt: skip
    return HostFacts("admin", refusal, "5.10", installer, pressure, "v2", frozenset(lacks), modules)


def test_a_node_that_has_everything_passes() -> None:
    for check in (host_checks.check_rights, host_checks.check_tools, host_checks.check_kernel):
        made = check(facts(), EVERYTHING, ANOMALIES)
        assert (made.result, made.costs, made.fixes) == (Result.PASSED, (), ())


def test_a_missing_program_costs_the_better_method() -> None:
    possible = by("cpu_stress", "shell loops", stress_ng="stress-ng is not installed")
    tools = host_checks.check_tools(facts(lacks=("stress-ng",)), possible, ANOMALIES)

    assert tools.result is Result.LIMITED
    assert tools.costs == ("stress-ng is not installed: cpu_stress by shell loops in place of stress-ng",)
    assert tools.fixes == ("apt-get install stress-ng",)


def test_a_missing_program_that_nothing_is_lost_by_is_no_matter() -> None:
    tools = host_checks.check_tools(facts(lacks=("nft",)), EVERYTHING, ANOMALIES)

    assert tools.result is Result.PASSED


@pytest.mark.parametrize(
    ("installer", "lines"),
    [
        ("apt-get", ("apt-get install iproute2",)),
        ("yum", ("yum install iproute-tc",)),
        ("", ("apt-get install iproute2", "yum install iproute-tc")),
    ],
)
def test_the_line_that_installs_is_that_of_the_distribution(installer: str, lines: tuple[str, ...]) -> None:
    possible = without("network_delay", netem="tc is not installed")
    tools = host_checks.check_tools(facts(installer=installer, lacks=("tc",)), possible, ANOMALIES)

    assert tools.fixes == lines


def test_rights_are_granted_by_a_line_for_sudo() -> None:
    possible = without("network_delay", netem="needs root, and sudo refuses: a password is required")
    rights = host_checks.check_rights(facts(refusal="a password is required"), possible, ANOMALIES)

    assert rights.result is Result.LIMITED
    assert rights.costs == ("network_delay is off",)
    assert "admin ALL=(root) NOPASSWD: ALL" in rights.fixes[0]


def test_a_kernel_without_pressure_figures_and_traffic_control() -> None:
    possible = by("network_loss", "nft", netem=KERNEL)
    kernel = host_checks.check_kernel(facts(pressure=False, modules=("sch_netem",)), possible, ANOMALIES)

    assert kernel.costs == (
        "no pressure-stall figures: the metrics host.pressure.* stay unknown",
        "sch_netem not found: network_loss by nft in place of netem",
    )
    assert "psi=1" in kernel.fixes[0]
    assert kernel.fixes[1] == "apt-get install linux-modules-extra-$(uname -r)"


@pytest.mark.parametrize(
    ("offset", "result"),
    [
        (ClockOffset(0.05, 0.01), Result.PASSED),
        (ClockOffset(-3.0, 0.01), Result.LIMITED),
        # Not known well enough to say that it is wrong.
        (ClockOffset(0.5, 0.55), Result.PASSED),
    ],
)
def test_a_clock_that_is_surely_wrong_is_limited(offset: ClockOffset, result: Result) -> None:
    check = host_checks.check_clock(offset)

    assert check.result is result
    assert bool(check.fixes) == (result is Result.LIMITED)


def test_what_is_lost_for_another_reason_is_not_put_down_to_the_check() -> None:
    possible = without("network_delay", netem="the cluster file does not give the node's interface")
    lacking = facts(refusal="no", lacks=("tc",), modules=("sch_netem",))

    for check in (host_checks.check_rights, host_checks.check_tools, host_checks.check_kernel):
        assert check(lacking, possible, ANOMALIES).result is Result.PASSED


def test_anomalies_that_are_off_come_with_their_reason() -> None:
    why = "the cluster file does not give the node's interface"
    lacking = {name: {"netem": why} for name in ("network_delay", "network_loss")}
    refusals = dict.fromkeys(lacking, f"netem: {why}") | {"node_down": "nothing listens"}
    check = host_checks.check_anomalies(Possible({"cpu_stress": "stress-ng"}, lacking, refusals))

    assert check.found == "1 of 4 possible"
    assert check.costs == (f"network_delay, network_loss are off: netem: {why}", "node_down is off: nothing listens")
    assert check.fixes == ("in the cluster file, give the node: interface",)
