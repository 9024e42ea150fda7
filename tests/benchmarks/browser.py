"""A browser that calls Django's handlers directly: prebuilt requests, nothing else timed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from io import BytesIO
from time import perf_counter_ns
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler

ADDRESS = "203.0.113.7"
# What Chrome sends with every request to an https site.
HEADERS = {
    "host": "testserver",
    "user-agent": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
        "(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    ),
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "accept-language": "en-GB,en;q=0.9",
    "accept-encoding": "gzip, deflate, br, zstd",
    "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Windows"',
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "same-origin",
    "upgrade-insecure-requests": "1",
}


@dataclass(frozen=True)
class Visit:
    """One request, to be built as often as needed."""

    path: str
    cookies: Mapping[str, str] | None = None
    # Given: POSTed as a form.
    body: bytes | None = None
    query: str = ""
    address: str = ADDRESS
    # Beside what every request has, in lower case.
    more: Mapping[str, str] | None = None

    @property
    def headers(self) -> dict[str, str]:
        headers = HEADERS | dict(self.more or {})
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            headers["content-length"] = str(len(self.body))
        return headers

    def environ(self) -> dict[str, Any]:
        """A fresh WSGI environment."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET" if self.body is None else "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.address,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(self.body or b""),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
        return environ

    def scope(self) -> dict[str, Any]:
        """A fresh ASGI scope."""
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": self.query.encode(),
            "root_path": "",
            "headers": [(key.encode(), value.encode()) for key, value in self.headers.items()],
            "client": (self.address, 50000),
            "server": ("testserver", 80),
        }


@dataclass(frozen=True)
class Answer:
    """What came back, and how long that took."""

    status: int
    headers: list[tuple[str, str]]
    nanoseconds: int

    @property
    def cookies(self) -> dict[str, str]:
        jar: SimpleCookie = SimpleCookie()
        for name, value in self.headers:
            if name.lower() == "set-cookie":
                jar.load(value)
        return {name: morsel.value for name, morsel in jar.items()}

    @property
    def vary(self) -> str:
        return ", ".join(value for name, value in self.headers if name.lower() == "vary")


class WsgiBrowser:
    """Calls WSGIHandler."""

    def __init__(self) -> None:
        self.handler = WSGIHandler()

    def visit(self, visits: Sequence[Visit]) -> list[Answer]:
        """Send the requests one after the other."""
        environs = [visit.environ() for visit in visits]
        answers = []
        handler = self.handler
        seen: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            seen[:] = status, headers

        for environ in environs:
            start = perf_counter_ns()
            response = handler(environ, start_response)
            for _chunk in response:
                pass
            response.close()
            spent = perf_counter_ns() - start
            answers.append(Answer(int(seen[0][:3]), seen[1], spent))
        return answers


class AsgiBrowser:
    """Calls ASGIHandler.

    Its `handle()`, not its `__call__()`: the latter opens a thread and with it a
    database connection per request, which a pool saves on a real server and which
    would hide everything else here.
    """

    def __init__(self) -> None:
        self.handler = ASGIHandler()
        self.runner = asyncio.Runner()

    def visit(self, visits: Sequence[Visit]) -> list[Answer]:
        """Send the requests one after the other."""
        return self.runner.run(self._visit([visit.scope() for visit in visits]))

    def call(self, awaitable: Any) -> Any:
        """Run something else in the loop of the requests."""
        return self.runner.run(awaitable)

    async def _visit(self, scopes: list[dict[str, Any]]) -> list[Answer]:
        return [await self._one(scope) for scope in scopes]

    async def _one(self, scope: dict[str, Any]) -> Answer:
        sent: list[dict[str, Any]] = []
        bodies = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> dict[str, Any]:
            for body in bodies:
                return body
            # The client stays until it has its answer.
            await asyncio.Future()
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        start = perf_counter_ns()
        await self.handler.handle(scope, receive, send)
        spent = perf_counter_ns() - start
        headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        return Answer(sent[0]["status"], headers, spent)
