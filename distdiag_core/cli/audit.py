"""`distdiag audit`: the audit log, with the account, cluster and result of each operation."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say, table

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.recording.audit_log import AuditEntry

# Parameters with a column in the table, and ids.
_SHOWN_ELSEWHERE = {"nodes", "ids"}


@click.command()
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the newest N operations.")
@as_json
@click.pass_obj
def audit(target: Target, last: int | None, *, as_json: bool) -> None:
    """Show the audit log of this machine, the newest operation last; with --cluster NAME, of one cluster."""
    from distdiag_core import places
    from distdiag_core.recording import audit_log

    found = audit_log.read(cluster=target.cluster)
    for damage in found.damaged:
        say(f"note: {places.audit_file()}: {damage}; skipped")
    entries = found.entries[-last:] if last else found.entries
    if as_json:
        for entry in entries:
            emit({"account": entry.account, "host": entry.host, "sudo_user": entry.sudo_user, **asdict(entry.record)})
    elif entries:
        table(("WHEN", "WHO", "CLUSTER", "WHAT", "WHERE", "RESULT", "TOOK", "HOW"), [_row(entry) for entry in entries])
    else:
        say("nothing was done yet")


def _row(entry: AuditEntry) -> tuple[str, ...]:
    record = entry.record
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.began_s))
    who = f"{entry.sudo_user or entry.account}@{entry.host}"
    if record.ssh_users:
        who = f"{who} as {','.join(record.ssh_users)}"
    how = [f"{name}={_text(value)}" for name, value in record.parameters.items() if name not in _SHOWN_ELSEWHERE]
    if not record.nodes and record.parameters.get("ids"):
        how.insert(0, _text(record.parameters["ids"]))
    if record.reason:
        how.append(f"({record.reason})")
    where = ",".join(record.nodes) or "all"
    took = f"{record.duration_s:.1f} s"
    return when, who, record.cluster, record.what, where, record.result, took, " ".join(how)


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
