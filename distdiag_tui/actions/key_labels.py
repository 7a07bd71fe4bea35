"""Labels of keys, as an operator would write them."""

from __future__ import annotations

_SHOWN = {
    "question_mark": "?", "slash": "/", "plus": "+", "equals_sign": "=", "minus": "-", "colon": ":", "escape": "Esc",
    "full_stop": ".", "comma": ",", "greater_than_sign": ">", "less_than_sign": "<", "left_square_bracket": "[",
    "right_square_bracket": "]",
    "enter": "Enter",
    "pageup": "PgUp", "pagedown": "PgDn", "delete": "Del", "up": "Up", "down": "Down", "left": "Left", "right": "Right",
    "home": "Home", "end": "End", "tab": "Tab", "space": "Space",
}  # fmt: skip


def key_label(keys: str, *, first: bool = False) -> str:
    """Keys as an operator would write them, for instance `^x` or `? F1`; `first` for the first alone."""
    names = [_key_label(key.strip()) for key in keys.split(",")]
    return names[0] if first else " ".join(names)


def _key_label(key: str) -> str:
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _SHOWN.get(key, key)
