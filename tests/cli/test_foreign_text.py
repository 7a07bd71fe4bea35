"""Text from outside never reaches the terminal as it is: every verb, with escape sequences wherever text can come from.

Other consoles, imported cases, models of other people, databases and the command line itself are outside.
"""

from __future__ import annotations

import ast
import gzip
import json
import shutil
import socketserver
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
import pytest
import yaml

from distdiag_core import places
from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.cli.main import distdiag as command_line
from distdiag_core.diagnosis.detection.impact import ClusterImpact, Impact, MetricChange
from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause
from distdiag_core.diagnosis.model import model_files
from distdiag_core.incidents.incident_files import incident_data, verdict_data
from distdiag_core.incidents.tracker import IncidentTracker
from distdiag_core.metrics.catalogue import Metric
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording import audit_log
from distdiag_core.recording.audit_log import AuditRecord
from distdiag_core.recording.recording_file import RecordingFile
from distdiag_core.recording.schema import RecordedNode, RecordingMeta, frame_row
from distdiag_core.recording.stored_incidents import IncidentNote, add_note, incident_row, verdict_row
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.clients.run_files import Run
from distdiag_core.workloads.clients.run_log import RunLog
from distdiag_core.workloads.clients.run_totals import RunTotals, TypeTotals
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Ended

# Colours, the title of the window, the clipboard, an eight-bit CSI, a return to the line's begin, and text that turns.
EVIL = "e\x1b[31mv\x1b]0;t\x07\x1b]52;c;eA==\x07\x9b2J\rl\u202e"
# A quoted cell may hold a line break, which the names of nodes in outlines may not.
_NODE = EVIL.replace("\r", "")
_ROOT = Path(__file__).parents[2]
_CASES = Path(__file__).parent.parent / "diagnosis" / "lab_cases"
_CASE = "cpu_stress-n2-high-rw3-1"

