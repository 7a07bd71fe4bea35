"""Requests to the HTTP API of a Prometheus, with its errors in plain words."""

from __future__ import annotations

import json
import math
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from distdiag_core.cluster import tls
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.errors import DataError, TimedOutError, UnreachableError, UnsupportedError, quoted

if TYPE_CHECKING:
    import aiohttp

    from distdiag_core.metrics.sources.prometheus.prometheus_settings import PrometheusSettings

# So many queries are on their way at once; Prometheus answers 20 at a time unless it is told otherwise.
_AT_ONCE = 8
_REFUSED = (401, 403)


class QueryRefusedError(DataError):
    """Prometheus does not understand a query, or cannot carry it out."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of the result of an instant query."""

    labels: dict[str, str]
    value: float


class PrometheusClient:
    """Asks one Prometheus; connections are kept open between requests.

    Raises:
        UnsupportedError: aiohttp is not installed.
    """

    def __init__(self, settings: PrometheusSettings) -> None:
        try:
            import aiohttp  # noqa: F401 - whether it is installed
        except ImportError as error:
            hint = "pip install 'distdiag[prometheus]'"
            raise UnsupportedError("aiohttp is not installed here", where="prometheus", hint=hint) from error
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self.where = f"Prometheus at {urlsplit(settings.url).netloc.rpartition('@')[2]}"

    async def query(self, text: str) -> list[Series]:
        """The series of an instant query, without those that have no number.

        Raises:
            UnreachableError: there is no answer.
            AccountRefusedError: the token is not accepted.
            QueryRefusedError: the query is not understood, or takes too long there.
            DataError: the answer is none of Prometheus.
        """
        import aiohttp

        session = self._opened()
        parameters = {"query": text, "timeout": f"{self._settings.timeout_s:g}s"}
        try:
            url = f"{self._settings.url.rstrip('/')}/api/v1/query"
            async with session.get(url, params=parameters, headers=self._headers()) as answer:
                return self._series(answer.status, await answer.read())
        except TimeoutError as error:
            raise TimedOutError(f"no answer within {self._settings.timeout_s:g} s", where=self.where) from error
        except aiohttp.ClientError as error:
            raise UnreachableError(_reason(error), where=self.where, hint=_hint(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            context = self._tls() if self._settings.url.startswith("https:") else True
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_AT_ONCE, ssl=context),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._settings.timeout_s, sock_read=self._settings.timeout_s
                ),
            )
        return self._session

    def _tls(self) -> ssl.SSLContext:
        host = urlsplit(self._settings.url).hostname or ""
        try:
            return tls.read(self._settings.tls, host).context()
        except UnreachableError as error:
            # The room of databases names its own section.
            raise UnreachableError(error.what.replace("sql.tls", "prometheus.tls"), hint=error.hint) from error

    def _headers(self) -> dict[str, str]:
        if self._settings.token_file is None:
            return {}
        path = Path(self._settings.token_file).expanduser()
        try:
            token = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise DataError(f"the token cannot be read: {error}", where="prometheus.token_file") from error
        if not token or not token.isprintable() or not token.isascii():
            raise DataError("holds no token", where=str(path))
        return {"Authorization": f"Bearer {token}"}

    def _series(self, status: int, body: bytes) -> list[Series]:
        if status in _REFUSED:
            hint = "correct `prometheus.token_file`" if self._settings.token_file else "set `prometheus.token_file`"
            raise AccountRefusedError(f"it does not let us read ({status})", where=self.where, hint=hint)
        try:
            answer = json.loads(body)
            if answer["status"] == "error":
                raise QueryRefusedError(quoted(str(answer["error"])), where=self.where)
            return [Series(*each) for each in map(_series, _vector(answer["data"])) if math.isfinite(each[1])]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            hint = "is `prometheus.url` the address of a Prometheus?"
            raise DataError(f"answers {status}, and not as Prometheus does", where=self.where, hint=hint) from error


def _vector(data: dict[str, Any]) -> list[dict[str, Any]]:
    if data["resultType"] == "vector":
        result: list[dict[str, Any]] = data["result"]
        return result
    if data["resultType"] == "scalar":
        return [{"metric": {}, "value": data["result"]}]
    raise ValueError


def _series(each: dict[str, Any]) -> tuple[dict[str, str], float]:
    return each["metric"], float(each["value"][1])


def _reason(error: Exception) -> str:
    cause = getattr(error, "os_error", None) or error
    return str(getattr(cause, "strerror", None) or cause) or type(cause).__name__


def _hint(error: Exception) -> str:
    return "see `prometheus.tls`" if isinstance(getattr(error, "__cause__", None) or error, ssl.SSLError) else ""
