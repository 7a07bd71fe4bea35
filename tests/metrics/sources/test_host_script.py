"""What the program on a node prints, and what is made of it; odd text is a DataError and nothing else."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import ConfigError, DataError
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.sources.host import host_script, procfs
from distdiag_core.metrics.sources.host.host_script import Host

if TYPE_CHECKING:
    from random import Random

_RECORDED = (Path(__file__).parent / "data" / "host_answer.txt").read_text()
_HOST = Host(cpus=2, device="vda", interface="eth0")


def test_a_recorded_answer_holds_every_key_of_the_catalogue() -> None:
    reading = host_script.parse_answer(_RECORDED, _HOST)
    assert set(catalogue.load().keys("host")) <= set(reading.values)
    assert all(math.isfinite(value) for value in reading.values.values())


def test_figures_are_read_as_the_kernel_means_them() -> None:
    answer = """\
/proc/uptime:1234.56 2000.00
/proc/stat:cpu  100 20 30 400 50 6 7 8 0 0
/proc/stat:ctxt 99
/proc/loadavg:0.50 1.50 2.50 6/229 13607
/proc/meminfo:MemTotal:       1000 kB
/proc/meminfo:MemAvailable:    250 kB
/proc/meminfo:SwapTotal:         0 kB
/proc/meminfo:SwapFree:          0 kB
/proc/diskstats: 254       0 vda 10 1 16 30 20 2 32 70 0 80 100 0 0 0 0
/proc/diskstats: 254       1 vda1 1 1 1 1 1 1 1 1 1 1 1
/proc/net/dev:  eth0:1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0
/proc/net/snmp:Tcp: CurrEstab OutSegs RetransSegs
/proc/net/snmp:Tcp: 7 800 9
/proc/pressure/io:some avg10=0.00 avg60=0.00 avg300=0.10 total=5197357
"""
    reading = host_script.parse_answer(answer, _HOST)
    expected = {
        "cpu.total": 621,
        "cpu.busy": 171,
        "cpu.user": 120,
        "cpu.irq": 13,
        "context_switches": 99,
        "load.15": 2.5,
        "run_queue": 3,
        "memory.used": 75,
        "memory.available_bytes": 250 * 1024,
        "swap.used": 0,
        "disk.operations": 30,
        "disk.write_bytes": 32 * 512,
        "disk.wait_ms": 100,
        "disk.busy_ms": 80,
        "disk.queue_ms": 100,
        "network.bytes_out": 2000,
        "network.drops_in": 2,
        "network.errors_out": 3,
        "tcp.established": 7,
        "tcp.retransmits": 9,
        "pressure.io.some_us": 5197357,
    }
    assert reading.clock_s == 1234.56
    assert {key: reading.values[key] for key in expected} == expected


@pytest.mark.parametrize("file", ["pressure/cpu", "pressure/io", "diskstats", "net/snmp", "vmstat", "meminfo", "stat"])
def test_a_file_that_the_kernel_lacks_is_unknown_and_harms_nothing_else(file: str) -> None:
    without = [line for line in _RECORDED.splitlines() if not line.startswith(f"/proc/{file}:")]
    whole = host_script.parse_answer(_RECORDED, _HOST).values
    part = host_script.parse_answer("\n".join(without), _HOST).values
    assert part.items() < whole.items()


def test_another_disk_or_interface_is_unknown() -> None:
    values = host_script.parse_answer(_RECORDED, Host(2, "sda", "bond0")).values
    assert not [key for key in values if key.startswith(("disk.", "network."))]


@given(st.text(max_size=400))
def test_no_text_brings_anything_but_a_reading_or_a_data_error(text: str) -> None:
    for parse in (lambda: host_script.parse_answer(text, _HOST), lambda: host_script.parse_host(text)):
        try:
            parse()
        except DataError:
            continue


@given(st.sampled_from(sorted(procfs.parsers("vda", "eth0"))), st.lists(st.text(max_size=80), max_size=6))
def test_no_file_brings_anything_but_figures_or_a_data_error(file: str, lines: list[str]) -> None:
    try:
        values = procfs.parsers("vda", "eth0")[file](lines)
    except DataError:
        return
    assert all(value >= 0 for value in values.values())


@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_a_damaged_answer_is_a_reading_or_a_data_error(chance: Random, damages: int) -> None:
    damaged = list(_RECORDED)
    for _ in range(damages):
        at = chance.randrange(len(damaged))
        damaged[at : at + chance.randrange(4)] = chance.choice(["", " ", "\n", ":", "-", "x", "9e999", "nan", "\x00"])
    try:
        reading = host_script.parse_answer("".join(damaged), _HOST)
    except DataError:
        return
    assert all(value >= 0 for value in reading.values.values())


def test_the_first_answer_says_what_the_node_is_even_after_a_banner() -> None:
    assert host_script.parse_host("Welcome!\n\ncpus=4 device=sda interface=bond0") == Host(4, "sda", "bond0")
    assert host_script.parse_host("cpus=0 device= interface=") == Host(1, "", "")


@pytest.mark.parametrize("text", ["", "Permission denied", "cpus= device=sda interface=eth0", "cpus=9999999 device= "])
def test_a_first_answer_that_is_none_says_what_is_needed(text: str) -> None:
    with pytest.raises(DataError, match="POSIX shell"):
        host_script.parse_host(text)


@pytest.mark.parametrize("name", ["eth0; reboot", "eth0|.*", "$(reboot)", "vda\n", "(", "a b"])
def test_a_name_that_no_device_has_never_reaches_a_node(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name"):
        host_script.command(device=None, data_dir=None, interface=name)
    with pytest.raises(ConfigError, match="cannot be the name"):
        host_script.command(device=name, data_dir=None, interface=None)
