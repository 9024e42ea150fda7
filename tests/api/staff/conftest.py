"""Members of staff, in browsers and with tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle.tokens import start_token_session
from tests.api.conftest import ada, bob, browser, make_user, other_session, sign_in
from tests.api.tokens.conftest import PASSWORD, Program

__all__ = ["ada", "bob", "browser", "make_user", "other_session", "sign_in"]

STAFF = "/api/staff/"
SESSIONS = f"{STAFF}sessions/"
END = f"{SESSIONS}end/"
ALL = (
    "view_session",
    "change_session",
    "add_session",
    "end_session",
    "view_device",
    "view_authenticationmethod",
    "impersonate_user",
)


def make_staff(name: str, *permissions: str, **values: Any) -> Any:
    """A member of staff with these permissions of the hub's."""
    values = {"is_staff": True, **values}
    user = get_user_model()._default_manager.create_user(
        username=name, password="right-password", email=f"{name}@example.com", **values
    )
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=permissions, content_type__app_label="sessions_hub")
    )
    return user


def post(client: Any, path: str, data: Any = None) -> Any:
    """POST JSON, whoever asks."""
    if isinstance(client, Program):
        return client.call("post", path, data or {})
    return client.post(path, data or {}, content_type="application/json")


def token_of(user: Any, *scopes: str, **values: Any) -> Program:
    """A program with a token of this user's."""
    issued = start_token_session(user, [PASSWORD], scopes=scopes, now=timezone.now(), **values)
    program = Program(issued.secret)
    program.session = issued.session
    return program


@pytest.fixture
def grace(db) -> Any:
    """Staff, with all permissions of the hub's, and no superuser."""
    return make_staff("grace", *ALL)


@pytest.fixture
def desk(grace, sign_in: Callable[..., Client]) -> Client:
    """Grace's browser."""
    return sign_in(grace)
