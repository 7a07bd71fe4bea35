"""Probes of a node of the lab: of its SSH server, and of its database."""

from __future__ import annotations

import asyncio

# A node with an anomaly is slow to answer, and must not be taken for dead, or it would be restarted.
_TIMEOUT_S = 10.0


async def ssh(host: str, port: int = 22) -> bool:
    """Whether an SSH server introduces itself there."""
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
