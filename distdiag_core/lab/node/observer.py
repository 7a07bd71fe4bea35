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
    """Open the store, created at the first start, and serve it until a signal ends the process."""
    store, complete = home / "store", home / "complete"
    if not complete.exists():
        # An interrupted first start leaves a store that the engine cannot open.
        shutil.rmtree(store, ignore_errors=True)
    pylibseekdb.open_with_service(str(store), port)
    set_password(password.read_text(encoding="ascii").strip())
    complete.touch()
    signal.pause()


def set_password(password: str) -> None:
    """Set the password of root, which is empty in a new store; connections inside the process need none."""
    connection = pylibseekdb.connect(database="oceanbase", autocommit=True)
    connection.cursor().execute(f"ALTER USER root IDENTIFIED BY '{password}'")
    connection.close()


main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
