"""A used site: people who have signed in in every way, and the secrets of it all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle.bearer import find_bearer
from sessions_hub.lifecycle.tokens import rotate_token, start_token_session
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim
from tests.api.conftest import CHROME
from tests.api.staff.conftest import make_staff, token_of

from . import seeds

PASSWORD = "correct+horse/battery&staple<9f31>"


@dataclass
class Site:
    """Ada's and root's browsers, ada's program, and what nobody is to see."""

    ada: Any
    root: Any
    browser: Client
    staff: Client
    secret: str
    session: Session
    seeds: seeds.Seeds


def sign_in(user: Any) -> Client:
    client = Client(headers={"user-agent": CHROME}, raise_request_exception=False)
    client.post("/accounts/login/", {"username": user.get_username(), "password": PASSWORD})
    assert client.get("/whoami/").json()["user"] == user.get_username()
    return client


@pytest.fixture
def used(settings: Any, db: None) -> Site:
    cache.clear()
    seeds.configure(settings)
    settings.SESSIONS_HUB_API_SIGN_IN = ["password", "totp", "lookup_secret"]
    ada = get_user_model()._default_manager.create_user(
        username="ada", password=PASSWORD, email="ada@example.com"
    )
    root = make_staff("root", is_superuser=True)
    root.set_password(PASSWORD)
    root.save()
    TOTPDevice.objects.create(user=ada, name="phone", confirmed=True)
    browser, staff = sign_in(ada), sign_in(root)
    first = start_token_session(ada, [MethodClaim(method="password")], now=timezone.now())
    token_of(root, "staff", "introspect")
    bearer = find_bearer(first.secret, timezone.now())
    assert bearer is not None
    secret = rotate_token(bearer, now=timezone.now())
    # An impersonation of ada's, which has ended.
    other = sign_in(root)
    other.post(f"/account/impersonate/{ada.pk}/", {"reason": "ticket 7"})
    other.post("/account/impersonate/stop/")
    session = Session.objects.get(pk=browser.get("/whoami/").json()["session"])
    planted = seeds.plant(ada, session, secret, PASSWORD)
    planted.plain["replaced secret of a program"] = first.secret
    planted.plain["device key"] = browser.cookies["sessions_hub_device"].value.split(":")[0]
    token = browser.get("/api/sessions/current/?tokenize_as=orders").json()["tokenized"]
    planted.plain["signed token"] = token.rpartition(".")[2]
    seeds.refresh(planted, ada)
    return Site(ada, root, browser, staff, secret, session, planted)
