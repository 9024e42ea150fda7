"""Changing what the session store keeps for a browser, behind the hub's back."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from sessions_hub.lifecycle.link import MARKER_KEY
from sessions_hub.models import Device, Session
from tests.contract.browser import Browser


def store(key: str | None = None) -> SessionBase:
    """A session of the configured engine."""
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def cookie_of(browser: Browser) -> str:
    """The value of a browser's session cookie."""
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def with_cookie(cookie: str) -> Browser:
    """Another browser that presents a session cookie."""
    browser = Browser("sync")
    browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
    return browser


def change_store(browser: Browser, **values: object) -> None:
    """Change the stored session of a browser; None takes a key out."""
    session = store(cookie_of(browser))
    for key, value in values.items():
        if value is None:
            session.pop(key, None)
        else:
            session[key] = value
    session.save()
    # Under signed_cookies the key is the data.
    browser.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def forget(browser: Browser) -> Browser:
    """Make a signed-in browser one that signed in before there was a hub."""
    change_store(browser, **{MARKER_KEY: None})
    for model in (Session, Device):
        model.objects.all().delete()
    return browser
