"""The entry point of the programs in `sql.zip.base64`, which is beside this file; their arguments are in `sql_main`."""

import os
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
UNPACKED = HERE / "sql"


def unpack() -> None:
    """Lay the programs out as files, which Python compiles only once; several may do so at once."""
    # Needed once, and paid for every time if they stood above.
    import base64
    import io
    import shutil
    import zipfile

    unfinished = HERE / f".sql.{os.getpid()}"
    with zipfile.ZipFile(io.BytesIO(base64.b64decode((HERE / "sql.zip.base64").read_bytes()))) as archive:
        archive.extractall(unfinished)
    try:
        unfinished.rename(UNPACKED)
    except OSError:
        shutil.rmtree(unfinished)


if not UNPACKED.is_dir():
    unpack()
sys.path.insert(0, str(UNPACKED))
runpy.run_module("node.sql_main", run_name="__main__")
