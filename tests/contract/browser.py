"""One way to drive sync and async handlers: a browser with cookies."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.test import AsyncClient, Client

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)


class Browser:
    """Requests through WSGI's handler, or through ASGI's; `path()` picks the view's twin."""

    def __init__(self, mode: str, **headers: str) -> None:
        self.mode = mode
        self.headers = {"user-agent": CHROME, **headers}
        self.client: Any = (
            AsyncClient(raise_request_exception=False)
            if mode == "async"
            else Client(raise_request_exception=False)
        )

    @property
    def cookies(self) -> Any:
        return self.client.cookies

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self._send("get", path, headers)

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> HttpResponse:
        return self._send("post", path, headers, data or {})

    def whoami(self) -> str | None:
        return self.get(self.twin("/whoami/")).json()["user"]

    def session_id(self) -> str | None:
        return self.get(self.twin("/whoami/")).json()["session"]

    def sign_in(self, name: str, query: str = "") -> HttpResponse:
        return self.get(self.twin("/sign-in/") + f"?user={name}{query}")

    def sign_out(self) -> HttpResponse:
        return self.get(self.twin("/sign-out/"))

    def twin(self, path: str) -> str:
        return path.replace("/", "/a", 1) if self.mode == "async" else path

    def _send(self, verb: str, path: str, headers: dict[str, str], *data: Any) -> HttpResponse:
        call = getattr(self.client, verb)
        headers = {**self.headers, **{name.replace("_", "-"): v for name, v in headers.items()}}
        if self.mode == "async":
            return async_to_sync(call)(path, *data, headers=headers)
        return call(path, *data, headers=headers)
