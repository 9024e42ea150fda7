"""Tokens over HTTP: what their tests have in common."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.credentials.conftest import site as site

from .conftest import URL

KEYS = "/api/.well-known/jwks.json"
INTROSPECT = "/api/introspect/"
REVOKE = "/api/revoke/"
FORM = "application/x-www-form-urlencoded"


def token_of(browser: Client, **params: str) -> str:
    return browser.get(f"{URL}current/", {"tokenize_as": "orders", **params}).json()["tokenized"]


def post(client: Client, url: str, token: object) -> Any:
    return client.post(url, urlencode({"token": token}, errors="surrogatepass"), FORM)


def allow(user: Any, codename: str) -> None:
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.user_permissions.add(
        Permission.objects.get(codename=codename, content_type__app_label="sessions_hub")
    )


@pytest.fixture
def staff(bob, sign_in) -> Client:
    """Bob, who may ask about tokens."""
    allow(bob, "view_session")
    return sign_in(bob)


@pytest.fixture
def ask(staff):
    def ask(token: object) -> dict[str, Any]:
        response = post(staff, INTROSPECT, token)
        assert response.status_code == 200
        return response.json()

    return ask
