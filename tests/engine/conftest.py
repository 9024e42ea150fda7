"""A site on the engine, with the backend that goes with it."""

from __future__ import annotations

import pytest

from tests.contract.browser import Browser
from tests.lifecycle.conftest import make_user as make_user
from tests.lifecycle.conftest import more_views as more_views
from tests.lifecycle.conftest import user as user
from tests.lifecycle.conftest import warm as warm

ENGINE = "sessions_hub.engine.store"
BACKENDS = ["sessions_hub.auth.ModelBackend", "django.contrib.auth.backends.ModelBackend"]


@pytest.fixture(autouse=True)
def site(settings, more_views, monkeypatch) -> None:
    settings.SESSION_ENGINE = ENGINE
    settings.AUTHENTICATION_BACKENDS = BACKENDS
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]
    monkeypatch.setattr("tests.views.BACKEND", BACKENDS[0])


@pytest.fixture(params=["sync", "async"])
def signed_in(request, user) -> Browser:
    """Signed in, and what is compiled once is compiled."""
    browser = Browser(request.param)
    browser.sign_in("ada")
    assert browser.whoami() == "ada"
    return browser
