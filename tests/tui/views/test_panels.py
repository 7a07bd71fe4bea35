from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY
from distdiag_core.diagnosis.detection.impact import Impact, MetricChange
from distdiag_core.diagnosis.detection.ranking import Alternative, Diagnosis
from distdiag_core.incidents.incident import Incident, MeanChange, MeanImpact
from distdiag_core.incidents.validation import Validation
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import Progress, WorkloadState, WorkloadStatus
from distdiag_tui.drawing.format import clock
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views import panels, root_cause, root_causes, workloads
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, NOW_S, broken, calm, loaded, orphaned, troubled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.lines import Line


def view(snapshot: Snapshot) -> ViewState:
    return ViewState(snapshot, ANOMALIES, SETS["block"], snapshot.frame.time_s, snapshot.events)


def text(lines: Sequence[Line]) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def tones(lines: Sequence[Line], word: str) -> set[object]:
    return {tone for line in lines for part, tone in line if word in part}


def test_events_are_dated_by_the_wall_clock_as_it_is_set_now() -> None:
    before, snapshot = troubled(), troubled()
    snapshot = replace(snapshot, frame=replace(snapshot.frame, clock_offset_s=-3600.0))
    (then, _), (now, _) = (panels.event_line(view(each), each.events[0], 80)[0] for each in (before, snapshot))
    assert then == f" {clock(before.events[0].time_s)} "
    assert now == f" {clock(before.events[0].time_s - 3600)} "


def test_an_active_injection_counts_down() -> None:
    said = text(panels.anomaly_lines(view(troubled()), 34))
    assert "n2 CPU stress" in said
    assert "00:42" in said
    assert "active, high" in said


def test_what_is_not_seen_is_called_neither_calm_nor_free_of_injections() -> None:
    whole, partly = view(calm()), view(broken())
    assert text(root_causes.rows(whole, 120)) == "  ✔ no anomaly on any of 3 nodes; the model knows 3 kinds"
    assert root_causes.header(whole, 120) is None
    assert "none injected" in text(panels.anomaly_lines(whole, 40))
    assert "cannot be asked: n3" in text(panels.anomaly_lines(partly, 40))
    ranked = replace(partly.snapshot, diagnosis=calm().diagnosis)
    assert "nothing found on the 1 of 3 nodes that are seen whole" in text(root_causes.rows(view(ranked), 120))


def test_trouble_that_still_grows_says_how_far_it_is() -> None:
    assert "high: 5 of 12 indexes are there" in text(panels.anomaly_lines(view(orphaned()), 40))


def test_what_cannot_be_asked_about_workloads_is_not_called_idle() -> None:
    unknown = replace(calm(), workloads=(), workload_problems=("generator n3: no answer within 30 s",))
    lines = workloads.panel_lines(view(unknown), 80)
    assert "not known: generator n3: no answer within 30 s" in text(lines)
    assert "none runs" not in text(lines)
    assert tones(lines, "not known") == {"warn"}
    assert "none runs" in text(workloads.panel_lines(view(replace(unknown, workload_problems=())), 80))


def test_the_alarm_names_the_operators_own_key() -> None:
    alarmed = ViewState(orphaned(), ANOMALIES, SETS["block"], NOW_S, alarms=orphaned().events[:1])
    (line,) = panels.alarm_lines(alarmed, 80, "F9", "K")
    assert width_of(line) == 80
    assert "ALARM  09:29:29 the abort rule ends 51aa" in text([line])
    assert text([line]).endswith("F9: see it ")
    assert panels.alarm_lines(view(calm()), 80, "e", "K") == []


def test_the_alarm_says_what_is_wrong_before_it_says_where_files_lie() -> None:
    event = replace(
        orphaned().events[0], text="/home/op/.local/state/distdiag/audit.jsonl: its disk takes long to write"
    )
    alarmed = ViewState(orphaned(), ANOMALIES, SETS["block"], NOW_S, alarms=(event,))
    (line,) = panels.alarm_lines(alarmed, 80, "e", "K")
    assert "09:29:29 audit.jsonl: its disk takes long" in text([line])


