"""Error messages of sysbench, as it printed them, and their explanations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads.benchmarks.sysbench.error_messages import explain


@pytest.mark.parametrize(
    ("printed", "words", "permanent"),
    [
        (
            "FATAL: mysql_drv_query() returned error 1146 (Table 'sbtest.sbtest2' doesn't exist) for query 'SELECT 1'",
            "prepare it first",
            True,
        ),
        ("FATAL: error 1045: Access denied for user 'bench'@'xxx' (using password: YES)", "password", True),
        ("FATAL: error 1049: Unknown database 'sbtest'", "prepare it first", True),
        ("FATAL: error 2002: Can't connect to MySQL server on '10.0.0.1' (115)", "refuses connections", False),
        ("FATAL: error 2013: Lost connection to MySQL server", "lost", False),
        ('FATAL: MySQL error: 1461 "Can\'t create more than max_prepared_stmt_count"', "prepared statements", False),
        ("FATAL: Cannot find benchmark 'oltp_nothing': no such built-in test", "does not have that script", True),
        ("FATAL: ...percentiles.lua:7: module 'oltp_nothing' not found:", "does not have that script", True),
        ("FATAL: Invalid random numbers distribution: zipfian.", "wants sysbench 1.1", True),
        ("FATAL: error 1040: Too many connections", "use fewer threads", False),
        ("invalid option: --mysql-ignore-errors=all", "too old or too new", True),
    ],
)
def test_errors_say_what_to_do(printed: str, words: str, permanent: bool) -> None:  # noqa: FBT001
    complaint = explain(("sysbench 1.0.20", "FATAL: unable to connect", printed), 1)

    assert words in complaint.text
    assert complaint.permanent is permanent


def test_an_unknown_error_is_passed_on() -> None:
    assert explain(("FATAL: the sky fell down",), 1).text == "the sky fell down"


def test_a_crash_is_a_lost_connection() -> None:
    complaint = explain((), -11)

    assert "signal 11" in complaint.text
    assert not complaint.permanent


def test_a_kill_is_no_lost_connection() -> None:
    said = explain((), -9).text
    assert said == "sysbench was killed (signal 9): by the kernel where memory ran out, or by somebody"


@pytest.mark.parametrize("status", [1, -15, -9, -11])
def test_last_words_are_kept(status: int) -> None:
    assert explain(("Initializing", "the disk is full", " "), status).text.endswith(
        "; its last words: the disk is full"
    )


@given(st.lists(st.text()), st.integers(-64, 255))
def test_every_output_is_explained(lines: list[str], status: int) -> None:
    assert explain(tuple(lines), status).text.strip()
