"""A STAND-IN for `kubectl`, an API server and Chaos Mesh, for tests: `kubectl_stand_in.py DIRECTORY ARGUMENTS...`.

It keeps objects in a directory and goes through their lives as Chaos Mesh does, a step at every look: finalizer and
selection first, then injection while they are neither paused nor over nor deleted, then recovery. Nothing ever happens
to a pod. What goes wrong is said by `scenario.json` in the directory (see `Scenario`).
"""

from __future__ import annotations

import fcntl
import json
import re
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

KINDS = {"stresschaos": "StressChaos", "iochaos": "IOChaos", "networkchaos": "NetworkChaos", "podchaos": "PodChaos"}
PAUSE = "experiment.chaos-mesh.org/pause"
FINALIZER = "chaos-mesh/records"
# As long as a real one would take to see an event.
_LOOK_EVERY_S = 0.02

Object = dict[str, Any]


@dataclass
class Scenario:
    """What this cluster is like.

    Attributes:
        pods: as the API server has them.
        failing: pods on which nothing can be injected, with the reason.
        stuck: what is deleted keeps its finalizer.
        idle: the controller of Chaos Mesh is not running.
        complaint: what every command fails with.
        refused: the same, for a verb alone.
        patience: how often `wait` looks at the most, so that what is never there is not waited for long.
    """

    namespace: str = "ob"
    pods: list[Object] = field(default_factory=list)
    failing: dict[str, str] = field(default_factory=dict)
    stuck: bool = False
    idle: bool = False
    complaint: str = ""
    refused: dict[str, str] = field(default_factory=dict)
    patience: int = 1000


class RefusalError(Exception):
    """What kubectl says to standard error before it ends with 1."""


