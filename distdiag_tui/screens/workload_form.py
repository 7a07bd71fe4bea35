"""The form of a workload request; the options of each benchmark become fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, on
from textual.containers import Vertical
from textual.message import Message

from distdiag_core.errors import ConfigError
from distdiag_core.settings.duration import parse_duration
from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmark_options import from_values
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_settings import HERE, WorkloadSettings
from distdiag_tui.screens.form import ChecklistField, NodesField, SelectField, TextField
from distdiag_tui.screens.option_fields import option_fields, option_values
from distdiag_tui.widgets.select import Select

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_core.workloads.benchmark import Benchmark
    from distdiag_core.workloads.control.profiles import NamedProfile

_NO_PROFILE = "none"
_THIS_MACHINE = f"{HERE}  this machine"


class WorkloadForm(Vertical):
    """Fields for every kind alike, then those of the chosen kind.

    Args:
        profiles: the loads with names that can be chosen.
        last: what was asked for last, which is where the fields begin.
    """

    @dataclass
    class Hinted(Message):
        """Another field has the focus, or another choice was made; `text` says what it is about."""

        text: str

    def __init__(self, snapshot: Snapshot, profiles: Sequence[NamedProfile], last: WorkloadRequest) -> None:
        super().__init__(classes="fields")
        self._profiles = {profile.name: profile.description for profile in profiles}
        self._snapshot = snapshot
        self._last = last
        self._kind = last.kind
        self._generators = snapshot.cluster.section(WorkloadSettings).generator_names

    @property
    def kind(self) -> str:
        """The benchmark that is chosen."""
        return self._kind

    @property
    def _benchmark(self) -> Benchmark:
        return benchmark_registry.benchmark(self._kind)

    def compose(self) -> ComposeResult:
        """The fields of every benchmark, and those of the chosen one."""
        kinds = benchmark_registry.names()
        yield SelectField("Workload", kinds, "kind", chosen=self._kind, hint="Left and Right choose.")
        yield Vertical(*self._script_fields(), id="of-script", classes="auto")
        chosen = self._last.nodes or tuple(status.node for status in self._snapshot.nodes)
        yield NodesField(self._snapshot, chosen=chosen)
        if self._generators:
            hosts = [*((name, name) for name in self._generators), (HERE, _THIS_MACHINE)]
            yield ChecklistField("Generators", hosts, "generators", chosen=self._last.generators or self._generators)
        yield TextField("Threads a node", str(self._last.threads), "threads", hint="How many clients each node gets.")
        yield TextField(
            "Rate", str(self._last.rate), "rate", hint="Transactions a second and node that are offered; 0: no limit."
        )
        duration = f"{self._last.duration_s:.0f}s" if self._last.duration_s else ""
        yield TextField(
            "Duration", duration, "duration", placeholder="until stopped", hint="For instance 90, 90s, 2m, 1h."
        )
        yield SelectField(
            "Profile", (_NO_PROFILE, *self._profiles), "profile",
            chosen=self._last.profile, hint="A load with a name; threads and rate are its own then.",
        )  # fmt: skip
        yield Vertical(*option_fields(self._benchmark, self._last.options), id="of-kind", classes="auto")

    def request(self) -> WorkloadRequest:
        """The request as it is filled in.

        Raises:
            ConfigError: a field does not make sense; `where` is its heading.
        """
        nodes = self.query_one(NodesField).value
        if not nodes:
            raise ConfigError("none is chosen", where="Nodes", hint="Space turns one on and off")
        generators = self._chosen_generators()
        profile = self._select("profile")
        return WorkloadRequest(
            kind=self._kind,
            script=self._select("script"),
            nodes=nodes,
            threads=_whole_number(self.query_one("#threads", TextField), least=1),
            rate=_whole_number(self.query_one("#rate", TextField), least=0),
            duration_s=_duration_s(self.query_one("#duration", TextField)),
            profile="" if profile == _NO_PROFILE else profile,
            options=from_values(self._benchmark.options, dict(option_values(self, self._benchmark))),
            generators=generators,
        )

    def _chosen_generators(self) -> tuple[str, ...]:
        """The load hosts that are chosen; empty for those of the cluster file."""
        if not self._generators:
            return ()
        chosen = self.query_one("#generators", ChecklistField).value
        if not chosen:
            raise ConfigError("none is chosen", where="Generators", hint="Space turns one on and off")
        return () if chosen == self._generators else chosen

    @on(Select.Changed, "#kind Select")
    async def _kind_chosen(self) -> None:
        """Other scripts and other options; what is the same for every kind stays as it was typed."""
        if self._select("kind") == self._kind:
            return
        self._kind = self._select("kind")
        for place, fields in (
            ("#of-script", self._script_fields()),
            ("#of-kind", option_fields(self._benchmark, self._last.options)),
        ):
            holder = self.query_one(place, Vertical)
            await holder.remove_children()
            await holder.mount(*fields)
        self._hint()

    @on(events.DescendantFocus)
    @on(Select.Changed)
    def _hint(self) -> None:
        field = next((each for each in self._fields() if each.has_focus_within), None)
        if field is None:
            return
        self.post_message(self.Hinted(self._about_choice(field) or field.hint))

    def _about_choice(self, field: SelectField | TextField) -> str:
        """What the chosen script or profile is; empty for other fields."""
        if field.id == "script":
            return self._benchmark.scripts.get(self._select("script"), "")
        if field.id == "profile":
            return self._profiles.get(self._select("profile"), "")
        return ""

    def _fields(self) -> Iterator[SelectField | TextField]:
        yield from self.query(SelectField)
        yield from self.query(TextField)

    def _script_fields(self) -> list[Widget]:
        scripts = tuple(self._benchmark.scripts)
        return [SelectField("Script", scripts, "script", chosen=self._last.script, hint="Which of its ways to run.")]

    def _select(self, name: str) -> str:
        return self.query_one(f"#{name}", SelectField).value


def _whole_number(field: TextField, *, least: int) -> int:
    if not field.value.isdecimal() or int(field.value) < least:
        raise ConfigError(f"{field.value or 'nothing'} is no whole number of at least {least}", where=field.heading)
    return int(field.value)


def _duration_s(field: TextField) -> float | None:
    if not field.value:
        return None
    duration_s = parse_duration(field.value)
    if duration_s is None:
        raise ConfigError(f"{field.value} is no time", where=field.heading, hint="give 90, 90s, 2m or 1h, or nothing")
    return duration_s
