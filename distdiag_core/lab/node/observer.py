"""The observer of a node: OceanBase's engine in this process, listening until it is ended.

    observer.py HOME PORT PASSWORD_FILE

Runs with an interpreter that has the engine and nothing else: it imports nothing of distdiag.
"""

import shutil
import signal
import sys
from pathlib import Path

import pylibseekdb


def main(home: Path, port: int, password: Path) -> None:
    """Open the store, making it the first time, and serve it."""
    store, complete = home / "store", home / "complete"
    if not complete.exists():
        # A first start that was cut short leaves a store that the engine does not open again.
        shutil.rmtree(store, ignore_errors=True)
    pylibseekdb.open_with_service(str(store), port)
    set_password(password.read_text(encoding="ascii").strip())
    complete.touch()
    signal.pause()


def set_password(password: str) -> None:
    """Take away the empty password of root that a new store has; from inside, where none is asked for."""
    connection = pylibseekdb.connect(database="oceanbase", autocommit=True)
    connection.cursor().execute(f"ALTER USER root IDENTIFIED BY '{password}'")
    connection.close()


main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
