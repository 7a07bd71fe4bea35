"""The section `obdiag` of a cluster file: how obdiag is called."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Le
from pydantic.dataclasses import dataclass

from distdiag_core.cluster import sections
from distdiag_core.errors import ConfigError
from distdiag_core.settings.model import SETTINGS, Command, Example, Flag, Seconds, Text

VARIABLE = "OBDIAG_CMD"


@dataclass(frozen=True, slots=True, config=SETTINGS)
class ObdiagSettings:
    """How obdiag is called, the diagnostic tool of OceanBase; it runs on this machine."""

    command: Annotated[Command, Example("/opt/oceanbase-diagnostic-tool/obdiag")] = "obdiag"
    """The program, with arguments where it needs some. The variable OBDIAG_CMD comes before it."""
    plugins: Annotated[Text, Example("~/.obdiag")] = "~/.obdiag"
    """The directory where its installation put its checks and scenes: check, rca, gather and display."""
    home_path: Annotated[Text | None, Example("/home/admin/oceanbase")] = None
    """The directory that the observers are installed in. Without it: /root/observer, as obdiag has it."""
    timeout_s: Annotated[Seconds, Gt(0), Le(3600)] = 600.0
    """How long one call may take; it is ended after that."""
    every_s: Annotated[Seconds, Ge(60), Le(86_400)] = 600.0
    """With the source obdiag: the time between two readings of the history that tsar keeps on the nodes."""
    on_read_only: Flag = False
    """true: on a read-only cluster as well, obdiag may collect files below /tmp of the nodes, which are removed again.
    Scenes and the history of tsar need that; nothing else of the nodes and nothing of the databases is changed."""

    def program(self) -> list[str]:
        """The program and its arguments in force.

        Raises:
            ConfigError: the variable cannot be split into words.
        """
        command = os.environ.get(VARIABLE) or self.command
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise ConfigError(f"cannot be split into words: {error}", where=VARIABLE) from error
        if not words:
            raise ConfigError("holds no program", where=VARIABLE)
        return words

    def plugin_directory(self) -> Path:
        """The directory of its checks and scenes."""
        return Path(self.plugins).expanduser()


sections.register(sections.Section("obdiag", ObdiagSettings))
