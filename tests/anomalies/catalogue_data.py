"""Harmless anomalies: sleeping processes, some of which ignore requests to end."""

from __future__ import annotations

from dataclasses import replace

from distdiag_core.anomalies.catalogue import Anomaly, AnomalyCatalogue, Method
from distdiag_core.anomalies.parameter import Parameter

STUBBORN = Method(
    name="sleepers",
    needs=("sleep",),
    setup=("mkdir {data_dir}/distdiag-{id}",),
    run='sh -c \'trap "" TERM; sh -c "sleep 300 & wait" & sleep 300\'',
    check=("[ $(echo $PIDS | wc -w) -ge 4 ]",),
    undo=("rm -rf -- {data_dir}/distdiag-{id}",),
    gone=("test ! -e {data_dir}/distdiag-{id}",),
)
LACKING = Method(name="impossible", needs=("distdiag-no-such-program",), run="true", check=("true",))
DYING = Method(name="dying", run="echo it broke >&2; exit 3", check=("false",))
FAILING = Method(
    name="failing",
    setup=("mkdir {data_dir}/distdiag-{id}", "echo no such luck >&2; false"),
    check=("true",),
    undo=("rm -rf -- {data_dir}/distdiag-{id}",),
    gone=("test ! -e {data_dir}/distdiag-{id}",),
)
# Says of itself that it is never gone.
STICKY = Method(name="sticky", run="sleep 300", check=("true",), undo=("echo stuck fast >&2",), gone=("false",))
# Goes when a file lets it.
RELUCTANT = Method(
    name="reluctant",
    setup=("true",),
    check=("true",),
    undo=("true",),
    gone=("test -e {data_dir}/let-go || { echo no leave to go >&2; exit 1; }",),
)
# Undoing it hangs, until a file lets it go.
HANGING = Method(
    name="hanging",
    setup=("mkdir {data_dir}/distdiag-{id}",),
    check=("true",),
    undo=("test -e {data_dir}/let-go || tail -f /dev/null", "rm -rf -- {data_dir}/distdiag-{id}"),
    gone=("test ! -e {data_dir}/distdiag-{id}",),
)
# Has no process: what its setup leaves is all of it.
MARK = Method(
    name="mark",
    setup=("mkdir {data_dir}/distdiag-{id}",),
    check=("test -d {data_dir}/distdiag-{id}",),
    undo=("rm -rf -- {data_dir}/distdiag-{id}",),
    gone=("test ! -e {data_dir}/distdiag-{id}",),
)


def anomaly(name: str, *methods: Method) -> Anomaly:
    """An anomaly with these methods."""
    severities = {"low": {"force": 1}, "medium": {"force": 2}, "high": {"force": 3}}
    return Anomaly(
        name=name,
        label=name,
        what=name,
        category="cpu",
        methods=methods,
        severities={severity: dict(values) for severity, values in severities.items()},
        parameters={"force": Parameter(least=1, most=3)},
    )


HARMLESS = AnomalyCatalogue(
    (
        anomaly("sleep", LACKING, STUBBORN),
        anomaly("lacking", LACKING),
        anomaly("dying", DYING),
        anomaly("failing", FAILING),
        anomaly("sticky", STICKY),
        anomaly("reluctant", RELUCTANT),
        anomaly("hanging", HANGING),
        anomaly("mark", MARK),
        replace(anomaly("cut", MARK), cuts_off=True),
        replace(anomaly("fierce", MARK), off_by_default=True),
        replace(anomaly("everywhere", MARK), scope="cluster"),
    )
)
