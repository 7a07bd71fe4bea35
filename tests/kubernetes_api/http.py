"""Requests to the API server of tests and its answers, as far as HTTP/1.1 goes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

Object = dict[str, Any]

REASONS = {400: "BadRequest", 403: "Forbidden", 404: "NotFound", 409: "AlreadyExists", 422: "Invalid"}
_WORDS = {200: "OK", 201: "Created"} | REASONS


@dataclass(frozen=True)
class Request:
    """A request of HTTP."""

    method: str
    path: list[str]
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def option(self, name: str) -> str:
        """The value of an option of the query; empty without it."""
        return self.query.get(name, [""])[0]


class RefusalError(Exception):
    """A request that fails, with its status, the message of the API server and what is wrong with an object."""

    def __init__(self, status: int, message: str, causes: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.causes = [{"reason": "FieldValueInvalid", "message": each, "field": "spec"} for each in causes]


def selected(found: Object, request: Request) -> bool:
    """Whether an object is one of those that a list asks for, by its labels and its name."""
    metadata = found["metadata"]
    labels = metadata.get("labels", {})
    for pair in filter(None, request.option("fieldSelector").split(",")):
        if pair != f"metadata.name={metadata['name']}":
            return False
    selector = request.option("labelSelector")
    if " in (" in selector:
        key, _, values = selector.partition(" in (")
        return labels.get(key) in values.rstrip(")").split(",")
    pairs = (pair.replace("==", "=").partition("=") for pair in selector.split(",") if pair)
    return all(labels.get(key) == value if equals else key in labels for key, equals, value in pairs)


async def read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    headers: dict[str, str] = {}
    for name, _, value in (line.partition(":") for line in head[1:] if line):
        # Of a header that comes several times, as the protocols of exec do, the first is what is preferred.
        headers.setdefault(name.lower(), value.strip())
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    path = [unquote(each) for each in parts.path.strip("/").split("/")]
    return Request(method, path, parse_qs(parts.query, keep_blank_values=True), headers, body)


async def send(writer: asyncio.StreamWriter, status: int, answer: Object) -> None:
    body = json.dumps(answer).encode() if answer else b""
    kind = "application/json" if answer else "application/octet-stream"
    head = f"HTTP/1.1 {status} {_WORDS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
