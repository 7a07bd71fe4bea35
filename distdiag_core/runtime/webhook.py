"""A webhook: notices as JSON by HTTP POST, in a thread, so that no slow server holds anything up."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.incidents.incident import Incident
    from distdiag_core.incidents.notices import IncidentNotices, Notice
    from distdiag_core.recording.journal import Journal

_TIMEOUT_S = 5.0
# At the end of the program what is on its way has so long.
_CLOSE_S = 6.0
_MOST_WAITING = 50


class Webhook:
    """Sends notices one after the other; one that cannot be delivered is tried again, then noted in the journal.

    Args:
        url: http or https; never shown as a whole, since it may hold a secret.
        pauses_s: before each further attempt.
    """

    def __init__(
        self, url: str, journal: Journal, notices: IncidentNotices, *, pauses_s: Sequence[float] = (2.0, 10.0)
    ) -> None:
        self._url = url
        self._journal = journal
        self._notices = notices
        self._pauses_s = tuple(pauses_s)
        self._waiting: asyncio.Queue[Notice] = asyncio.Queue(_MOST_WAITING)

    def on_tick(self, time_s: float, incident: Incident | None, offset_s: float = 0.0) -> None:
        """Send the notices that are due; arguments as of `IncidentNotices.on_tick`."""
        for notice in self._notices.on_tick(time_s, incident, offset_s):
            self._send(notice)

    def _send(self, notice: Notice) -> None:
        """Send it as soon as those before it are through; of too many that wait, the oldest is dropped."""
        if self._waiting.full():
            self._waiting.get_nowait()
            self._waiting.task_done()
        self._waiting.put_nowait(notice)

    async def run(self) -> None:
        """Deliver what is sent, until cancelled."""
        while True:
            notice = await self._waiting.get()
            try:
                await self._deliver(notice)
            finally:
                self._waiting.task_done()

    async def close(self) -> None:
        """Wait for what is on its way, for a while."""
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._waiting.join()
        except TimeoutError:
            self._note("is slow, and notices at the end of this run may be lost")

    async def _deliver(self, notice: Notice) -> None:
        body = json.dumps(notice.data()).encode("utf-8")
        problem = await asyncio.to_thread(_post, self._url, body)
        for pause_s in self._pauses_s:
            if not problem:
                return
            await asyncio.sleep(pause_s)
            problem = await asyncio.to_thread(_post, self._url, body)
        if problem:
            self._note(f"did not take the notice `{notice.text}`: {problem}")

    def _note(self, what: str) -> None:
        self._journal.note("error", f"the webhook at {urlsplit(self._url).hostname} {what}", level="warning")


def _post(url: str, body: bytes) -> str:
    """Send a JSON text; why that failed, or nothing."""
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "distdiag"}
    request = Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - the settings want http or https
    try:
        with urlopen(request, timeout=_TIMEOUT_S):  # noqa: S310 - the settings want http or https
            return ""
    except HTTPError as error:
        return f"it answered {error.code} {error.reason}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return f"{type(error).__name__}: {reason}"
