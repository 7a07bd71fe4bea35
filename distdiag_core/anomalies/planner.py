"""The step of a plan for a node: the first method that is possible there, with its values filled in."""

from __future__ import annotations

import math
import re
import shlex
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from distdiag_core.anomalies.ids import number_of
from distdiag_core.anomalies.injection import Step
from distdiag_core.anomalies.template import Value, fill, placeholders
from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import ConfigError, DataError, UnsupportedError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from distdiag_core.anomalies.catalogue import Anomaly, Method
    from distdiag_core.anomalies.injection import InjectionRequest
    from distdiag_core.cluster.inventory import NodeSettings

_SSH_PORT = 22
# Programs of the administrator, which the PATH of an account may lack.
SYSTEM_PATH = "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin"
# Whether the account may become root without a password; where that is refused, the message of sudo.
ROOT_RIGHTS = """\
sudo= refusal=
if [ "$(id -u)" != 0 ]; then
    sudo='sudo -n'
    said=$(sudo -n true 2>&1 >/dev/null) || refusal=$(printf '%s\\n' "${said:-it says nothing}" | tail -n 1)
fi
printf 'sudo=%s\\n' "$sudo"
"""
# The beginnings of what a node lacks for a method.
NEEDS_ROOT = "needs root, and sudo refuses: "
NOT_GIVEN = "the cluster file does not give the node's "


class NoMethodError(UnsupportedError):
    """No method of an anomaly is possible on a node.

    Attributes:
        lacking: each method with what the node lacks for it, in order of preference.
    """

    def __init__(self, anomaly: str, lacking: tuple[tuple[str, str], ...], *, where: str) -> None:
        reasons = "; ".join(f"{method}: {reason}" for method, reason in lacking)
        super().__init__(f"no method to make {anomaly} is possible there: {reasons}", where=where)
        self.lacking = lacking


def not_installed(program: str) -> str:
    """What a node lacks for a method that needs a program."""
    return f"{program} is not installed"


@dataclass(frozen=True, slots=True)
class Survey:
    """The answer of a node to the survey of the methods of an anomaly.

    Attributes:
        lacking: by method, what the node lacks for it; empty for a method that is possible.
        ssh_port: on which the node was reached; None where it was not reached by SSH.
        sudo: methods that need root run by sudo.
    """

    lacking: dict[str, str] = field(default_factory=dict)
    ssh_port: int | None = None
    sudo: bool = False


def values_of(request: InjectionRequest, anomaly: Anomaly, node: NodeSettings, name: str) -> dict[str, Value]:
    """The values of the placeholders of the commands, without those that the cluster file does not give."""
    known: dict[str, Value | None] = {
        "id": name,
        "number": number_of(name),
        # Whole seconds, because there are nodes whose `sleep` takes no others.
        "duration_s": math.ceil(request.duration_s),
        "data_dir": node.data_dir,
        "device": node.device,
        "interface": node.interface,
        "start_command": node.start_command,
        "sql_port": node.sql.port if node.sql else None,
        "ssh_port": node.ssh.port if node.ssh and node.ssh.port else _SSH_PORT,
    }
    return anomaly.severities[request.severity] | {key: value for key, value in known.items() if value is not None}


def survey_command(methods: Sequence[Method], values: dict[str, Value]) -> str:
    """A shell command that prints for each method what the node lacks for it, and changes nothing on the node."""
    begin = [SYSTEM_PATH, 'echo "ssh_port=${SSH_CONNECTION##* }"']
    if any(method.root for method in methods):
        begin.append(ROOT_RIGHTS.strip())
    return "; ".join(begin + [_survey_of(method, values) for method in methods])


def _survey_of(method: Method, values: dict[str, Value]) -> str:
    if unknown := _unknown(method, values):
        return _report_lacking(method, unknown)
    tests = [(f"command -v {shlex.quote(program)}", not_installed(program)) for program in method.needs]
    for requirement in method.requires:
        command = fill(requirement.command, values)
        tests.append((f"$sudo sh -c {shlex.quote(command)}" if method.root else command, requirement.otherwise))
    lines = [
        f"({command}) </dev/null >/dev/null 2>&1 || {{ {_report_lacking(method, otherwise)}; exit; }}"
        for command, otherwise in tests
    ]
    if method.root:
        refused = _report_lacking(method, NEEDS_ROOT, '"$refusal"')
        lines.insert(0, f'[ -z "$refusal" ] || {{ {refused}; exit; }}')
    return f"({'; '.join([*lines, _report_lacking(method, '')])})"


def _report_lacking(method: Method, lacking: str, said: str = "") -> str:
    # Not `echo`, which interprets backslashes in some shells.
    return f"printf '%s\\n' {shlex.quote(f'{method.name}={lacking}')}{said}"


def parse_survey(output: str, node: str) -> Survey:
    """The survey in the output of `survey_command`.

    Raises:
        DataError: a line is malformed.
    """
    answers: dict[str, str] = {}
    for line in lines_of(output):
        key, equals, value = line.partition("=")
        if not equals:
            raise DataError(f"unexpected answer {quoted(line[:80])}", where=f"{node}: survey of what it can do")
        answers[key] = value
    port = answers.pop("ssh_port", "")
    sudo = bool(answers.pop("sudo", ""))
    return Survey(answers, int(port) if re.fullmatch(r"[0-9]{1,5}", port) else None, sudo)


def make_step(anomaly: Anomaly, node: str, survey: Survey, values: dict[str, Value]) -> Step:
    """The step for `node`.

    Raises:
        NoMethodError: no method is possible there.
    """
    lacking = tuple(
        (method.name, survey.lacking.get(method.name, "the node did not say")) for method in anomaly.methods
    )
    unavailable_methods = tuple(takewhile(lambda each: each[1] != "", lacking))
    if len(unavailable_methods) == len(anomaly.methods):
        raise NoMethodError(anomaly.name, lacking, where=node)
    method = anomaly.methods[len(unavailable_methods)]
    if survey.ssh_port is not None:
        values = values | {"ssh_port": survey.ssh_port}

    def filled(templates: Iterable[str]) -> tuple[str, ...]:
        return tuple(fill(template, values) for template in templates)

    run = filled([method.run] if method.run else [])
    return Step(
        node=node,
        method=method.name,
        commands=filled(method.setup) + run,
        undo=filled(method.undo),
        id=str(values["id"]),
        lasts=bool(run),
        check=filled(method.check),
        gone=filled(method.gone),
        files=method.files,
        account=method.account,
        sudo=method.root and survey.sudo,
        patience_s=method.patience_s,
        unavailable_methods=unavailable_methods,
    )


def _unknown(method: Method, values: dict[str, Value]) -> str:
    """The values that the cluster file would have to give for this method; empty when none is missing or unfit."""
    missing = sorted(placeholders(method.templates) - set(values))
    if missing:
        return f"{NOT_GIVEN}{', '.join(missing)}"
    try:
        for template in method.templates:
            fill(template, values)
    except ConfigError as error:
        return str(error)
    return ""