class Cluster:
    """The objects in a directory, a file each."""

    def __init__(self, directory: Path) -> None:
        self._objects = directory / "objects"
        self._objects.mkdir(exist_ok=True)
        self.scenario = Scenario(**json.loads((directory / "scenario.json").read_text(encoding="utf-8")))

    def look(self) -> list[Object]:
        """All objects, each a step further in its life."""
        return [each for each in self.objects() if self._live(each)]

    def objects(self) -> list[Object]:
        """All objects as they stand."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self._objects.glob("*.json"))]

    def put(self, each: Object) -> None:
        """Write it."""
        self._path(each).write_text(json.dumps(each), encoding="utf-8")

    def has(self, each: Object) -> bool:
        """One of its kind and name is there."""
        return self._path(each).exists()

    def _path(self, each: Object) -> Path:
        return self._objects / f"{each['kind']}-{each['metadata']['name']}.json"

    def _live(self, each: Object) -> bool:
        """One step; False when it is gone with it."""
        metadata = each["metadata"]
        deleted = "deletionTimestamp" in metadata
        if deleted and not metadata.get("finalizers"):
            self._path(each).unlink()
            return False
        if self.scenario.idle:
            return True
        status = each.setdefault("status", {})
        if not status:
            metadata["finalizers"] = [FINALIZER]
            status |= {"experiment": {"desiredPhase": "Stop", "containerRecords": self._records(each)}}
        elif deleted or self._over(each) or metadata.get("annotations", {}).get(PAUSE) == "true":
            self._recover(each)
            if deleted and not self.scenario.stuck:
                metadata["finalizers"] = []
        else:
            self._inject(each)
        self._judge(each)
        self.put(each)
        return True

    def _over(self, each: Object) -> bool:
        seconds = int(each["spec"]["duration"].removesuffix("s"))
        return time.time() >= datetime.fromisoformat(each["metadata"]["creationTimestamp"]).timestamp() + seconds

    def _records(self, each: Object) -> list[Object]:
        selector = each["spec"]["selector"]
        names = [name for names in selector.get("pods", {}).values() for name in names]
        wanted = selector.get("labelSelectors")
        return [
            {"id": f"{self.scenario.namespace}/{pod['metadata']['name']}", "phase": "Not Injected", "events": []}
            for pod in self.scenario.pods
            if pod["metadata"]["name"] in names or (wanted and wanted.items() <= pod["metadata"]["labels"].items())
        ]

    def _inject(self, each: Object) -> None:
        each["status"]["experiment"]["desiredPhase"] = "Run"
        for record in each["status"]["experiment"]["containerRecords"]:
            failure = self.scenario.failing.get(record["id"].split("/")[1])
            kind = "Failed" if failure else "Succeeded"
            record["phase"] = "Not Injected" if failure else "Injected"
            record["events"].append({"type": kind, "operation": "Apply", "message": failure or "", "timestamp": now()})

    def _recover(self, each: Object) -> None:
        each["status"]["experiment"]["desiredPhase"] = "Stop"
        for record in each["status"]["experiment"]["containerRecords"]:
            if self.scenario.stuck and record["phase"] == "Injected":
                what = {"type": "Failed", "message": "no chaos-daemon on the host"}
            else:
                record["phase"] = "Not Injected"
                what = {"type": "Succeeded", "message": ""}
            record["events"].append({**what, "operation": "Recover", "timestamp": now()})

    def _judge(self, each: Object) -> None:
        records = each["status"]["experiment"]["containerRecords"]
        conditions = {
            "Selected": bool(records),
            "AllInjected": bool(records) and all(record["phase"] == "Injected" for record in records),
            "AllRecovered": all(record["phase"] == "Not Injected" for record in records),
            "Paused": each["metadata"].get("annotations", {}).get(PAUSE) == "true",
        }
        each["status"]["conditions"] = [{"type": name, "status": str(holds)} for name, holds in conditions.items()]


@contextmanager
def alone(directory: Path) -> Generator[None]:
    """Keeps every other process and thread from the objects."""
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(directory: Path, arguments: list[str], stdin: str) -> str:
    """What the command prints."""
    options = dict(each.removeprefix("--").partition("=")[::2] for each in arguments if each.startswith("--")) | {
        "stdin": stdin
    }
    verb, *words = [each for each in arguments if not each.startswith("--")]
    with alone(directory):
        cluster = Cluster(directory)
    if complaint := cluster.scenario.complaint or cluster.scenario.refused.get(verb, ""):
        raise RefusalError(complaint)
    verbs = {"get": _get, "create": _create, "apply": _apply, "annotate": _annotate, "delete": _delete, "wait": _wait}
    deadline_s = time.monotonic() + float(options.get("timeout", "0s").removesuffix("s"))
    for _ in range(cluster.scenario.patience):
        # Waiting lets others in.
        with alone(directory):
            answer = verbs[verb](cluster, words, options)
        if answer is not None:
            return answer
        if time.monotonic() > deadline_s:
            break
        time.sleep(_LOOK_EVERY_S)
    raise RefusalError(f"error: timed out waiting for the condition on {words[0]}")


def _get(cluster: Cluster, words: list[str], options: dict[str, str]) -> str:
    if words[0] == "pods":
        items = [pod for pod in cluster.scenario.pods if options["namespace"] == cluster.scenario.namespace]
        if "field-selector" in options:
            name = options["field-selector"].removeprefix("metadata.name=")
            items = [pod for pod in items if pod["metadata"]["name"] == name]
    else:
        items = _chosen(cluster, words, {})
    wanted = options.get("selector", "")
    return json.dumps({"kind": "List", "items": [each for each in items if _selected(each, wanted)]})


def _create(cluster: Cluster, words: list[str], options: dict[str, str]) -> str:
    # They take longer to import than all the rest takes.
    import yaml

    from tests.anomalies.chaos_crds import complaints

    made = yaml.safe_load(options["stdin"])
    place = f"{made['kind'].lower()}.chaos-mesh.org"
    if options["namespace"] != cluster.scenario.namespace:
        raise RefusalError(
            f'Error from server (NotFound): error when creating "STDIN": namespaces "{options["namespace"]}" not found'
        )
    if wrong := complaints(made):
        raise RefusalError(f'The {made["kind"]} "{made["metadata"]["name"]}" is invalid: {"; ".join(wrong)}')
    if cluster.has(made):
        name = made["metadata"]["name"]
        raise RefusalError(
            f'Error from server (AlreadyExists): error when creating "STDIN": {place} "{name}" already exists'
        )
    made["metadata"] |= {"namespace": options["namespace"], "creationTimestamp": now()}
    cluster.put(made)
    return f"{place}/{made['metadata']['name']} created\n"


def _apply(cluster: Cluster, words: list[str], options: dict[str, str]) -> str:
    return _create(cluster, words, options).replace("created", "configured")


def _annotate(cluster: Cluster, words: list[str], options: dict[str, str]) -> str:
    reference, change = words
    (each,) = _chosen(cluster, [reference], options)
    each["metadata"].get("annotations", {}).pop(change.removesuffix("-"), None)
    cluster.put(each)
    return f"{reference} annotated\n"


def _delete(cluster: Cluster, words: list[str], options: dict[str, str]) -> str:
    for each in _chosen(cluster, words, options):
        each["metadata"].setdefault("deletionTimestamp", now())
        cluster.put(each)
    return "deleted\n"


def _wait(cluster: Cluster, words: list[str], options: dict[str, str]) -> str | None:
    chosen = [each for each in _chosen(cluster, words, options) if _selected(each, options.get("selector", ""))]
    if not chosen and "looked" not in options:
        raise RefusalError("error: no matching resources found")
    options["looked"] = "yes"
    if options["for"] == "delete":
        return None if chosen else "condition met\n"
    condition = {"type": options["for"].removeprefix("condition="), "status": "True"}
    met = all(condition in each.get("status", {}).get("conditions", []) for each in chosen)
    return "condition met\n" if met else None


def _chosen(cluster: Cluster, words: list[str], options: dict[str, str]) -> list[Object]:
    """The objects that `kinds` or `kind/name ...` stand for."""
    there = cluster.look()
    chosen: list[Object] = []
    for word in ",".join(words).split(","):
        resource, _, name = word.partition("/")
        kind = KINDS[resource.removesuffix(".chaos-mesh.org")]
        found = [each for each in there if each["kind"] == kind and name in ("", each["metadata"]["name"])]
        if name and not found and "ignore-not-found" not in options:
            raise RefusalError(f'Error from server (NotFound): {resource} "{name}" not found')
        chosen += found
    return chosen


def _selected(each: Object, wanted: str) -> bool:
    labels = each["metadata"].get("labels", {})
    for key, _, value, values in re.findall(r"([^,= ]+)(=([^,]*)| in \(([^)]*)\))", wanted):
        if labels.get(key) not in (values.split(",") if values else [value]):
            return False
    return True


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    try:
        sys.stdout.write(main(Path(sys.argv[1]), sys.argv[2:], "" if sys.stdin.isatty() else sys.stdin.read()))
    except RefusalError as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(1)
