"""The structure of Chaos Mesh's custom resources, as far as distdiag makes them: allowed fields, types, enumerations.

Written after their definitions (config/crd/bases and api/v1alpha1 of chaos-mesh, commit 608b61e), not after our code.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from pydantic.alias_generators import to_camel

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
Name = Annotated[str, StringConstraints(pattern=rf"^{_LABEL}(\.{_LABEL})*$", max_length=253)]
Key = Annotated[str, StringConstraints(pattern=rf"^({_LABEL}(\.{_LABEL})*/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]
LabelValue = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$", max_length=63)]
GoDuration = Annotated[str, StringConstraints(pattern=r"^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$")]
Percentage = Annotated[str, StringConstraints(pattern=r"^(100(\.0*)?|[0-9]{1,2}(\.[0-9]+)?)$")]
Rate = Annotated[str, StringConstraints(pattern=r"^[0-9]+[kmgt]?(bit|bps)$")]
Mode = Literal["one", "all", "fixed", "fixed-percent", "random-max-percent"]


class Strict(BaseModel):
    """Unknown fields are errors, and nothing is taken for another type."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class Expression(Strict):
    """A condition on labels."""

    key: Key
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] = []


class Selector(Strict):
    """Which pods."""

    namespaces: list[Name] = []
    label_selectors: dict[Key, LabelValue] = {}
    expression_selectors: list[Expression] = []
    annotation_selectors: dict[Key, str] = {}
    field_selectors: dict[str, str] = {}
    nodes: list[Name] = []
    node_selectors: dict[Key, LabelValue] = {}
    pod_phase_selectors: list[Literal["Pending", "Running", "Succeeded", "Failed", "Unknown"]] = []
    pods: dict[Name, list[Name]] = {}


class Spec(Strict):
    """What all kinds have in common."""

    mode: Mode
    selector: Selector
    value: str | None = None
    # Not required by the definition, and always wanted by us.
    duration: GoDuration
    remote_cluster: str | None = None


class CpuStressor(Strict):
    """Busy workers."""

    workers: Annotated[int, Field(ge=1, le=8192)]
    load: Annotated[int, Field(ge=0, le=100)] = 100
    options: list[str] = []


class MemoryStressor(Strict):
    """Workers that hold memory; the size is that of each."""

    workers: Annotated[int, Field(ge=1, le=8192)]
    size: Annotated[str, StringConstraints(pattern=r"^[0-9]+(%|[KMGT]?i?B)$")] | None = None
    oom_score_adj: Annotated[int, Field(ge=-1000, le=1000)] = 0
    options: list[str] = []


class Stressors(Strict):
    """One of them, at least."""

    cpu: CpuStressor | None = None
    memory: MemoryStressor | None = None


class StressSpec(Spec):
    """Of a StressChaos."""

    container_names: list[Name] = []
    stressors: Stressors | None = None
    stressng_stressors: str | None = None

    @model_validator(mode="after")
    def _stresses(self) -> StressSpec:
        if not self.stressng_stressors and not (self.stressors and (self.stressors.cpu or self.stressors.memory)):
            raise ValueError("missing stressors")
        return self


class IOSpec(Spec):
    """Of an IOChaos."""

    container_names: list[Name] = []
    action: Literal["latency", "fault", "attrOverride", "mistake"]
    volume_path: Annotated[str, StringConstraints(pattern=r"^/")]
    delay: GoDuration | None = None
    errno: Annotated[int, Field(ge=0)] | None = None
    attr: dict[str, Any] | None = None
    mistake: dict[str, Any] | None = None
    path: str | None = None
    methods: list[str] = []
    percent: Annotated[int, Field(ge=0, le=100)] = 100

    @model_validator(mode="after")
    def _acts(self) -> IOSpec:
        wanted = {"latency": self.delay, "fault": self.errno, "attrOverride": self.attr, "mistake": self.mistake}
        if wanted[self.action] is None:
            raise ValueError(f"the action {self.action} lacks what it does")
        return self