# What every verb is run with; a `CASES` is the dataset, and `FILE` a new file. A verb that would set up a real cluster,
# or wait for one, is given a wrong option as well.
VERBS: dict[str, tuple[tuple[str, ...], ...]] = {
    "info": ((),),
    "advice": ((), ("--json",), (EVIL,)),
    "config check": ((),),
    "config init": (("--name", EVIL, "--node", EVIL), ("--name", "new", "--node", f"n1={EVIL}")),
    "config show": ((),),
    "doctor": ((), ("--json",)),
    "lab down": ((f"--{EVIL}",),),
    "lab status": ((),),
    "lab up": ((f"--{EVIL}",),),
    "watch": (("--for", "1s"), ("--for", EVIL)),
    "record": (("--for", "1s"), ("--for", EVIL)),
    "inject": ((EVIL, "--node", "n1", "--for", "1s"), ("cpu_stress", "--node", EVIL, "--for", "1s")),
    "injections": ((),),
    "clear": ((EVIL,),),
    "audit": ((), ("--json",)),
    "obdiag list": ((), ("--json",), (EVIL,)),
    "obdiag check": ((EVIL,), ("--anomaly", EVIL)),
    "obdiag rca": ((EVIL,), ("--anomaly", EVIL), ("lock_conflict", "--env", EVIL)),
    "obdiag sysstat": ((), (EVIL,)),
    "tenants": ((), ("--json",), (EVIL,)),
    "parameters": ((), ("n1", "--differ"), ("--changed",), ("--json",), (EVIL,)),
    "sessions list": (("n1",), ("n1", "--json"), (EVIL,)),
    "sessions kill": (("n1", "7"), (EVIL, "7"), ("n1", EVIL)),
    "sessions top-sql": (("n1",), ("n1", "--json"), (EVIL,)),
    "workload agent": ((EVIL, EVIL),),
    "workload outpost": ((EVIL, EVIL),),
    "workload check sysbench": (("--node", EVIL), ()),
    "workload check tpcc": (("--node", EVIL), ()),
    "workload check tpch": (("--node", EVIL), ()),
    "workload cleanup sysbench": (("--node", EVIL), ()),
    "workload cleanup tpcc": (("--node", EVIL), ()),
    "workload cleanup tpch": (("--node", EVIL), ()),
    "workload compare": (("r1", "r2"), (EVIL, EVIL)),
    "workload history": ((), ("--json",)),
    "workload prepare sysbench": (("--node", EVIL), ()),
    "workload prepare tpcc": (("--node", EVIL), ()),
    "workload prepare tpch": (("--node", EVIL),),
    "workload start sysbench": (("--node", EVIL),),
    "workload start tpcc": (("--node", EVIL),),
    "workload start tpch": (("--node", EVIL),),
    "workload status": ((), ("--json",)),
    "workload stop": ((EVIL,),),
    "cases advise": ((), ("CASES",)),
    "cases collect": (("--for", EVIL),),
    "cases cut": ((EVIL, "0", "10"), (EVIL, "900", "1000")),
    "cases drop": ((f"{EVIL}2",), (f"{EVIL}3",)),
    "cases export": (("FILE", EVIL), (EVIL, EVIL)),
    "cases import": (("CASES",), (EVIL,)),
    "cases list": ((), ("CASES",), ("--json",)),
    "cases relabel": (
        (EVIL, "--rename", f"x{EVIL}", f"y{EVIL}"),
        (EVIL, "--add", EVIL, EVIL, "1", "2"),
        (EVIL, "--excluded", EVIL),
    ),
    "cases show": ((EVIL,), (EVIL, "--json"), ("nowhere" + EVIL,)),
    "cases stats": ((), ("--json",)),
    "cases tag": ((EVIL, EVIL),),
    "train": (("--name", EVIL), ("--cases", EVIL), ("--name", "t", "--rounds", "1", "--no-calibration")),
    "models compare": (("evil", "--cases", EVIL), (EVIL,)),
    "models delete": ((EVIL,),),
    "models export": (("evil", EVIL), (EVIL, "FILE")),
    "models list": ((), ("--json",)),
    "models rename": (("evil", EVIL), (EVIL, "x")),
    "models show": (("evil",), ("evil", "--json"), (EVIL,)),
    "models use": ((EVIL,),),
    "evaluate": (("--test", "CASES", "--model", EVIL), ("--test", EVIL)),
    "diagnose": (("--cases", "ONE", "--model", "evil"), ("--cases", "CASES", "--model", EVIL)),
    "graph export": ((EVIL,), (f"{EVIL}.svg",), (f"{EVIL}.graphml", "--json"), (f"none/{EVIL}.svg",)),
    "incidents list": ((), ("--json",), ("--recording", EVIL)),
    "incidents note": (("1", EVIL), ("9", EVIL), ("1", EVIL, "--json"), ("1", EVIL, "--recording", EVIL)),
    "incidents report": (("1",), ("1", "--json"), ("1", "--out", EVIL), ("1", "--out", f"none/{EVIL}")),
    "incidents show": (("1",), ("1", "--json"), (EVIL,)),
    "incidents summary": (("--out", "FILE"), ("--out", f"none/{EVIL}"), ("--out", "FILE", "--recording", EVIL)),
    "replay": (("--list",), ("--list", "--json"), (EVIL,), (f"none/{EVIL}",)),
    "experiment compare": (("e1", "e2"), (EVIL, EVIL)),
    "experiment list": ((), ("--json",)),
    "experiment run": ((f"{EVIL}@{EVIL}",), ("cpu_stress@n1", "--load", EVIL), ("--preset", EVIL)),
    "experiment show": ((EVIL,),),
    "export": (("-o", "FILE"), (EVIL, "-o", "FILE"), ("-o", EVIL), ("-o", "FILE", "--node", EVIL, "--from", EVIL)),
    "api": (("--listen", EVIL),),
    "serve": ((EVIL,), ("replay", EVIL), ("replay", "example", "--public-url", EVIL)),
    "completion": (("bash",), (EVIL,)),
    "campaign run": (("CAMPAIGN", "--out", EVIL), (EVIL,)),
}


