"""Requests over connections of their own, as any worker may take them. One loop, no threads."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from tests.benchmarks.load_sites import WORKER_HEADER

COOKIE = "sessionid"
_GIVES_UP_AFTER = 20.0
# What a connection that broke is told as.
BROKEN = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status (0 where there was none), who gave it, and when it was asked for."""

    status: int
    worker: str
    body: dict[str, Any]
    # What the answer makes of the cookie: None leaves it, "" takes it away.
    cookie: str | None
    # By time.time(): the hub says times of the clock.
    asked_at: float
    took: float


class Client:
    """Asks one port, at most so many requests at once."""

    def __init__(self, port: int, at_once: int) -> None:
        self.port = port
        self._room = asyncio.Semaphore(at_once)

    async def ask(self, verb: str, path: str, cookie: str = "", body: str = "") -> Reply:
        """One request. Never raises: what breaks is a reply as well."""
        async with self._room:
            asked_at, began = time.time(), time.perf_counter()
            try:
                head, text = await asyncio.wait_for(
                    self._exchange(verb, path, cookie, body), _GIVES_UP_AFTER
                )
                status, headers = _parsed(head)
            except (TimeoutError, OSError, ValueError, EOFError):
                took = time.perf_counter() - began
                return Reply(BROKEN, "", {}, None, asked_at, took)
        took = time.perf_counter() - began
        worker = next((value for name, value in headers if name == WORKER_HEADER.lower()), "")
        return Reply(status, worker, _json(text), _cookie(headers), asked_at, took)

    async def _exchange(self, verb: str, path: str, cookie: str, body: str) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            lines = [f"{verb} {path} HTTP/1.1", "Host: testserver", "Connection: close"]
            if cookie:
                lines.append(f"Cookie: {COOKIE}={cookie}")
            if body:
                lines.append("Content-Type: application/x-www-form-urlencoded")
                lines.append(f"Content-Length: {len(body)}")
            writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
        head, found, text = answer.partition(b"\r\n\r\n")
        if not found:
            raise EOFError("The connection broke.")
        return head, text


def _parsed(head: bytes) -> tuple[int, list[tuple[str, str]]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = []
    for line in lines:
        name, _colon, value = line.partition(":")
        headers.append((name.strip().lower(), value.strip()))
    return int(first.split(" ", 2)[1]), headers


def _json(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text[text.index(b"{") : text.rindex(b"}") + 1])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _cookie(headers: list[tuple[str, str]]) -> str | None:
    for name, value in headers:
        if name == "set-cookie":
            jar: SimpleCookie = SimpleCookie()
            jar.load(value)
            if (morsel := jar.get(COOKIE)) is not None:
                return morsel.value
    return None
