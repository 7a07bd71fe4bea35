"""What the panels beside the wall say: pure functions from a view state and a width to lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cluster.status import LinkState
from distdiag_tui.drawing.format import clock, countdown, figure, stopwatch
from distdiag_tui.drawing.lines import BLANK, Line, Span, Tone, block, fit, width_of
from distdiag_tui.views import collecting
from distdiag_tui.views.page_title import cluster_name
from distdiag_tui.views.view_state import ViewState, mark

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.recording.events import Event, Level
    from distdiag_core.runtime.replay_status import ReplayStatus
    from distdiag_core.runtime.snapshot import Snapshot

# Below this the title leaves out what seldom changes.
_WIDE = 100
# More have no room in the panel; the events screen has them all.
_EVENTS_IN_PANEL = 30
# The directories of an absolute path of more than one.
_DIRECTORIES = re.compile(r"(?<!\S)/(?:[^\s/:]+/){2,}")
_LEVEL_TONES: dict[Level, Tone] = {"info": "plain", "warning": "warn", "error": "bad"}


def title(view: ViewState, width: int) -> Line:
    """The first line of the screen: which cluster, how it is, who diagnoses, what is recorded."""
    snapshot = view.snapshot
    up = sum(status.state == "up" for status in snapshot.nodes)
    everyone = up == len(snapshot.nodes)
    dot: Span = (f" {view.glyphs.dot} ", "muted")
    spans: list[Span] = [(" distdiag ", "accent"), *cluster_name(snapshot.cluster)]
    if snapshot.cluster.production:
        spans += [(" ", "plain"), (" PROD ", "badge")]
    if snapshot.simulated:
        spans += [(" ", "plain"), (" SIMULATED ", "badge")]
    elif snapshot.replay is not None:
        spans += [(" ", "plain"), (" REPLAY ", "badge"), (f" {_position(view, snapshot.replay)}", "strong")]
    elif snapshot.cluster.read_only:
        spans.append((" [RO]", "warn"))
    spans += [dot, (f"{up}/{len(snapshot.nodes)} nodes", "plain" if everyone else "warn")]
    if silent := view.silent_s:
        spans += [dot, (f"stale for {silent:.0f} s", "bad")]
    elif width >= _WIDE:
        spans += [dot, (f"{snapshot.cluster.interval_s:.1f} s", "plain")]
    rest: list[Span] = [dot, *_recording(view)] if snapshot.replay is None else []
    if view.served:
        rest += [dot, (f"metrics :{view.served.rpartition(':')[2]}", "plain")]
    # In the place of half a word: the model without its quality, then no model.
    for model in ([dot, *_model(snapshot)], [dot, *_model_name(snapshot)], []):
        line = (*spans, *model, *rest)
        if width_of(line) <= width:
            return line
    return _within(line, width, view)


def _position(view: ViewState, replay: ReplayStatus) -> str:
    """Where the replay is, by the clock of that day and since its begin, and how it goes on."""
    now_s = view.snapshot.frame.time_s
    passed, whole = stopwatch(now_s - replay.start_s), stopwatch(replay.end_s - replay.start_s)
    state = "paused" if replay.paused else "at the end" if replay.at_end else f"x{replay.speed}"
    return f"{clock(view.wall_s(now_s))} {state} {passed}/{whole}"


def alarm_lines(view: ViewState, width: int, key: str, clusters_key: str) -> list[Line]:
    """The newest error that nobody has looked at, else the trouble of another cluster, and the key that shows it."""
    if not view.alarms:
        return _elsewhere(view, width, clusters_key)
    newest, more = view.alarms[0], len(view.alarms) - 1
    rest = f"  {more} more" if more else ""
    how = f"{rest}  {key}: see it "
    # A long path would leave no room for what is wrong; the list of events has it whole.
    said = _DIRECTORIES.sub("", newest.text)
    text = view.glyphs.fit(f" {clock(view.wall_s(newest.time_s))} {said}", width - 9 - len(how))
    return [((f" {view.glyphs.down} ALARM ", "badge"), (text, "bad"), (how, "strong"))]


def _elsewhere(view: ViewState, width: int, key: str) -> list[Line]:
    """The trouble of a cluster that is open and not on the screen; no line where there is none."""
    if not view.elsewhere:
        return []
    (name, what), more = view.elsewhere[0], len(view.elsewhere) - 1
    rest = f"  {more} more" if more else ""
    how = f"{rest}  {key}: clusters "
    badge = f" {name} "
    text = view.glyphs.fit(f" {_DIRECTORIES.sub('', what)}", width - len(badge) - len(how) - 1)
    return [((" ", "plain"), (badge, "badge"), (text, "warn"), (how, "strong"))]


def _model(snapshot: Snapshot) -> list[Span]:
    spans = _model_name(snapshot)
    if snapshot.model is None:
        return spans
    if snapshot.model.ac1 is not None:
        spans.append((f" AC@1 {snapshot.model.ac1:.2f}", "plain"))
    return [*spans, (" (see models)", "warn")] if snapshot.model.warning else spans


def _model_name(snapshot: Snapshot) -> list[Span]:
    model = snapshot.model
    return [("no model", "muted")] if model is None else [(f"model {model.name}", "warn" if model.warning else "plain")]


def _recording(view: ViewState) -> list[Span]:
    recording = view.snapshot.recording
    if recording is None:
        return [("not recorded", "muted")]
    if recording.problem:
        return [("NOT RECORDING", "bad")]
    passed = stopwatch(view.snapshot.frame.time_s - recording.started_s)
    return [(f"{view.glyphs.record} ", "accent"), (f"REC {passed}", "plain")]


def node_line(view: ViewState, node: str, width: int) -> Line:
    """One node in words: where it is, how it is and why, and what is done to it."""
    status = view.status(node)
    if status is None:
        return BLANK
    condition, dot = mark(view, status), f" {view.glyphs.dot} "
    host = next((known.host for known in view.snapshot.cluster.nodes if known.name == node), "")
    spans: list[Span] = [(f" {node}", "strong")]
    spans += [(dot, "muted"), (f"{condition.sign} {condition.word}", condition.tone)]
    if reason := "; ".join(view.snapshot.reasons(node)):
        spans.append((f": {reason}", "plain"))
    for cause in view.causes(node):
        spans += [(dot, "muted"), (f"{view.anomaly_label(cause.anomaly)} {cause.confidence:.2f}", "warn")]
    for injection in view.injections(node):
        label = view.anomaly_label(injection.anomaly)
        spans += [(dot, "muted"), (f"injected: {label} {injection.severity}, {view.time_left(injection)}", "plain")]
    # A recording knows the nodes by their names alone.
    spans += [(f"{dot}{part}", "muted") for part in (host, status.zone) if part not in ("", node)]
    return _within(tuple(spans), width, view)


def _none_injected(view: ViewState, width: int) -> list[Line]:
    """What cannot be asked is not known to be free of injections."""
    unasked = [status.node for status in view.snapshot.nodes if status.ssh.state is LinkState.DOWN]
    if not unasked:
        return [((" none injected", "muted"),)]
    return block(" ", f"none known of; cannot be asked: {', '.join(unasked)}", width, "warn")


def anomaly_lines(view: ViewState, width: int) -> list[Line]:
    """What is injected, with its countdown."""
    lines = block(" ", view.clearing, width, "warn") if view.clearing else []
    lines += collecting.held_lines(view, width)
    if not view.snapshot.injections:
        return lines or _none_injected(view, width)
    # Orphans first: they wait for somebody.
    for injection in sorted(view.snapshot.injections, key=lambda each: each.state is not InjectionState.ORPHANED):
        active = injection.state is InjectionState.ACTIVE
        left = f" {countdown(injection.deadline_s - view.now_s)} left" if active else ""
        name = view.glyphs.fit(f" {injection.node} {view.anomaly_label(injection.anomaly)}", width - 1 - len(left))
        lines.append(((name, "warn"), (left, "strong")))
        lines.append((("   ", "plain"), *injection_state(injection, width - 3)))
    return lines


def injection_state(injection: Injection, width: int) -> Line:
    """State and severity; for what went wrong, why, and for what still grows, how far it is."""
    tone: Tone = "bad" if injection.state is InjectionState.ORPHANED else "muted"
    state = injection.state.upper() if tone == "bad" else str(injection.state)
    # The lease says how the effect was proved, then what the anomaly's program reports.
    _, _, progress = injection.detail.partition("; ")
    if tone == "bad":
        text = f"{state}: {injection.detail}" if injection.detail else state
    else:
        text = f"{injection.severity}: {progress}" if progress else f"{state}, {injection.severity}"
    return ((fit(text, width, ellipsis="."), tone),)


def data_lines(view: ViewState, width: int) -> list[Line]:
    """Model and recording, and what is wrong with either."""
    snapshot, lines = view.snapshot, list[Line]()
    if snapshot.model is None:
        lines.append(((" no model: kinds are not named", "muted"),))
    else:
        kinds = len(snapshot.model.anomalies)
        lines.append(((f" {snapshot.model.name}", "plain"), (f"  {kinds} anomalies", "muted")))
        if snapshot.model.warning:
            lines += block(" ", snapshot.model.warning, width, "warn")
    if recording := snapshot.recording:
        size = figure(recording.size_bytes, "bytes")
        if recording.problem:
            lines.append(((view.glyphs.fit(f" {recording.problem}", width), "bad"),))
        else:
            name = recording.path.rsplit("/", 1)[-1]
            lines.append(
                (
                    (view.glyphs.fit(f" {name}", width - 7), "muted"),
                    (fit(size, 6, "right"), "plain"),
                )
            )
    if view.served:
        lines.append(((view.glyphs.fit(f" metrics at {view.served}", width), "muted"),))
    return lines


def event_lines(view: ViewState, width: int) -> list[Line]:
    """The newest events first, each with its whole text."""
    lines: list[Line] = []
    for event in view.events[:_EVENTS_IN_PANEL]:
        sign, tone = _event_sign(view, event), _LEVEL_TONES[event.level]
        said = block(f" {clock(view.wall_s(event.time_s))} ", f"{sign} {event.text}", width, tone)
        lines += said
    return lines or [((" nothing yet", "muted"),)]


def event_line(view: ViewState, event: Event, width: int) -> Line:
    """One event on one line."""
    text = view.glyphs.fit(f"{_event_sign(view, event)} {event.text}", width - 10)
    return ((f" {clock(view.wall_s(event.time_s))} ", "muted"), (text, _LEVEL_TONES[event.level]))


def _event_sign(view: ViewState, event: Event) -> str:
    return {"info": " ", "warning": view.glyphs.warning, "error": view.glyphs.down}[event.level]


def _within(line: Line, width: int, view: ViewState) -> Line:
    """As much of a line as fits, marked where something was left out."""
    spans: list[Span] = []
    left = width
    for text, tone in line:
        if len(text) > left:
            spans.append((view.glyphs.fit(text, left), tone))
            break
        spans.append((text, tone))
        left -= len(text)
    return tuple(spans)
