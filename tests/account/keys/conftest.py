"""Somebody with keys. Collected only where the settings have allauth's second factors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from tests.account.conftest import URL, fields
from tests.contract.browser import Browser

collect_ignore_glob = [] if "allauth.mfa" in settings.INSTALLED_APPS else ["test_*.py"]


@pytest.fixture
def begin() -> Callable[..., dict[str, Any]]:
    """Open the page, and ask for a key as its script does: the form, and what it was told."""

    def begin(
        browser: Browser, query: str = "", **told: str
    ) -> tuple[dict[str, str], dict[str, Any]]:
        form = fields(browser.get(URL + query))
        response = browser.post(URL, {**form, **told, "begin": "key"})
        assert response.status_code == 200, response.content
        return form, json.loads(response.content)

    return begin


@pytest.fixture
def use(begin) -> Callable[..., int]:
    """Prove the session again with a key: the status of the answer."""

    def use(browser: Browser, key: Any, query: str = "", *, typed=None, **how: Any) -> int:
        told = {"with_password": "1"} if typed and "password" in typed else {}
        form, options = begin(browser, query, **told)
        given = {**form, **(typed or {}), "credential": key.answer(options, **how)}
        return browser.post(URL, given).status_code

    return use


@pytest.fixture
def keyed(ada) -> Browser:
    """Ada, who has no password, signed in with a key that did not say whether it verified her."""
    ada.set_unusable_password()
    ada.save()
    browser = Browser("sync")
    response = browser.get("/sign-in-through-allauth/?user=ada&methods=mfa:webauthn")
    # A sign-in that was not recorded (503) would else look like a page for nobody.
    assert response.status_code == 200, response.content
    return browser
