"""The timestamped log: bounded in size, and harmless on a full disk."""

from pathlib import Path

from distdiag_core.workloads import timestamped_log
from distdiag_core.workloads.timestamped_log import TimestampedLog


def test_a_log_does_not_grow_without_bound(tmp_path: Path) -> None:
    path = tmp_path / "n1.log"
    log = TimestampedLog(path)
    for _ in range(4_000):
        log.append("x" * 1_000)

    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 3_000_000
    assert timestamped_log.tail(path)[0].text.endswith("x")


def test_a_full_disk_drops_the_line_and_raises_nothing() -> None:
    full = Path("/dev/full")
    log = TimestampedLog(full)

    log.append("a line")

    assert full.is_char_device()


def test_an_appending_log_keeps_the_lines_of_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "n1.log"
    TimestampedLog(path).append("first")
    TimestampedLog(path, append=True).append("second")
    assert [line.text for line in timestamped_log.tail(path)] == ["second", "first"]

    TimestampedLog(path)
    assert timestamped_log.tail(path) == ()