def test_an_orphan_cannot_be_overlooked() -> None:
    snapshot = troubled()
    orphan = replace(snapshot.injections[0], state=InjectionState.ORPHANED, detail="stress-ng still runs")
    lines = panels.anomaly_lines(view(replace(snapshot, injections=(orphan,))), 34)
    assert "ORPHANED: stress-ng still runs" in text(lines)
    assert tones(lines, "ORPHANED") == {"bad"}


def test_what_is_known_of_a_node_in_one_line() -> None:
    said = text([panels.node_line(view(troubled()), "n2", 160)])
    for part in ("n2", "suspect", "CPU stress 0.98", "injected: CPU stress high, 00:42 left", "10.77.0.12", "zone2"):
        assert part in said
    down = text([panels.node_line(view(broken()), "n3", 160)])
    assert "down: ssh: no answer for 12 s on 10.77.0.13; sql: timed out" in down
    assert panels.node_line(view(calm()), "n9", 80) == ()


@pytest.mark.parametrize("state", [InjectionState.ARMING, InjectionState.ORPHANED])
def test_of_an_injection_without_a_deadline_that_counts_the_state_is_said(state: InjectionState) -> None:
    snapshot = troubled()
    injection = replace(snapshot.injections[0], state=state)
    said = text([panels.node_line(view(replace(snapshot, injections=(injection,))), "n2", 160)])
    assert f"injected: CPU stress high, {state}" in said
    assert "left" not in said


@pytest.mark.parametrize("width", [20, 50, 80, 200])
def test_the_title_never_overflows(width: int) -> None:
    assert width_of(panels.title(view(troubled()), width)) <= width


@pytest.mark.parametrize(
    ("width", "model"), [(80, " · model lab-default AC@1 0.98"), (70, " · model lab-default"), (50, "")]
)
def test_the_title_leaves_out_what_does_not_fit_instead_of_cutting_a_word(width: int, model: str) -> None:
    said = text([panels.title(view(troubled()), width)])
    assert f"3/3 nodes{model} · ● REC 00:12:31" in said


def test_the_title_says_when_nothing_is_written_down() -> None:
    snapshot = calm()
    assert snapshot.recording is not None
    full = replace(snapshot, recording=replace(snapshot.recording, problem="no space left on device"))
    assert "NOT RECORDING" in text([panels.title(view(full), 120)])
    assert "no space left on device" in text(panels.data_lines(view(full), 34))
    bare = replace(snapshot, recording=None, model=None)
    assert "no model · not recorded" in text([panels.title(view(bare), 120)])


def test_a_model_that_does_not_fit_says_so() -> None:
    snapshot = calm()
    assert snapshot.model is not None
    seen = view(replace(snapshot, model=replace(snapshot.model, warning="3 metrics missing, among them cpu user")))
    assert "among them" in text(panels.data_lines(seen, 34))
    assert "(see models)" in text([panels.title(seen, 120)])


def test_a_workload_in_each_of_its_states() -> None:
    request = WorkloadRequest(nodes=("n1",))

    def shown(status: WorkloadStatus | None) -> str:
        return text(workloads.panel_lines(view(replace(calm(), workloads=(status,) if status else ())), 34))

    assert "none runs" in shown(None)
    preparing = WorkloadStatus(request, WorkloadState.PREPARING, "filling table 2 of 4", progress=Progress(50, 100))
    assert " 50% ━━" in shown(preparing)
    assert "filling table 2 of 4" in shown(preparing)
    assert "no such table" in shown(WorkloadStatus(request, WorkloadState.FAILED, "no such table"))
    assert "prepare again" in shown(WorkloadStatus(request, WorkloadState.INTERRUPTED, "prepare again to go on"))
    running = text(workloads.panel_lines(view(troubled()), 34))
    assert "sysbench read_write 05:00 left" in running
    wide = text(workloads.panel_lines(view(troubled()), 50))
    assert wide.startswith(" ▶ sysbench read_write 4 thr           05:00 left\n")
    assert "895 tps  p95 188 ms" in running


