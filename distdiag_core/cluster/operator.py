"""Who runs this program."""

from __future__ import annotations

import os
import pwd


def account() -> str:
    """The account, not as the environment has it, which anybody can set; its number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # In a container the number may have no name.
        return str(os.getuid())
