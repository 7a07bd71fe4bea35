"""What must be settled about the terminal before the first screen, and what is sent to it beside the screen."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError
from distdiag_tui.drawing.lines import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping
    from typing import TextIO

# Calm over a slow line, and a key that is typed within 50 ms of Escape is a separate key, as in most programs.
# Textual reads these when it is first imported.
_TEXTUAL_SETTINGS = {"TEXTUAL_FPS": "15", "TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0", "ESCDELAY": "50"}


def require(streams: Iterable[TextIO | None]) -> None:
    """Refuse a console whose keys or screen are no terminal, as where they are redirected or left by `nohup`.

    Raises:
        ConfigError: one of the streams is no terminal.
    """
    if not all(stream is not None and not stream.closed and stream.isatty() for stream in streams):
        raise ConfigError(
            "the console wants a terminal, for its keys as for its screen, and there is none",
            hint="run it in a terminal, or use the headless verbs, for instance: distdiag watch, distdiag diagnose",
        )


def is_served(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is in a browser, and keys and screen pass through pipes."""
    return environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def prepare(environ: MutableMapping[str, str]) -> None:
    """Refuse what cannot show a screen and calm down the rest; call it before anything imports Textual.

    Raises:
        ConfigError: the terminal cannot move its cursor.
    """
    term = environ.get("TERM", "")
    if term in {"", "dumb"}:
        raise ConfigError(
            f"this terminal (TERM={term or 'unset'}) cannot show the console",
            hint="set TERM to what it is, or use the headless verbs, for instance: distdiag watch, distdiag diagnose",
        )
    for name, value in _TEXTUAL_SETTINGS.items():
        environ.setdefault(name, value)


def has_rgb(environ: Mapping[str, str]) -> bool:
    """Whether colours beyond the terminal's own sixteen can be asked for, and are wanted."""
    if environ.get("NO_COLOR"):
        return False
    return environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"} or "256" in environ.get("TERM", "")


# GNU screen passes on no longer sequences at once.
_SCREEN_CELLS = 240


def clipboard(text: str, environ: Mapping[str, str]) -> str:
    """The control sequence that puts a text on the clipboard (OSC 52), also where tmux or screen lie between.

    tmux takes it itself where `set-clipboard` is on, and hands it to the terminal where `allow-passthrough` is.
    """
    encoded = base64.b64encode(text.encode("utf-8")).decode("ascii")
    sequence = f"\x1b]52;c;{encoded}\a"
    outer = _to_the_terminal(sequence, environ)
    return sequence if outer == sequence else sequence + outer


def notice(text: str, environ: Mapping[str, str]) -> str:
    """The control sequence that asks the terminal for a notice on the desktop (OSC 9)."""
    return _to_the_terminal(f"\x1b]9;{clean(text)}\a", environ)


def _to_the_terminal(sequence: str, environ: Mapping[str, str]) -> str:
    """Wrapped so that a multiplexer hands it on as it is."""
    if environ.get("TMUX"):
        inner = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{inner}\x1b\\"
    if environ.get("STY"):
        pieces = (sequence[at : at + _SCREEN_CELLS] for at in range(0, len(sequence), _SCREEN_CELLS))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence
