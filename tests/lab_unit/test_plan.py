"""The shares of nodes in a machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import ConfigError
from distdiag_core.lab.plan import MAX_NODES, Machine, machine, node, share

_GIB = 2**30


def test_two_cores_make_three_nodes_of_half_a_core() -> None:
    limits = share(Machine(cores=2, memory_bytes=24 * _GIB), 3)
    assert limits.cpu_cores == 0.5
    assert limits.memory_bytes == 2.5 * _GIB


@given(st.integers(1, 256), st.integers(1, 1024), st.integers(1, MAX_NODES))
def test_the_nodes_together_never_take_the_whole_machine(cores: int, memory_gib: int, nodes: int) -> None:
    machine = Machine(cores, memory_gib * _GIB)
    try:
        limits = share(machine, nodes)
    except ConfigError as error:
        assert "GiB" in str(error)  # noqa: PT017 - only some machines are too small
        return
    assert limits.cpu_cores * nodes < cores
    assert limits.memory_bytes * nodes < machine.memory_bytes


def test_a_machine_that_is_too_small_is_refused_with_a_hint() -> None:
    with pytest.raises(ConfigError, match=r"this machine has 4\.0 GiB; ask for fewer with --nodes"):
        share(Machine(cores=2, memory_bytes=4 * _GIB), 3)


@pytest.mark.parametrize("nodes", [0, -1, MAX_NODES + 1])
def test_a_number_of_nodes_out_of_bounds_is_refused(nodes: int) -> None:
    with pytest.raises(ConfigError, match="--nodes"):
        share(Machine(cores=64, memory_bytes=1024 * _GIB), nodes)


def test_names_and_addresses() -> None:
    plan = node(2, share(machine(), 1))
    assert (plan.name, plan.zone, plan.host) == ("n2", "zone2", "10.77.0.12")
    # The kernel cuts no name of an interface: it refuses one of more than 15 characters.
    assert len(node(MAX_NODES, plan.limits).link) <= 15