def test_hours_that_are_left_are_shown_whole() -> None:
    snapshot = troubled()
    injections = tuple(replace(each, deadline_s=NOW_S + 8000.0) for each in snapshot.injections)
    running = tuple(replace(each, ends_s=NOW_S + 8000.0) for each in snapshot.workloads)
    long = view(replace(snapshot, injections=injections, workloads=running))
    for lines in (panels.anomaly_lines(long, 34), workloads.panel_lines(long, 34)):
        assert "2:13:20" in text(lines)
        assert max(map(width_of, lines)) <= 34
    # As far from the edge as the countdown above it.
    assert text(lines).startswith(" ▶ sysbench read_write    2:13:20\n")


def test_every_node_and_type_has_its_figures_in_the_workload_dialog() -> None:
    sysbench = troubled().workloads[0]
    said = text(workloads.detail(view(troubled()), sysbench, 60))
    assert "188 ms" in said
    preparing, tpcc = loaded().workloads
    said = text(workloads.detail(view(loaded()), tpcc, 70))
    assert "new order         24   71 ms  118 ms  160 ms" in said
    assert "tpmC 1.4k" in said
    assert "41k/100k, 5.2k rows/s, 00:11 left" in text(workloads.detail(view(loaded()), preparing, 60))


def test_a_benchmark_s_own_figures_are_all_shown_however_narrow() -> None:
    _, tpcc = loaded().workloads
    own = {"tpmc": 1200.0, "rolled_back_per_s": 1.9, "deliveries_queued": 2.0, "districts_skipped_per_s": 0.0}
    (name, measured), *_ = tpcc.figures.items()
    narrow = workloads.detail(view(loaded()), replace(tpcc, figures={name: replace(measured, extra=own)}), 40)
    said = " ".join(text(narrow).split())
    assert "tpmC 1.2k, rolled back 1.9/s, deliveries queued 2, districts skipped 0/s" in said


def test_several_runs_at_once() -> None:
    said = text(workloads.panel_lines(view(loaded()), 34))
    assert "sysbench read_write preparing" in said
    assert "tpcc mix 4 thr" in said
    assert "1.4k tpmC  p95 104 ms" in said


def test_ranked_root_causes() -> None:
    lines = root_causes.rows(view(troubled()), 120)
    assert text(lines).startswith("▲ 1  n2    CPU stress")
    assert tones(lines, "CPU stress") == {"warn"}
    assert max(map(width_of, lines)) <= 120
    assert root_causes.title(view(troubled()), 80) == "ROOT CAUSES · 1 suspected"
    assert root_causes.title(view(calm()), 80) == "ROOT CAUSES"
    assert "I/O stress" in text(lines)
    assert "0.06" not in text(lines)


def test_the_ranks_of_those_that_are_shown_have_no_gap() -> None:
    snapshot = troubled()
    assert snapshot.diagnosis is not None
    first, second, *_ = snapshot.diagnosis.root_causes
    third = replace(first, node="n3", rank=3)
    diagnosis = replace(snapshot.diagnosis, root_causes=(first, replace(second, confidence=0.01, onset_s=None), third))
    seen = view(replace(snapshot, diagnosis=diagnosis))
    assert [line[1:3] for line in text(root_causes.rows(seen, 120)).split("\n")] == [" 1", " 2"]
    assert "rank 2" in text(root_cause.detail(seen, third, 100))
    assert "rank" not in text(root_cause.detail(seen, second, 100)[:1])


