"""SPDY/3.1, as far as `kubectl exec` and `kubectl port-forward` speak it: streams of headers and data.

Written after the specification (draft-mbelshe-httpbis-spdy-00 and its 3.1), for a server in tests.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY = 1, 2, 3, 6, 7
_CONTROL = 0x8000_0000
_VERSION = 3
_FIN = 1
# The words that headers are compressed with: each with its length before it, then the rest without.
_WORDS = (
    "options|head|post|put|delete|trace|accept|accept-charset|accept-encoding|accept-language|accept-ranges|age|all"
    "ow|authorization|cache-control|connection|content-base|content-encoding|content-language|content-length|conten"
    "t-location|content-md5|content-range|content-type|date|etag|expect|expires|from|host|if-match|if-modified-sinc"
    "e|if-none-match|if-range|if-unmodified-since|last-modified|location|max-forwards|pragma|proxy-authenticate|pro"
    "xy-authorization|range|referer|retry-after|server|te|trailer|transfer-encoding|upgrade|user-agent|vary|via|war"
    "ning|www-authenticate|method|get|status|200 OK|version|HTTP/1.1|url|public|set-cookie|keep-alive|origin"
)
_REST = (
    b"100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritativ"
    b"e Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 I"
    b"nternal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec"
    b" 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xm"
    b"l,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset="
    b"iso-8859-1,utf-,*,enq=0."
)
_DICTIONARY = b"".join(struct.pack(">I", len(word)) + word.encode() for word in _WORDS.split("|")) + _REST


@dataclass
class Stream:
    """A stream that the client has opened.

    Attributes:
        headers: as the client sent them, with names in lower case.
        incoming: what it sends; it ends with the client's half of the stream.
    """

    session: Session
    id: int
    headers: dict[str, str]
    incoming: asyncio.StreamReader = field(default_factory=asyncio.StreamReader)
    closed: bool = False

    async def send(self, data: bytes, *, end: bool = False) -> None:
        """Send `data` to the client."""
        if not self.closed:
            self.closed = end
            await self.session.send(struct.pack(">II", self.id, (_FIN if end else 0) << 24 | len(data)) + data)

    async def close(self) -> None:
        """End our half."""
        await self.send(b"", end=True)


class Session:
    """A connection that was upgraded to SPDY; `opened` is called with every stream that the client opens."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        opened: Callable[[Stream], Awaitable[None]],
    ) -> None:
        self._reader, self._writer, self._opened = reader, writer, opened
        self._streams: dict[int, Stream] = {}
        self._inflate = zlib.decompressobj(zdict=_DICTIONARY)
        self._deflate = zlib.compressobj(zdict=_DICTIONARY)

    async def serve(self) -> None:
        """Read frames until the client goes away."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head, length = struct.unpack(">II", await self._reader.readexactly(8))
                data = await self._reader.readexactly(length & 0xFF_FFFF)
                if head & _CONTROL:
                    await self._control(head & 0xFFFF, length >> 24, data)
                elif (stream := self._streams.get(head)) is not None:
                    stream.incoming.feed_data(data)
                    self._ended(stream, length >> 24)
        for stream in self._streams.values():
            stream.incoming.feed_eof()

    async def send(self, frame: bytes) -> None:
        """Send one frame; to a client that has gone away, nothing."""
        with suppress(ConnectionError):
            self._writer.write(frame)
            await self._writer.drain()

    async def _control(self, kind: int, flags: int, data: bytes) -> None:
        number = struct.unpack(">I", data[:4])[0] & 0x7FFF_FFFF if len(data) >= 4 else 0
        if kind == _SYN_STREAM:
            stream = self._streams[number] = Stream(self, number, self._headers(data[10:]))
            await self._frame(_SYN_REPLY, data[:4] + self._no_headers())
            self._ended(stream, flags)
            await self._opened(stream)
        elif kind == _RST_STREAM and number in self._streams:
            self._streams[number].incoming.feed_eof()
        elif kind == _PING:
            await self._frame(_PING, data)
        elif kind == _GOAWAY:
            self._reader.feed_eof()

    async def _frame(self, kind: int, data: bytes) -> None:
        await self.send(struct.pack(">II", _CONTROL | _VERSION << 16 | kind, len(data)) + data)

    def _headers(self, block: bytes) -> dict[str, str]:
        plain = self._inflate.decompress(block)
        texts, at = [], 4
        for _ in range(2 * struct.unpack(">I", plain[:4])[0]):
            (length,) = struct.unpack(">I", plain[at : at + 4])
            texts.append(plain[at + 4 : at + 4 + length].decode())
            at += 4 + length
        return {name.lower(): value for name, value in zip(texts[::2], texts[1::2], strict=True)}

    def _no_headers(self) -> bytes:
        return self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    @staticmethod
    def _ended(stream: Stream, flags: int) -> None:
        if flags & _FIN:
            stream.incoming.feed_eof()
