"""The observer of a node: OceanBase's engine in this process, listening until it is ended.

Runs with the node's own interpreter, which has the engine and nothing else: it imports nothing of distdiag.
"""

import shutil
import signal
from pathlib import Path

import pylibseekdb

HOME = Path("/data/observer")
STORE = HOME / "store"
COMPLETE = HOME / "complete"
PASSWORD = Path("/run/observer.password")
PORT = 2881


def main() -> None:
    """Open the store, making it the first time, and serve it."""
    if not COMPLETE.exists():
        # A first start that was cut short leaves a store that the engine does not open again.
        shutil.rmtree(STORE, ignore_errors=True)
    pylibseekdb.open_with_service(str(STORE), PORT)
    set_password(PASSWORD.read_text(encoding="utf-8").strip())
    COMPLETE.touch()
    signal.pause()


def set_password(password: str) -> None:
    """Take away the empty password of root that a new store has; from inside, so that none is ever asked for."""
    connection = pylibseekdb.connect(database="oceanbase", autocommit=True)
    connection.cursor().execute(f"ALTER USER root IDENTIFIED BY '{password}'")
    connection.close()


main()
