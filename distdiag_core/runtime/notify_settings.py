"""The section `notify` of a cluster file: who is told of incidents."""

from __future__ import annotations

import os
from typing import Annotated

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from distdiag_core.cluster import sections
from distdiag_core.errors import ConfigError
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS, Example

_Url = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s/]+\S*$"),
    Words("an address that begins with http:// or https://", secret=True),
]
_Variable = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"),
    Words("the name of an environment variable", secret=True),
]


@dataclass(frozen=True, slots=True, config=SETTINGS)
class NotifySettings:
    """Who is told when an incident begins and when it ends, by every program that diagnoses the cluster."""

    webhook: Annotated[_Url | None, Example("https://hooks.example.com/distdiag")] = None
    """An address that gets a JSON object by POST. Without it and webhook_env: none."""
    webhook_env: Annotated[_Variable | None, Example("DISTDIAG_WEBHOOK", alternative=True)] = None
    """The environment variable that holds such an address, where the address is a secret; it excludes webhook."""

    def __post_init__(self) -> None:
        """Refuse both at once.

        Raises:
            ValueError: both are there.
        """
        if self.webhook is not None and self.webhook_env is not None:
            raise ValueError("webhook and webhook_env exclude each other")

    def address(self) -> str | None:
        """The address of the webhook; None without one.

        Raises:
            ConfigError: the variable does not hold an address.
        """
        if self.webhook_env is None:
            return self.webhook
        address = os.environ.get(self.webhook_env, "")
        if not address.startswith(("http://", "https://")):
            raise ConfigError(
                f"the variable {self.webhook_env} holds no address that begins with http:// or https://",
                where="notify.webhook_env",
                hint=f"set {self.webhook_env}, or take the key away",
            )
        return address


sections.register(sections.Section("notify", NotifySettings))
