"""Figures and notes of the query meter."""

from __future__ import annotations

from distdiag_core.workloads.benchmarks.tpch.query_meter import QueryMeter


def test_a_second_is_counted_once() -> None:
    meter = QueryMeter(2)
    meter.finished(3, 0.25)
    meter.failed(4, "refused")
    first, second = meter.take(1.0), meter.take(1.0)

    assert (first.tps, first.errors_per_s, first.threads, first.p95_ms) == (1, 1, 2, 250)
    assert set(first.types) == {"q03", "q04"}
    assert (second.tps, second.errors_per_s, second.types) == (0, 0, {})


def test_a_failed_query_is_in_the_note_until_it_is_answered() -> None:
    meter = QueryMeter(1)
    meter.failed(4, "time-out (error 4012)")
    meter.take(1.0)

    assert meter.take(1.0).note == "query 4 is not answered: time-out (error 4012)"
    meter.finished(4, 0.1)
    assert meter.take(1.0).note == ""


def test_the_note_gives_the_errors_of_two_queries_and_the_numbers_of_the_others() -> None:
    meter = QueryMeter(1)
    for query in (9, 2, 17, 15):
        meter.failed(query, "refused")

    assert meter.take(1.0).note == (
        "query 2 is not answered: refused; query 9 is not answered: refused; nor are queries 15, 17"
    )
