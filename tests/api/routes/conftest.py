"""The world that the tables of routes are asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle.tokens import start_token_session
from sessions_hub.models import Device, Session
from tests.api.conftest import ada, bob, other_session, sign_in
from tests.secrecy import seeds

from .visitors import PASSWORD, World

__all__ = ["ada", "bob", "other_session", "sign_in"]


@pytest.fixture(autouse=True)
def site(settings) -> None:
    """All is on that a site can open."""
    settings.SESSIONS_HUB_API_SIGN_IN = ["password", "totp"]
    seeds.configure(settings)


@pytest.fixture
def world(
    ada: Any,
    bob: Any,
    sign_in: Callable[..., Client],
    other_session: Callable[..., Session],
) -> World:
    """Ada, who has an authenticator app, with a further session that could last longer."""
    TOTPDevice.objects.create(user=ada, name="phone", confirmed=True)
    session = other_session(ada)
    half = (session.expires_at - session.issued_at) / 2
    Session.objects.filter(pk=session.pk).update(expires_at=session.issued_at + half)
    secret = start_token_session(ada, [PASSWORD], now=timezone.now()).secret
    return World(
        ada=ada,
        bob=bob,
        session=session,
        device=Device.objects.get(session_devices__session=session),
        secret=secret,
        seeds=seeds.plant(ada, session, secret),
        sign_in=sign_in,
    )