def test_why_there_is_no_diagnosis() -> None:
    waiting = replace(calm(), diagnosis=None)
    assert "waiting for the first diagnosis" in text(root_causes.rows(view(waiting), 80))
    bare = replace(waiting, model=None, diagnosis=Diagnosis(0.0, anomalous=False))
    assert "without a model" in text(root_causes.rows(view(bare), 80))
    assert "too little clean past yet" in text(root_causes.rows(view(broken()), 80))


def test_no_known_kind_two_that_look_alike_and_a_change_of_load_are_said() -> None:
    snapshot = troubled()
    assert snapshot.diagnosis is not None
    first, *others = snapshot.diagnosis.root_causes
    unclear = replace(first, node="n1", anomaly="network_delay", alternative=Alternative("network_loss", 0.9))
    unknown = replace(first, anomaly=UNKNOWN_ANOMALY)
    diagnosis = replace(snapshot.diagnosis, root_causes=(unknown, unclear, *others), load_changes=("n1", "n3"))
    seen = view(replace(snapshot, diagnosis=diagnosis))
    assert "n2    no known kind" in text(root_causes.rows(seen, 120))
    assert "from every kind that is known" in text(root_cause.detail(seen, unknown, 120))
    said = root_causes.title(seen, 120)
    assert "n1 looks like Network delay or Network loss" in said
    assert "load change on 2 nodes" in said


def impaired() -> Snapshot:
    """The root cause costs n2 most of its throughput, the incident goes on, and a model missed what was injected."""
    snapshot = troubled()
    diagnosis = snapshot.diagnosis
    assert diagnosis is not None
    throughput = MetricChange("workload.tps", 71.0, 412.0, 0.97)
    whole = MeanImpact("", MeanChange("workload.tps", 895.0, 1236.0))
    first, *others = diagnosis.root_causes
    cost = Impact(throughput, MetricChange("workload.p95", 188.0, 12.4))
    onset_s = snapshot.frame.time_s - 38
    return replace(
        snapshot,
        diagnosis=replace(diagnosis, root_causes=(replace(first, impact=cost), *others)),
        incident=Incident(3, onset_s, onset_s + 4, snapshot.frame.time_s, impacts=(whole,)),
        validation=Validation(14, 15),
    )


def test_the_impact_of_a_root_cause_is_in_the_table_where_there_is_room_and_in_its_details() -> None:
    scene = view(impaired())
    diagnosis = scene.snapshot.diagnosis
    assert diagnosis is not None
    first, second, *_ = diagnosis.root_causes

    header, narrow = root_causes.header(scene, 200), root_causes.header(scene, 80)
    assert header is not None
    assert narrow is not None
    assert "node impact" in text([header])
    assert "tps -83 %, latency x15.2" in text(root_causes.rows(scene, 200)[:1])
    assert "impact" not in text([narrow])
    assert all(width_of(line) <= 80 for line in root_causes.rows(scene, 80))
    details = text(root_cause.detail(scene, first, 100))
    assert "71/s where 412/s was expected, on the other nodes x0.97 meanwhile" in details
    assert "impact" not in text(root_cause.detail(scene, second, 100))
    assert all(width_of(line) <= 76 for line in root_cause.detail(scene, first, 76))
    unknown = text(root_cause.detail(scene, replace(first, impact=None), 100))
    assert "node impact not known" in unknown


def test_the_incident_and_what_was_named_are_beside_the_verdict() -> None:
    verdict = root_causes.title(view(impaired()), 120)

    assert "incident 3 since " in verdict
    assert verdict.index("tps -28 %") < verdict.index("incident")
    assert verdict.endswith("14 of 15 injections named")
    # Where there is less room, whole parts are left out.
    assert root_causes.title(view(impaired()), 90).split(" · ") == verdict.split(" · ")[:4]
    due = replace(impaired(), validation=Validation(4, 15, "few were named"))
    assert root_causes.title(view(due), 120).endswith("4 of 15 injections named, train anew")
