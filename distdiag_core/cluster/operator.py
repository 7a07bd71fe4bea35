"""The account of the operator on this machine."""

from __future__ import annotations

import os
import pwd


def account() -> str:
    """The name of the account that runs this process, or its number where it has no name; not from the environment."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # In a container the number may have no name.
        return str(os.getuid())
