"""The one command line that a login shell is given, and the script that follows it on standard input.

sshd hands a command line to the account's login shell, which may be csh or fish and reads quotes, newlines and `!` by
rules of its own: csh runs the later lines of a quoted script by itself. So the login shell is only asked for a POSIX
shell, by words that all of them read alike. The script itself follows as one line of standard input, and only after
the POSIX shell has announced itself.
"""

from __future__ import annotations

import re

# With an empty IFS and no globbing, an unquoted parameter is the line as it was read. A line that the connection cut
# short makes `read` fail, so that no half of a script runs. The process group comes first: see ssh_ending.
SCRIPT = "echo distdiag $$; set -f; IFS=; read -r distdiag && eval $distdiag"
LINE = f"exec /bin/sh -c '{SCRIPT}'"
# Every shell that the environment names says so by this line, whatever else it can do.
NAME_LINE = "echo $SHELL"

_ANNOUNCED = re.compile(rb"distdiag (\d{1,10})\r?\n")
_ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def script_line(command: str) -> bytes:
    """`command`, one or more lines for a POSIX shell, as one line of printable ASCII that has the same meaning."""
    return f"unset IFS; set +f; eval \"$(printf %b '{''.join(map(_plain, command))}')\"\n".encode("ascii")


def announced(line: bytes) -> int | None:
    """The process group of the POSIX shell, from the line by which it announces itself; None from any other line."""
    match = _ANNOUNCED.fullmatch(line)
    return int(match[1]) if match else None


def _plain(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character != "'" and character.isascii() and character.isprintable():
        return character
    # A surrogate stands for a byte that is no UTF-8, in an argument of ours or a name of a file.
    return "".join(f"\\0{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
