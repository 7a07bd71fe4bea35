"""Probes of the SSH server and of the database of a lab node."""

from __future__ import annotations

import asyncio

# A node with an anomaly answers slowly; with a short timeout it would count as dead and be restarted.
_TIMEOUT_S = 10.0


async def ssh(host: str, port: int = 22) -> bool:
    """Whether an SSH server sends its banner."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                return (await reader.read(4)) == b"SSH-"
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def sql(host: str, port: int, password: str) -> bool:
    """Whether the database lets root in with the password and answers a query."""
    return await asyncio.to_thread(_sql, host, port, password)


def _sql(host: str, port: int, password: str) -> bool:
    import pymysql

    try:
        connection = pymysql.connect(
            host=host, port=port, user="root", password=password,
            connect_timeout=_TIMEOUT_S, read_timeout=_TIMEOUT_S, write_timeout=_TIMEOUT_S,
        )  # fmt: skip
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except (pymysql.MySQLError, OSError):
        return False
