"""Somebody signed in at a fixed time, with an authenticator app."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.models import Session
from tests.contract.browser import Browser
from tests.contract.conftest import engine as engine

URL = "/account/reauthenticate/"
START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
PASSWORD = "right-password"


@pytest.fixture(autouse=True)
def site(request, settings) -> None:
    if request.node.get_closest_marker("urls") is None:
        settings.ROOT_URLCONF = "tests.account.site"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def make_user(name: str = "ada", **values):
    return get_user_model()._default_manager.create_user(username=name, password=PASSWORD, **values)


@pytest.fixture
def ada(db):
    return make_user()


@pytest.fixture
def bob(db):
    return make_user("bob")


@pytest.fixture
def device(ada) -> TOTPDevice:
    return TOTPDevice.objects.create(user=ada, name="phone", confirmed=True)


def token(device: TOTPDevice) -> str:
    """What the authenticator app shows now."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    import time

    totp.time = time.time()
    return f"{totp.token():0{device.digits}d}"


@pytest.fixture
def browser(clock, ada) -> Browser:
    browser = Browser("sync")
    response = browser.sign_in("ada")
    # A sign-in that was not recorded (503) would else look like a page for nobody.
    assert response.status_code == 200, response.content
    return browser


def row() -> Session:
    return Session.objects.get()


def fields(response) -> dict[str, str]:
    """The inputs of the page's form: name → value."""
    inputs = re.findall(r"<(?:input|select)[^>]*>", response.content.decode())
    found = {}
    for one in inputs:
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', one))
        found[attributes["name"]] = attributes.get("value", "")
    return found


@pytest.fixture
def answer() -> Callable[..., object]:
    """Open the form in a browser and send it back, filled in."""

    def answer(browser: Browser, query: str = "", **given: str):
        form = fields(browser.get(URL + query))
        return browser.post(URL, {**form, **given})

    return answer
