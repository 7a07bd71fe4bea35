"""Runs sysbench by TLS: `python -m ...sysbench.tls_files SECRET DIRECTORY ARGUMENTS`.

sysbench looks for three files of fixed names in the directory that it is started in. Here they are links to memory of
the process, since a private key is not to lie on a disk of the load host.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

# As sysbench has them built in.
_NAMES = {"ca": "cacert.pem", "cert": "client-cert.pem", "key": "client-key.pem"}
# In an argument: the path of the option file with the account.
OPTIONS = "{options}"


def main() -> None:
    """Become sysbench."""
    secret, directory, *argv = sys.argv[1:]
    texts = json.loads(Path(secret).read_text(encoding="utf-8"))
    place = Path(directory)
    place.mkdir(mode=0o700, exist_ok=True)
    for key, name in _NAMES.items():
        link = place / name
        link.unlink(missing_ok=True)
        link.symlink_to(_in_memory(name, texts[key]))
    options = _in_memory("options", texts["options"])
    os.chdir(place)
    os.execvp(argv[0], [each.replace(OPTIONS, options) for each in argv])  # noqa: S606 - without a shell, as meant


def _in_memory(name: str, text: str) -> str:
    """The path of `text` for this process and the program that it becomes."""
    number = os.memfd_create(name, 0)
    os.write(number, text.encode())
    return f"/proc/self/fd/{number}"


if __name__ == "__main__":
    main()
