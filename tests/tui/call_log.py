"""The log of the calls that a console makes of a scripted core."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an operation.

    Attributes:
        operation: the room and the method.
        confirmed: the cluster's name, where it was passed.
    """

    operation: str
    argument: object = None
    confirmed: str = ""


@dataclass
class CallLog:
    """Every call of a core.

    Attributes:
        failure: raised by every operation but planning, if set.
    """

    calls: list[Call] = field(default_factory=list)
    failure: Exception | None = None

    def add(self, call: Call) -> None:
        """Note a call.

        Raises:
            Exception: `failure`.
        """
        self.calls.append(call)
        if self.failure is not None and call.operation != "injections.plan":
            raise self.failure

    def names(self) -> list[str]:
        """The operations that were called, plans left out."""
        return [call.operation for call in self.calls if call.operation != "injections.plan"]
