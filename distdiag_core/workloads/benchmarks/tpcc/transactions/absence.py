"""What to say of rows that the tables have lost."""

from __future__ import annotations

from distdiag_core.errors import DataError


def absent(warehouse: int, what: str) -> DataError:
    """The error of a transaction that needs `what`: `a customer`, for instance."""
    return DataError(f"warehouse {warehouse} lacks {what}", where="tpcc", hint="clean up and prepare again")
