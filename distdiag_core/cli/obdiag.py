"""`distdiag obdiag`: checks and root cause scenes of obdiag, and which of them fit an anomaly."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.options import as_json, permission
from distdiag_core.cli.output import emit, put, say, table
from distdiag_core.cli.recording_option import reading, recording_option, writable_path
from distdiag_core.cli.run import run
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.obdiag.call import Call, Verb
    from distdiag_core.obdiag.evidence import ObdiagEvidence
    from distdiag_core.obdiag.sysstat_archive import SysstatHistory
    from distdiag_core.operations.gate import Permission


_ARGUMENTS: dict[Verb, str] = {"check": "TASKS", "rca": "SCENE"}


@dataclass(frozen=True, slots=True)
class _Asking:
    """What checks and scenes are asked with: for which anomaly, kept in which incident, permitted, and printed how.

    Attributes:
        what: the recording of the incident; None for the newest of the cluster.
    """

    anomaly: str | None
    incident: int | None
    what: str | None
    permission: Permission
    as_json: bool


def _asking(command: Callable[..., None]) -> Callable[..., None]:
    """The options of what asks obdiag, given to the command as `asking`."""

    @click.option(
        "--anomaly", shell_complete=completed_values.anomalies, metavar="NAME", help="Run those that fit this anomaly."
    )
    @click.option("--incident", metavar="ID", type=click.IntRange(min=1), help="Keep the evidence in this incident.")
    @recording_option
    @permission
    @as_json
    @wraps(command)
    def call(
        *arguments: Any,  # noqa: ANN401 - as click has it
        anomaly: str | None,
        incident: int | None,
        what: str | None,
        permission: Permission,
        as_json: bool,
        **options: Any,  # noqa: ANN401 - as click has it
    ) -> None:
        command(*arguments, asking=_Asking(anomaly, incident, what, permission, as_json), **options)

    return call


@click.group(cls=VerbGroup)
def obdiag() -> None:
    """Ask obdiag, the diagnostic tool of OceanBase, which has to be installed here: evidence beside a diagnosis."""


@obdiag.command("list")
@click.argument("anomaly", shell_complete=completed_values.anomalies, required=False)
@as_json
def list_calls(anomaly: str | None, *, as_json: bool) -> None:
    """The checks and scenes that fit ANOMALY, or each anomaly, by the advice on it."""
    found = _calls_by_anomaly(anomaly)
    if as_json:
        emit({name: [{"verb": call.verb, "name": call.name} for call in calls] for name, calls in found.items()})
        return
    table(
        ("ANOMALY", "VERB", "NAME"), [(name, call.verb, call.name) for name, calls in found.items() for call in calls]
    )


@obdiag.command()
@click.argument("tasks", required=False)
@_asking
@click.pass_obj
def check(target: Target, tasks: str | None, *, asking: _Asking) -> None:
    """Run the checks TASKS, for instance 'cpu.*;disk.*', or those that fit an anomaly."""
    _ask(target, _calls("check", tasks, asking.anomaly), asking)


@obdiag.command()
@click.argument("scene", required=False)
@click.option("--env", multiple=True, metavar="KEY=VALUE", help="What the scene wants to know; may be repeated.")
@_asking
@click.pass_obj
def rca(target: Target, scene: str | None, *, env: tuple[str, ...], asking: _Asking) -> None:
    """Run the root cause scene SCENE, or those that fit an anomaly; it collects logs in files on the nodes."""
    _ask(target, _calls("rca", scene, asking.anomaly, env), asking)


@obdiag.command()
@permission
@as_json
@click.pass_obj
def sysstat(target: Target, *, permission: Permission, as_json: bool) -> None:
    """The history of tsar on every node by `obdiag gather sysstat`: figures of the past hours, not of now."""
    settings = target.settings_to_change(permission)

    async def gather() -> tuple[SysstatHistory, ...]:
        from distdiag_core.operations.obdiag import connect_obdiag

        async with connect_obdiag(settings, permission, shells=True) as verbs:
            return await verbs.gather_sysstat(tell=partial(_say, "gather sysstat"))

    found = run(gather())
    for each in found:
        for note in each.notes:
            say(f"note: {each.node}: {note}")
    if as_json:
        emit([asdict(each) | {"period_s": each.period_s} for each in found])
        return
    rows = [row for each in found if each.rows for row in _newest(each)]
    if rows:
        table(("NODE", "FIGURE", "NEWEST", "AT", "AGE", "EVERY", "ROWS"), rows)


def _newest(history: SysstatHistory) -> list[tuple[str, ...]]:
    """A row for each figure: its newest value, and how old that is."""
    newest: dict[str, tuple[float, float]] = {}
    for row in history.rows:
        newest |= {name: (row.time_s, value) for name, value in row.values.items()}
    return [
        (
            history.node,
            name,
            f"{value:g}",
            time.strftime("%m-%d %H:%M", time.localtime(time_s)),
            f"{max(0.0, time.time() - time_s) / 60:.0f} min",
            f"{history.period_s:.0f} s",
            str(len(history.rows)),
        )
        for name, (time_s, value) in sorted(newest.items())
    ]


def _ask(target: Target, calls: Sequence[Call], asking: _Asking) -> None:
    changes = any(call.effect != "looks" for call in calls)
    settings = target.settings_to_change(asking.permission) if changes else target.settings()
    # Before minutes of work, whose result would then have no place.
    keep = _keeper(target, asking.incident, asking.what) if asking.incident is not None else None
    found = run(_run(settings, calls, asking.permission))
    if keep is not None:
        for each in found:
            keep(each)
        say(f"kept in incident {asking.incident}")
    if asking.as_json:
        emit(found)
        return
    for each in found:
        _print(each)


async def _run(settings: ClusterSettings, calls: Sequence[Call], permission: Permission) -> list[ObdiagEvidence]:
    from distdiag_core.operations.obdiag import connect_obdiag

    async with connect_obdiag(settings, permission) as verbs:
        return [await verbs.run(call, tell=partial(_say, call.title)) for call in calls]


def _say(title: str, progress: str) -> None:
    say(f"{title}: {progress}")


def _keeper(target: Target, number: int, what: str | None) -> Callable[[ObdiagEvidence], None]:
    from distdiag_core.cli.incidents import find
    from distdiag_core.cluster import operator
    from distdiag_core.incidents import incident_files

    with reading(target, what) as recording:
        find(recording, number)
        file = writable_path(recording, what)
    return lambda found: incident_files.keep_evidence(file, number, operator.account(), found)


def _calls_by_anomaly(anomaly: str | None) -> dict[str, tuple[Call, ...]]:
    from distdiag_core.anomalies import advice_catalogue
    from distdiag_core.obdiag.call import calls_of

    known = advice_catalogue.load()
    if anomaly is not None and anomaly not in known:
        raise ConfigError(f"there is no advice on {quoted(anomaly)}", hint=f"there is on {', '.join(sorted(known))}")
    names = sorted(known) if anomaly is None else [anomaly]
    return {name: calls_of(known[name].obdiag, f"advice on {name}: ") for name in names}


def _calls(verb: Verb, name: str | None, anomaly: str | None, env: tuple[str, ...] = ()) -> list[Call]:
    """The check or scene of this name, or those that fit an anomaly.

    Raises:
        ConfigError: neither is given, or both; or none fits.
    """
    from distdiag_core.obdiag.call import Call

    if name is not None and anomaly is None:
        return [Call(verb, name, env)]
    if name is not None or anomaly is None:
        raise ConfigError(f"name either {_ARGUMENTS[verb]} or --anomaly NAME", where=f"obdiag {verb}")
    found = [replace(call, env=env) for call in _calls_by_anomaly(anomaly)[anomaly] if call.verb == verb]
    if not found:
        raise ConfigError(f"no {verb} of obdiag fits {anomaly}", hint="`distdiag obdiag list` has what fits what")
    return found


def _print(found: ObdiagEvidence) -> None:
    put(str(found))
    for note in found.notes:
        put(f"  note: {note}")
    for suggestion in found.suggestions:
        _indented("  suggestion: ", suggestion)
    for each in found.findings:
        _indented(f"  {each.level}{f' {each.subject}' if each.subject else ''}: ", each.text)


def _indented(head: str, text: str) -> None:
    first, *others = lines_of(text)
    put(f"{head}{first}")
    for line in others:
        put(f"    {line}")
