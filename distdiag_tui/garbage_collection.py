"""Garbage collection that leaves out what stays as long as the console.

A full collection looks at every object that there is: 130,000 of them, nearly all of imported modules, and for 80 to
130 ms no key is heard. It fell into every second to fourth opening of a page.
"""

from __future__ import annotations

import gc


def hold_off() -> None:
    """Collect nothing until `settle`: while a program starts, next to nothing that it makes is garbage."""
    gc.disable()


def settle() -> None:
    """Collect once, and look at nothing again that is left; what was left before, and is garbage now, is collected."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.enable()
