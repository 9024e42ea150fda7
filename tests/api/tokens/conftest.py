"""Programs that present a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle.tokens import Issued, start_token_session
from sessions_hub.understanding.methods import MethodClaim
from tests.api.conftest import URL, ada, bob, browser, make_user, other_session, sign_in

__all__ = ["ada", "bob", "browser", "make_user", "other_session", "sign_in"]

AGENT = "ShopApp/3.2 (iPhone; iOS 18.1)"
PASSWORD = MethodClaim(method="password")


class Program:
    """A client without cookies."""

    def __init__(self, secret: str = "", **headers: str) -> None:
        self.secret = secret
        self.headers = {"user-agent": AGENT, **headers}

    def call(self, verb: str, path: str, data: Any = None, **headers: str) -> HttpResponse:
        given = {**self.headers, **headers}
        if self.secret:
            given.setdefault("authorization", f"Bearer {self.secret}")
        client = Client(headers=given, enforce_csrf_checks=True)
        send = getattr(client, verb)
        if data is None:
            return send(path)
        return send(path, data, content_type="application/json")

    def whoami(self) -> HttpResponse:
        return self.call("get", f"{URL}current/")


@pytest.fixture
def atomic_requests() -> Iterator[None]:
    """Each request is one transaction."""
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = True
    yield
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = False


@pytest.fixture
def sign_in_on(settings) -> None:
    settings.SESSIONS_HUB_API_SIGN_IN = ["password", "totp"]


@pytest.fixture
def issue(ada) -> Callable[..., Issued]:
    """A session of ada's with a secret."""

    def issue(*scopes: str, user: Any = None, **values: Any) -> Issued:
        values.setdefault("now", timezone.now())
        return start_token_session(user or ada, [PASSWORD], scopes=scopes, **values)

    return issue


@pytest.fixture
def program(issue) -> Callable[..., Program]:
    """A program with a secret of ada's that has these scopes."""

    def program(*scopes: str, **values: Any) -> Program:
        return Program(issue(*scopes, **values).secret)

    return program
