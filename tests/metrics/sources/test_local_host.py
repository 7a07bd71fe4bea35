"""Source `host` by psutil on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from distdiag_core.metrics import catalogue
from distdiag_core.metrics.sources.host.local_host import LocalHostSource

_linux = pytest.mark.skipif(not Path("/proc/stat").exists(), reason="needs /proc")


@_linux
async def test_it_has_the_keys_of_a_node_that_is_reached_by_ssh() -> None:
    values = (await LocalHostSource().read()).values
    # Which disk and which pressure figures there are is up to the machine, and whether a connection is in use.
    absent = ("disk.", "pressure.", "network.", "tcp.round_trip")
    wanted = {key for key in catalogue.load().keys("host") if not key.startswith(absent)}
    assert wanted <= set(values)
    assert 0 < values["memory.used"] < 100
    assert 0 < values["cpu.busy"] < values["cpu.total"]


@_linux
async def test_the_loopback_counts_what_goes_through_it() -> None:
    source = LocalHostSource(interface="lo")
    before, after = await source.read(), await source.read()
    assert after.clock_s >= before.clock_s
    assert after.values["network.bytes_in"] == after.values["network.bytes_out"]


async def test_a_disk_that_is_not_there_is_unknown() -> None:
    values = (await LocalHostSource(device="/dev/no-such-disk", interface="no-such-interface").read()).values
    assert not [key for key in values if key.startswith(("disk.", "network."))]
