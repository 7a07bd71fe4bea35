"""What the panels beside the wall say: pure functions from a scene and a width to lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cluster.status import LinkState
from distdiag_tui.drawing.format import clock, countdown, figure, stopwatch
from distdiag_tui.drawing.lines import BLANK, Line, Span, Tone, block, fit
from distdiag_tui.views import collecting
from distdiag_tui.views.view_state import Scene, mark

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.recording.events import Event, Level
    from distdiag_core.runtime.snapshot import Snapshot

# Below this the title leaves out what seldom changes.
_ROOMY = 100
# More have no room in the panel; the events screen has them all.
_EVENTS_IN_PANEL = 30
_LEVEL_TONES: dict[Level, Tone] = {"info": "plain", "warning": "warn", "error": "bad"}


def title(scene: Scene, width: int) -> Line:
    """The first line of the screen: which cluster, how it is, who diagnoses, what is recorded."""
    snapshot = scene.snapshot
    up = sum(status.state == "up" for status in snapshot.nodes)
    everyone = up == len(snapshot.nodes)
    dot: Span = (f" {scene.glyphs.dot} ", "muted")
    spans: list[Span] = [(" distdiag ", "accent"), (f" {snapshot.cluster.name}", "strong")]
    if snapshot.cluster.production:
        spans += [(" ", "plain"), (" PROD ", "badge")]
    if snapshot.cluster.read_only:
        spans.append((" [RO]", "warn"))
    spans += [dot, (f"{up}/{len(snapshot.nodes)} nodes", "plain" if everyone else "warn")]
    if silent := scene.silent_s:
        spans += [dot, (f"no news for {silent:.0f} s", "bad")]
    elif width >= _ROOMY:
        spans += [dot, (f"{snapshot.cluster.interval_s:.1f} s", "plain")]
    spans += [dot, *_model(snapshot), dot, *_recording(scene)]
    return _within(tuple(spans), width, scene)


def alarm_lines(scene: Scene, width: int, key: str) -> list[Line]:
    """The newest error that nobody has looked at, and the key that shows it; no line where there is none."""
    if not scene.alarms:
        return []
    newest, more = scene.alarms[0], len(scene.alarms) - 1
    rest = f"  {more} more" if more else ""
    how = f"{rest}  {key}: see it "
    text = scene.glyphs.fit(f" {clock(newest.time_s)} {newest.text}", width - 9 - len(how))
    return [((f" {scene.glyphs.down} ALARM ", "badge"), (text, "bad"), (how, "strong"))]


def _model(snapshot: Snapshot) -> list[Span]:
    if snapshot.model is None:
        return [("no model", "muted")]
    ac1 = snapshot.model.ac1
    spans: list[Span] = [(f"model {snapshot.model.name}{f' AC@1 {ac1:.2f}' if ac1 is not None else ''}", "plain")]
    return [*spans, (" (see data)", "warn")] if snapshot.model.warning else spans


def _recording(scene: Scene) -> list[Span]:
    recording = scene.snapshot.recording
    if recording is None:
        return [("not recorded", "muted")]
    if recording.problem:
        return [("NOT RECORDING", "bad")]
    passed = stopwatch(scene.snapshot.frame.time_s - recording.started_s)
    return [(f"{scene.glyphs.record} ", "accent"), (f"REC {passed}", "plain")]


def node_line(scene: Scene, node: str, width: int) -> Line:
    """One node in words: where it is, how it is and why, and what is done to it."""
    status = next((status for status in scene.snapshot.nodes if status.node == node), None)
    if status is None:
        return BLANK
    condition, dot = mark(scene, status), f" {scene.glyphs.dot} "
    host = next((known.host for known in scene.snapshot.cluster.nodes if known.name == node), "")
    spans: list[Span] = [(f" {node}", "strong")]
    spans += [(dot, "muted"), (f"{condition.sign} {condition.word}", condition.tone)]
    if reason := status.reason or scene.trouble(node):
        spans.append((f": {reason}", "plain"))
    for cause in scene.causes(node):
        spans += [(dot, "muted"), (f"{scene.anomaly_label(cause.anomaly)} {cause.confidence:.2f}", "warn")]
    for injection in scene.injections(node):
        left = countdown(injection.deadline_s - scene.now_s)
        spans += [
            (dot, "muted"),
            (f"injected: {scene.anomaly_label(injection.anomaly)} {injection.severity}, {left} left", "plain"),
        ]
    spans += [(f"{dot}{part}", "muted") for part in (host, status.zone) if part]
    return _within(tuple(spans), width, scene)


def _none_injected(scene: Scene, width: int) -> list[Line]:
    """What cannot be asked is not known to be free of injections."""
    unasked = [status.node for status in scene.snapshot.nodes if status.ssh.state is LinkState.DOWN]
    if not unasked:
        return [((" none injected", "muted"),)]
    return block(" ", f"none known of; cannot be asked: {', '.join(unasked)}", width, "warn")


def anomaly_lines(scene: Scene, width: int) -> list[Line]:
    """What is injected, with its countdown."""
    lines = block(" ", scene.clearing, width, "warn") if scene.clearing else []
    lines += collecting.held_lines(scene, width)
    if not scene.snapshot.injections:
        return lines or _none_injected(scene, width)
    # Orphans first: they wait for somebody.
    for injection in sorted(scene.snapshot.injections, key=lambda each: each.state is not InjectionState.ORPHANED):
        name = scene.glyphs.fit(f" {injection.node} {scene.anomaly_label(injection.anomaly)}", width - 7)
        if injection.state is InjectionState.ACTIVE:
            lines.append(((name, "warn"), (fit(countdown(injection.deadline_s - scene.now_s), 6, "right"), "strong")))
        else:
            lines.append(((name, "warn"), (" " * 6, "plain")))
        lines.append((("   ", "plain"), *injection_state(injection, width - 3)))
    return lines


def injection_state(injection: Injection, width: int) -> Line:
    """State and severity; for what went wrong, why, and for what still grows, how far it is."""
    tone: Tone = "bad" if injection.state is InjectionState.ORPHANED else "muted"
    state = injection.state.upper() if tone == "bad" else str(injection.state)
    # The lease says how the effect was proved, then what the trouble itself has to say.
    _, _, progress = injection.detail.partition("; ")
    if tone == "bad":
        text = f"{state}: {injection.detail}" if injection.detail else state
    else:
        text = f"{injection.severity}: {progress}" if progress else f"{state}, {injection.severity}"
    return ((fit(text, width, ellipsis="."), tone),)


def data_lines(scene: Scene, width: int) -> list[Line]:
    """Model and recording, and what is wrong with either."""
    snapshot, lines = scene.snapshot, list[Line]()
    if snapshot.model is None:
        lines.append(((" no model: figures only, no diagnosis", "muted"),))
    else:
        kinds = len(snapshot.model.anomalies)
        lines.append(((f" {snapshot.model.name}", "plain"), (f"  {kinds} anomalies", "muted")))
        if snapshot.model.warning:
            lines.append(((scene.glyphs.fit(f" {snapshot.model.warning}", width), "warn"),))
    if recording := snapshot.recording:
        size = figure(recording.size_bytes, "bytes")
        if recording.problem:
            lines.append(((scene.glyphs.fit(f" {recording.problem}", width), "bad"),))
        else:
            name = recording.path.rsplit("/", 1)[-1]
            lines.append(
                (
                    (scene.glyphs.fit(f" {name}", width - 6), "muted"),
                    (fit(size, 6, "right"), "plain"),
                )
            )
    return lines


def event_lines(scene: Scene, width: int) -> list[Line]:
    """The newest events first, each with its whole text."""
    lines: list[Line] = []
    for event in scene.events[:_EVENTS_IN_PANEL]:
        sign, tone = _event_sign(scene, event), _LEVEL_TONES[event.level]
        said = block(f" {clock(event.time_s)} ", f"{sign} {event.text}", width, tone)
        lines += said
    return lines or [((" nothing yet", "muted"),)]


def event_line(scene: Scene, event: Event, width: int) -> Line:
    """One event on one line."""
    text = scene.glyphs.fit(f"{_event_sign(scene, event)} {event.text}", width - 10)
    return ((f" {clock(event.time_s)} ", "muted"), (text, _LEVEL_TONES[event.level]))


def _event_sign(scene: Scene, event: Event) -> str:
    return {"info": " ", "warning": scene.glyphs.warning, "error": scene.glyphs.down}[event.level]


def _within(line: Line, width: int, scene: Scene) -> Line:
    """As much of a line as fits, marked where something was left out."""
    spans: list[Span] = []
    left = width
    for text, tone in line:
        if len(text) > left:
            spans.append((scene.glyphs.fit(text, left), tone))
            break
        spans.append((text, tone))
        left -= len(text)
    return tuple(spans)
