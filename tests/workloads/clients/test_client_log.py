"""Figures and remarks in the log of a client program, whatever state the log is in."""

import time
from pathlib import Path

from distdiag_core.workloads import timestamped_log
from distdiag_core.workloads.benchmarks.sysbench.sysbench_report import parse
from distdiag_core.workloads.clients import client_log
from distdiag_core.workloads.clients.client_log import REMARK
from distdiag_core.workloads.timestamped_log import TimestampedLog

REPORT = "[ 7s ] thds: 4 tps: {tps} qps: 20.00 (r/w/o: 1.00/2.00/3.00) lat (ms,95%): 11.65 err/s: 0.00 reconn/s: 0.00"


def test_the_newest_report_gives_the_figures(tmp_path: Path) -> None:
    log = TimestampedLog(tmp_path / "n1.log")
    log.append(REPORT.format(tps=1))
    log.append(REPORT.format(tps=2))
    log.append("some other words")

    measured = client_log.figures(timestamped_log.tail(tmp_path / "n1.log"), parse, since_s=time.time() - 60)

    assert measured is not None
    assert measured.tps == 2


def test_an_old_report_gives_no_figures(tmp_path: Path) -> None:
    (tmp_path / "n1.log").write_text(f"1000.000 {REPORT.format(tps=1)}\n")

    assert client_log.figures(timestamped_log.tail(tmp_path / "n1.log"), parse, since_s=1000.5) is None
    assert client_log.figures(timestamped_log.tail(tmp_path / "n1.log"), parse, since_s=999.5) is not None


def test_a_half_written_line_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "n1.log").write_text(f"1000.000 {REPORT.format(tps=1)}\n1001.000 {REPORT.format(tps=2)}")

    measured = client_log.figures(timestamped_log.tail(tmp_path / "n1.log"), parse, since_s=0)

    assert measured is not None
    assert measured.tps == 1


def test_a_file_that_is_no_log_has_neither_figures_nor_remarks(tmp_path: Path) -> None:
    (tmp_path / "binary.log").write_bytes(bytes(range(256)) * 40)

    for name in ("binary.log", "missing.log", "."):
        assert client_log.figures(timestamped_log.tail(tmp_path / name), parse, since_s=0) is None
        assert client_log.remark(timestamped_log.tail(tmp_path / name), parse) == ""


def test_a_remark_is_shown_until_the_clients_report_again(tmp_path: Path) -> None:
    log = TimestampedLog(tmp_path / "n1.log")
    log.append(f"{REMARK}the node is gone")
    log.append("FATAL: whatever")
    assert client_log.remark(timestamped_log.tail(tmp_path / "n1.log"), parse) == "the node is gone"

    log.append(REPORT.format(tps=1))
    assert client_log.remark(timestamped_log.tail(tmp_path / "n1.log"), parse) == ""
