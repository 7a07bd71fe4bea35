"""The leases in what a node printed, and the injections that they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from distdiag_core.anomalies.injection import Injection, InjectionState, severity_of
from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import DataError

# A supervisor that lives is at work: to start a database again took 23 s on a busy node. What takes this long, or has
# failed once, is for the operator.
_GRACE_S = 45
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_SECONDS = re.compile(r"[0-9]{1,15}")
_ANSWERS = ("yes", "no", "arming")


@dataclass(frozen=True, slots=True)
class Lease:
    """One injection as its node reports it; what is missing from a damaged lease is empty.

    Attributes:
        node: its name in the cluster file of the console that started the injection.
        age_s, remaining_s: by the clock of the node.
        supervised: the process that ends the injection lives.
        arming: it is being written, or that process is about to start; until then nothing of the injection begins.
        progress: the last report of the programs of the injection.
        failure: why undoing it failed.
    """

    id: str
    anomaly: str = ""
    severity: str = ""
    node: str = ""
    owner: str = ""
    method: str = ""
    age_s: int = 0
    remaining_s: int = 0
    supervised: bool = False
    arming: bool = False
    progress: str = ""
    failure: str = ""


def parse(report: str, node: str) -> tuple[list[tuple[Lease, ...]], int | None]:
    """The lists that a node printed, and its uptime in seconds; None where it does not say.

    A lease ends with an empty line, and a list with its time and a dot.

    Raises:
        DataError: the answer is incomplete or malformed.
    """
    lists: list[tuple[Lease, ...]] = []
    leases: list[Lease] = []
    facts: dict[str, str] = {}
    uptime_s: int | None = None
    for line in lines_of(report):
        key, _, value = line.partition("=")
        if line == ".":
            lists.append(tuple(leases))
            leases = []
        elif not line:
            leases.append(_lease(facts, node))
            facts = {}
        elif key == "uptime_s" and not facts:
            uptime_s = int(value) if _SECONDS.fullmatch(value) else None
        else:
            facts[key] = value
    if leases or facts or not lists:
        raise DataError("the answer is incomplete", where=f"{node}: leases", hint="ask again")
    return lists, uptime_s


def _lease(facts: dict[str, str], node: str) -> Lease:
    if not facts.get("id"):
        raise DataError("has a lease without an id", where=f"{node}: leases")
    age_s, remaining_s, supervised = (facts.get(key, "") for key in ("age_s", "remaining_s", "supervised"))
    # One damaged lease must not hide the others.
    damaged = not (_NUMBER.fullmatch(age_s) and _NUMBER.fullmatch(remaining_s) and supervised in _ANSWERS)
    return Lease(
        id=facts["id"],
        anomaly=facts.get("anomaly", ""),
        severity=facts.get("severity", ""),
        node=facts.get("node", ""),
        owner=facts.get("owner", ""),
        # The word of earlier releases stays in the leases.
        method=facts.get("way", ""),
        age_s=0 if damaged else int(age_s),
        remaining_s=0 if damaged else int(remaining_s),
        supervised=supervised == "yes",
        arming=supervised == "arming",
        progress=facts.get("progress", ""),
        failure=facts.get("trouble", "") or ("its record is damaged" if damaged else ""),
    )


def injection_of(lease: Lease, node: str, now_s: float) -> Injection:
    """The injection of a lease on `node`; `now_s` is the clock of this machine, in seconds since the epoch."""
    state, detail = _state(lease)
    return Injection(
        id=lease.id,
        anomaly=lease.anomaly or "unknown",
        node=node,
        severity=severity_of(lease.severity),
        state=state,
        started_s=now_s - lease.age_s,
        deadline_s=now_s + lease.remaining_s,
        owner=lease.owner or "unknown",
        detail=detail,
    )


def _state(lease: Lease) -> tuple[InjectionState, str]:
    if lease.failure:
        return InjectionState.ORPHANED, lease.failure
    if lease.arming:
        # Also where its duration is not written yet.
        return InjectionState.ARMING, "nothing has begun yet"
    if not lease.supervised:
        return InjectionState.ORPHANED, "its supervisor is gone, so that nothing ends it"
    if lease.remaining_s < -_GRACE_S:
        return InjectionState.ORPHANED, f"its deadline passed {-lease.remaining_s} s ago"
    if lease.remaining_s <= 0:
        return InjectionState.CLEARING, ""
    said = (f"by {lease.method}" if lease.method else "", lease.progress)
    return InjectionState.ACTIVE, "; ".join(filter(None, said))
