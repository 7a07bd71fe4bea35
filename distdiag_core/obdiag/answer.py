"""The answer of obdiag: one JSON object on standard output, and the findings in it.

Its exit status and its `code` say little: a scene that ended with an error is a success with few records. What went
wrong stands in its log alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from distdiag_core.cluster.lines import last_line, lines_of
from distdiag_core.errors import CommandFailedError, DataError, UnsupportedError
from distdiag_core.obdiag.evidence import Finding, Level, ObdiagEvidence
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.cluster.shell import CommandResult
    from distdiag_core.obdiag.call import Call

TRIED_VERSION = "5.0.0"
_NOT_FOUND = 127
_NO_SUCH = (126, _NOT_FOUND)
_SUCCESS = 200
# More than a person reads, and less than a recording minds.
_MOST_FINDINGS, _MOST_CHARS = 400, 4000
_SUGGEST = "The suggest:"
_LEVELS: tuple[Level, ...] = ("critical", "warning", "fail")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ERROR_IN_SCENE = re.compile(r"rca_scene\.execute err: (.*)")
_NOT_NEEDED = re.compile(r"rca_scene\.execute not need execute: (.*)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What it prints when it is silent.

    Attributes:
        data: None where it failed.
    """

    code: int
    data: dict[str, Any] | None = None
    error_data: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    record: list[str]
    suggest: str = ""


@dataclass(frozen=True, slots=True)
class _Report:
    """By the name of a task its messages; `all` has every task that was done."""

    fail: dict[str, list[str]] = field(default_factory=dict)
    critical: dict[str, list[str]] = field(default_factory=dict)
    warning: dict[str, list[str]] = field(default_factory=dict)
    all: dict[str, list[str]] = field(default_factory=dict)


def answer_of(result: CommandResult, program: str) -> Answer:
    """The answer of a call that succeeded, as far as obdiag knows.

    Raises:
        UnsupportedError: there is no such program.
        CommandFailedError: it failed, or it answers in another way than the version that is known.
        DataError: its answer is damaged.
    """
    where = "obdiag"
    if result.status in _NO_SUCH and not result.stdout.strip():
        raise UnsupportedError(
            f"is not installed: {program} cannot be run",
            where=where,
            hint="install it, or say where it is by obdiag.command or OBDIAG_CMD; everything else goes on without it",
        )
    text = next((line for line in reversed(lines_of(result.stdout)) if line.lstrip().startswith("{")), None)
    if text is None:
        said = last_line(_plain(result.stderr)) or last_line(_plain(result.stdout)) or "nothing"
        raise CommandFailedError(
            f"ended with status {result.status} and without an answer in JSON; it said: {said[:200]}",
            where=where,
            hint=f"another version than {TRIED_VERSION} may not know `--inner_config=obdiag.logger.silent=true`",
        )
    answer = json_document.parse(text, Answer, where="the answer of obdiag")
    if answer.code != _SUCCESS or answer.data is None:
        reason = _plain(answer.error_data or "it gives no reason").strip()
        raise CommandFailedError(f"failed with code {answer.code}: {reason[:400]}", where=where)
    return answer


def evidence_of(call: Call, answer: Answer, log: str, began_s: float, took_s: float) -> ObdiagEvidence:
    """The findings of an answer.

    Args:
        log: what obdiag wrote into its log meanwhile.

    Raises:
        DataError: the answer lacks them.
    """
    data = answer.data or {}
    found = _of_scene(data, log) if call.verb == "rca" else _of_check(data, call.name)
    findings, suggestions, notes = found
    if len(findings) > _MOST_FINDINGS:
        notes += (f"the first {_MOST_FINDINGS} of {len(findings)} records are kept",)
    kept = tuple(findings[:_MOST_FINDINGS])
    return ObdiagEvidence(
        call.verb, call.name, began_s, took_s, kept, tuple(suggestions), notes, (answer.trace_id or "")[:_MOST_CHARS]
    )


_Found = tuple[list[Finding], list[str], tuple[str, ...]]


def _of_scene(data: dict[str, Any], log: str) -> _Found:
    if "record" not in data:
        raise DataError("has no records", where="the answer of obdiag")
    records = json_document.checked(data["record"], list[_Record], where="the answer of obdiag: record")
    steps = [Finding("step", _cut(step)) for each in records for step in each.record]
    suggestions = [said for each in records if (said := _cut(each.suggest.removeprefix(_SUGGEST)))]
    errors = tuple(f"the scene ended early: {_cut(said)}" for said in dict.fromkeys(_ERROR_IN_SCENE.findall(log)))
    errors += tuple(
        f"the scene found nothing to follow: {_cut(said)}" for said in dict.fromkeys(_NOT_NEEDED.findall(log))
    )
    if not steps and not errors:
        errors = ("the scene recorded nothing, which obdiag calls a success",)
    return steps, suggestions, errors


def _of_check(data: dict[str, Any], tasks: str) -> _Found:
    raw = data.get("observer")
    if not isinstance(raw, dict):
        raise DataError("has no findings of observers", where="the answer of obdiag")
    report = json_document.checked(raw, _Report, where="the answer of obdiag: observer")
    found = [each for level in _LEVELS for each in _of_level(level, getattr(report, level))]
    if not report.all and not found:
        return found, [], (f"obdiag has no task that {tasks} names, or none fits the version of the observers",)
    passed = len(set(report.all) - {each.subject for each in found})
    return found, [], (f"{len({*report.all, *(each.subject for each in found)})} checks, {passed} passed",)


def _of_level(level: Level, by_task: dict[str, list[str]]) -> Iterator[Finding]:
    for task, messages in by_task.items():
        for said in messages:
            yield Finding(level, _cut(said.removeprefix(f"[{level}] ")), task)


def _cut(text: str) -> str:
    text = _plain(text).strip()
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS]} ..."


def _plain(text: str) -> str:
    return _COLOUR.sub("", text)