def _leaves(command: click.Command, context: click.Context, above: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _leaves(inner, context, (*above, name))
    else:
        yield " ".join(above)


ALL_VERBS = sorted(_leaves(command_line, click.Context(command_line)))


def raw(text: str) -> str:
    """The characters of the output that a terminal would act on."""
    return "".join(sorted({each for each in text if each != "\n" and not each.isprintable()}))


class _RefusingDatabase(socketserver.BaseRequestHandler):
    """Refuses every client with a message of the database's own words."""

    def handle(self) -> None:
        message = b"\xff" + (4012).to_bytes(2, "little") + b"#HY000" + f"no time for {EVIL}".encode()
        self.request.sendall(len(message).to_bytes(3, "little") + b"\0" + message)


@pytest.fixture
def sql_port() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _RefusingDatabase) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def evil_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which everything that can be kept is kept with escape sequences in each text."""
    home = tmp_path_factory.mktemp("evil")
    with pytest.MonkeyPatch.context() as environment:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            environment.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        for name in (EVIL, f"{EVIL}2"):
            _write_case(places.cases_dir() / name)
        (places.cases_dir() / f"{EVIL}3").mkdir()
        (places.cases_dir() / f"{EVIL}3" / "case.yaml").write_text(f'"{EVIL!a}": [', encoding="utf-8")
        _write_model(places.models_dir() / "evil")
        (places.models_dir() / EVIL).mkdir()
        (places.models_dir() / EVIL / "model.json").write_text(json.dumps({"version": 1, EVIL: EVIL}), encoding="utf-8")
        parameters = {"ids": [EVIL], EVIL: EVIL, "anomaly": EVIL}
        audit_log.append(AuditRecord(EVIL, "mine", (EVIL,), 1.0, 2.0, "failed", parameters, EVIL, (EVIL,)))
        with places.audit_file().open("a", encoding="utf-8") as file:
            file.write(f'{{"what": {json.dumps(EVIL)}, "nodes": {EVIL}\n{json.dumps({"what": {EVIL: EVIL}})}\n')
        _write_runs()
        _write_incident()
    scenarios = {"name": EVIL, "scenarios": [{EVIL: EVIL}], EVIL: EVIL}
    (home / "campaign.yaml").write_text(yaml.safe_dump(scenarios), encoding="utf-8")
    return home


@pytest.fixture
def evil_world(home: Path, evil_home: Path, sql_port: int) -> dict[str, str]:
    """A copy of that home with a cluster; what the words of `VERBS` stand for."""
    shutil.copytree(evil_home, home, dirs_exist_ok=True)
    clusters = places.config_dir() / "clusters"
    clusters.mkdir(parents=True)
    node = {"name": "n1", "host": "127.0.0.1", "connection": "local"}
    settings = {"name": "mine", "read_only": False, "sql": {"port": sql_port, "user": EVIL}, "nodes": [node]}
    (clusters / "mine.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return {
        "CASES": str(places.cases_dir()),
        "ONE": str(places.cases_dir() / EVIL),
        "CAMPAIGN": str(home / "campaign.yaml"),
        "FILE": str(home / "out.csv"),
    }


def _write_case(path: Path) -> None:
    path.mkdir(parents=True)
    with gzip.open(next((_CASES / _CASE).glob("metrics.csv*")), "rt", encoding="utf-8") as file:
        rows = [line.split(",") for line in file.read().splitlines()]
    for row in rows[1:]:
        row[1] = f'"{row[1]}{_NODE}"'
    (path / "metrics.csv").write_text("\n".join(",".join(row) for row in rows[:1200]) + "\n", encoding="utf-8")
    entry = yaml.safe_load((_CASES / _CASE / "case.yaml").read_text(encoding="utf-8"))
    for label in entry["anomalies"]:
        label |= {"type": f"x{EVIL}", "node": f"{label['node']}{_NODE}", "severity": EVIL}
        label |= {"start": float(rows[1][0]), "end": float(rows[1][0]) + 20}
    entry |= dict.fromkeys(("source", "group", "workload", "scenario", "category"), EVIL)
    entry |= {"excluded": EVIL if path.name.endswith("2") else None, "tags": [EVIL], "normal": []}
    (path / "case.yaml").write_text(yaml.safe_dump(entry), encoding="utf-8")


def _write_model(path: Path) -> None:
    shutil.copytree(places.shipped_config() / "models" / "lab", path)
    index = json.loads((path / "model.json").read_text(encoding="utf-8"))
    anomaly = index["anomalies"][0]["name"]
    renamed = json.loads(json.dumps(index).replace(json.dumps(anomaly), json.dumps(f"{anomaly}{EVIL}")))
    renamed["features"]["metrics"][0] += EVIL
    renamed["training"] |= {"sources": [EVIL], "cases": [EVIL], "groups": [EVIL]}
    renamed["training"] |= {"options": {EVIL: EVIL}, "made_with": {EVIL: EVIL}}
    renamed["evaluation"] = {"ac": {"1": 0.5, EVIL: EVIL}, EVIL: EVIL}
    (path / "model.json").write_text(json.dumps(renamed), encoding="utf-8")
    assert model_files.read_index(path).training.sources == (EVIL,)


def _write_runs() -> None:
    log = RunLog("mine")
    for run in ("r1", "r2"):
        request = WorkloadRequest(script=EVIL, nodes=(EVIL,), profile=EVIL, options=SysbenchOptions())
        begun = Run(run, f"n1{EVIL}", request, 1, 0.0, 1000.0, 1060.0, EVIL)
        log.begun(begun)
        log.ended(begun, EVIL, RunTotals(60, 20.5, types={EVIL: TypeTotals(1.0, 0.0)}, extra={EVIL: 1.0}))
    failed = log.path.parent / "n9+sysbench.json"
    failed.write_text(json.dumps(asdict(begun)), encoding="utf-8")
    (log.path.parent / "n8+sysbench.json").write_text(json.dumps({EVIL: EVIL}), encoding="utf-8")


def _write_incident() -> None:
    metric = Metric(EVIL, EVIL, EVIL, "gauge", "cpu", "host", EVIL)
    path = places.recordings_dir() / "mine-20260101T000000.000000Z.sqlite"
    file = RecordingFile(path, RecordingMeta(EVIL, (RecordedNode(EVIL, EVIL),), (metric,), 1.0, 0.0, EVIL))
    tracker = IncidentTracker()
    for second in map(float, range(90)):
        figures = np.full((1, 1), second, dtype=np.float32)
        cost = Impact(MetricChange(EVIL, 1.0, 2.0), None)
        causes = (RootCause(1, EVIL, EVIL, 0.9, 1.0, 0.9, 70.0, (Evidence(EVIL, 6.1),), cost),)
        found = Diagnosis(second, second >= 75, causes, EVIL, ClusterImpact(cost, {EVIL: cost}))
        injected = Injection(EVIL, EVIL, EVIL, "high", InjectionState.ACTIVE, 70.0, 90.0, EVIL)
        file.write([frame_row(Frame(second, (EVIL,), (EVIL,), figures))])
        for step in tracker.on_tick(second, found, (injected,), {EVIL: True}):
            file.write([incident_row(1, incident_data(step.incident))])
            if step.verdict is not None:
                file.write([verdict_row(1, second, verdict_data(step.verdict))])
    file.close()
    add_note(path, 1, IncidentNote(80.0, EVIL, EVIL))


def test_every_verb_is_in_the_table() -> None:
    assert sorted(VERBS) == ALL_VERBS


@pytest.mark.parametrize("verb", ALL_VERBS)
@pytest.mark.usefixtures("home")
def test_a_hostile_command_line_is_not_repeated_as_it_is(verb: str, distdiag: Callable[..., Ended]) -> None:
    for arguments in ((f"--{EVIL}",), (EVIL, EVIL, EVIL, EVIL, EVIL, f"-{EVIL}"), ("--help",)):
        ended = distdiag(*verb.split(), *arguments)
        assert raw(ended.stdout + ended.stderr) == "", arguments
    ended = distdiag("--config", EVIL, *verb.split(), f"--x{EVIL}")
    assert raw(ended.stdout + ended.stderr) == ""


@pytest.mark.parametrize("verb", ALL_VERBS)
def test_text_from_outside_is_not_repeated_as_it_is(
    verb: str, evil_world: dict[str, str], distdiag: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(evil_world["FILE"]).parent)
    for arguments in VERBS[verb]:
        ended = distdiag("--cluster", "mine", *verb.split(), *(evil_world.get(each, each) for each in arguments))
        assert raw(ended.stdout + ended.stderr) == "", arguments
        assert ended.stdout + ended.stderr, arguments


def test_the_words_of_the_database_are_shown_without_their_escapes(
    evil_world: dict[str, str], distdiag: Callable[..., Ended]
) -> None:
    ended = distdiag("--cluster", "mine", "workload", "cleanup", "sysbench")
    assert ended.status == 1
    assert "no time for e?[31mv" in ended.stderr, evil_world


def test_nothing_but_the_one_path_prints() -> None:
    found = {
        (path.name, node.attr)
        for path in (_ROOT / "distdiag_core" / "cli").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"echo", "secho", "stdout", "stderr", "print_exc", "pause"}
    }
    assert {name for name, _ in found} == {"output.py"}