class Reorder(Strict):
    """Packets out of order."""

    reorder: Percentage
    gap: int
    correlation: Percentage = "0"


class Delay(Strict):
    """Packets held back."""

    latency: GoDuration
    jitter: GoDuration = "0ms"
    correlation: Percentage = "0"
    reorder: Reorder | None = None


class Loss(Strict):
    """Packets lost."""

    loss: Percentage
    correlation: Percentage = "0"


class Duplicate(Strict):
    """Packets sent twice."""

    duplicate: Percentage
    correlation: Percentage = "0"


class Corrupt(Strict):
    """Packets damaged."""

    corrupt: Percentage
    correlation: Percentage = "0"


class Bandwidth(Strict):
    """A token bucket; `limit` and `buffer` in bytes."""

    rate: Rate
    limit: Annotated[int, Field(ge=1, le=2**32 - 1)]
    buffer: Annotated[int, Field(ge=1, le=2**32 - 1)]
    peakrate: Annotated[int, Field(ge=0)] | None = None
    minburst: Annotated[int, Field(ge=0)] | None = None


class NetemRate(Strict):
    """A rate, where it is combined with other things."""

    rate: Rate


class Target(Strict):
    """The second set of pods."""

    selector: Selector
    mode: Mode
    value: str | None = None


class NetworkSpec(Spec):
    """Of a NetworkChaos."""

    action: Literal["netem", "delay", "loss", "duplicate", "corrupt", "partition", "bandwidth"]
    delay: Delay | None = None
    loss: Loss | None = None
    duplicate: Duplicate | None = None
    corrupt: Corrupt | None = None
    bandwidth: Bandwidth | None = None
    rate: NetemRate | None = None
    direction: Literal["to", "from", "both"] = "to"
    target: Target | None = None
    external_targets: list[str] = []
    device: str | None = None
    target_device: str | None = None

    @model_validator(mode="after")
    def _acts(self) -> NetworkSpec:
        if self.action not in ("netem", "partition") and getattr(self, self.action) is None:
            raise ValueError(f"the action {self.action} lacks what it does")
        if self.direction != "to" and self.target is None and not self.external_targets:
            raise ValueError(f"the direction {self.direction} wants a target")
        return self


class PodSpec(Spec):
    """Of a PodChaos."""

    action: Literal["pod-kill", "pod-failure", "container-kill"]
    container_names: list[Name] = []
    grace_period: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _ends(self) -> PodSpec:
        # The definition lets them pass, but there is nothing that would end them.
        if self.action != "pod-failure":
            raise ValueError(f"the action {self.action} has no end")
        return self


class Metadata(Strict):
    """Names, and what we note on the object."""

    name: Name
    namespace: Name | None = None
    labels: dict[Key, LabelValue] = {}
    annotations: dict[Key, str] = {}


class _Object(Strict):
    api_version: Literal["chaos-mesh.org/v1alpha1"]
    metadata: Metadata


class StressChaos(_Object):
    """Processors or memory kept busy."""

    kind: Literal["StressChaos"]
    spec: StressSpec


class IOChaos(_Object):
    """Files that are slow or wrong."""

    kind: Literal["IOChaos"]
    spec: IOSpec


class NetworkChaos(_Object):
    """Packets that are late or lost."""

    kind: Literal["NetworkChaos"]
    spec: NetworkSpec


class PodChaos(_Object):
    """Pods that fail."""

    kind: Literal["PodChaos"]
    spec: PodSpec


_ANY: TypeAdapter[Any] = TypeAdapter(
    Annotated[StressChaos | IOChaos | NetworkChaos | PodChaos, Field(discriminator="kind")]
)


def complaints(manifest: object) -> list[str]:
    """What the API server would say against it; nothing for one that it takes."""
    try:
        _ANY.validate_python(manifest)
    except ValidationError as error:
        return [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return []
