"""The gate that every operation on a cluster passes, whichever front end asks: its rules, then the audit log."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.errors import RefusedError
from distdiag_core.obdiag.obdiag_settings import ObdiagSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.audit import Auditor

Effect = Literal["looks", "collects", "changes", "ends"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the core.

    Attributes:
        name: as the audit log has it.
        method: the class and method that carry it out.
        effect: `looks` changes nothing; `changes` is held against all rules; `collects` as well, but for a read-only
            cluster whose file allows obdiag to collect files, which are removed again; `ends` removes an injection or
            a load, and is always allowed.
        needs_audit: it is refused when the audit log cannot be written.
    """

    name: str
    method: str
    effect: Effect
    needs_audit: bool = False


OPERATIONS = {
    each.name: each
    for each in (
        Operation("list injections", "Injections.active", "looks"),
        Operation("plan", "Injections.plan", "looks"),
        Operation("inject", "Injections.inject", "changes", needs_audit=True),
        Operation("plan compound", "Injections.plan_compound", "looks"),
        Operation("inject compound", "Injections.inject_compound", "changes", needs_audit=True),
        Operation("call off", "Injections.call_off", "ends"),
        Operation("clear", "Injections.clear", "ends"),
        Operation("clear all", "Injections.clear_all", "ends"),
        Operation("abort", "Injections.abort", "ends"),
        Operation("prepare workload", "Workloads.prepare", "changes"),
        Operation("start workload", "Workloads.start", "changes"),
        Operation("stop workload", "Workloads.stop", "ends"),
        Operation("clean up workload", "Workloads.cleanup", "changes"),
        Operation("check workload", "Workloads.check", "looks"),
        Operation("list workloads", "Workloads.statuses", "looks"),
        Operation("look for prepared tables", "Workloads.look_for_tables", "looks"),
        Operation("list runs", "Workloads.history", "looks"),
        Operation("list sessions", "Sessions.listed", "looks"),
        Operation("top sql", "Sessions.top_sql", "looks"),
        Operation("list parameters", "Parameters.report", "looks"),
        Operation("check by obdiag", "Obdiag.run", "looks"),
        Operation("gather by obdiag", "Obdiag.gather_sysstat", "collects", needs_audit=True),
        Operation("run obdiag", "Obdiag.run", "collects", needs_audit=True),
        Operation("start a job by obdiag", "Obdiag.run", "changes", needs_audit=True),
        Operation("kill session", "Sessions.kill", "changes", needs_audit=True),
    )
}
"""Every operation that front ends can ask for, by name."""


def check(settings: ClusterSettings, name: str, nodes: Sequence[str] = (), confirmed: str = "") -> None:
    """Hold an operation on `nodes` against the rules of the cluster file.

    Args:
        confirmed: the cluster's name, where the operator repeated it.

    Raises:
        RefusedError: the cluster is read-only, or in production and not confirmed, a node is protected, or there are
            more nodes than may be changed at once.
    """
    effect = OPERATIONS[name].effect
    if effect in ("looks", "ends"):
        return
    collects = effect == "collects"
    if settings.read_only and not (collects and settings.section(ObdiagSettings).on_read_only):
        also = "; obdiag.on_read_only: true lets obdiag collect files below /tmp, and nothing more" if collects else ""
        hint = f"set it to false to allow changes{also}"
        raise _refused(settings, "read_only", f"{name}: this cluster is read-only", hint)
    check_confirmed(settings, confirmed)
    for node in nodes:
        if node in settings.section(Protection).nodes:
            raise _refused(settings, "protect.nodes", f"{name}: {node} is never to be touched")
    most = settings.section(Protection).max_nodes
    if most is not None and len(set(nodes)) > most:
        raise _refused(settings, "protect.max_nodes", f"{name}: {len(set(nodes))} nodes at once are more than {most}")


@dataclass(frozen=True, slots=True)
class Permission:
    """What the operator said for a whole run.

    Attributes:
        confirmed: the name of a production cluster.
        needs_audit: False lets injections begin whose begin cannot be written to the audit log.
    """

    confirmed: str = ""
    needs_audit: bool = True


def check_confirmed(settings: ClusterSettings, confirmed: str) -> None:
    """Let pass what is for a cluster outside production, or confirmed by its name.

    Raises:
        RefusedError: it was not confirmed.
    """
    if settings.production and confirmed != settings.name:
        hint = f"repeat with --confirm {settings.name} if you mean it"
        raise _refused(settings, "production", "this cluster is marked production", hint)


class Gate:
    """The only way to an operation that changes a cluster."""

    def __init__(self, settings: ClusterSettings, auditor: Auditor, permission: Permission | None = None) -> None:
        self._settings = settings
        self._auditor = auditor
        self._permission = permission or Permission()

    @asynccontextmanager
    async def operation(
        self,
        name: str,
        nodes: Sequence[str] = (),
        confirmed: str = "",
        *,
        at_once: Sequence[str] = (),
        **parameters: Any,  # noqa: ANN401 - whatever JSON can carry
    ) -> AsyncIterator[dict[str, Any]]:
        """The body is the operation: it begins when the rules allow it, and the audit log has its begin and its end.

        Args:
            at_once: the most of the nodes that it changes at one time, where these are not all.

        Yields:
            The parameters, to which the body may add what only it knows.

        Raises:
            RefusedError: a rule forbids it, or it needs an audit log that cannot be written.
        """
        needed = self._permission.needs_audit and OPERATIONS[name].needs_audit
        async with self._auditor.record(name, nodes, needed=needed, **parameters) as facts:
            targets = at_once or nodes or parameters.get("nodes", ())
            check(self._settings, name, targets, confirmed or self._permission.confirmed)
            yield facts

    async def refused(self, name: str, error: RefusedError, **parameters: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Put a refusal on record that came before the operation."""
        await self._auditor.refused(name, error, **parameters)


def _refused(settings: ClusterSettings, key: str, what: str, hint: str = "") -> RefusedError:
    return RefusedError(what, where=f"cluster {settings.name}, key {key}", hint=hint)
