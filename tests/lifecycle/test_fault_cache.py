"""The cache that Django's sessions are kept in is stopped, full or holds garbage."""

from __future__ import annotations

import pickle
from typing import Any
from unittest import mock

import pytest
from django.core.cache import caches

from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser
from tests.contract.caches import StoppableCache

from .stores import cookie_of, store, with_cookie

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

GARBAGE = {
    "text": "garbage",
    "number": 42,
    "list": ["_auth_user_id", 1],
    "another object": object,
    "empty": {},
    "somebody without a row": {"_auth_user_id": "1", "_sessions_hub": "garbage"},
}


@pytest.fixture(params=["cached_db", "cache"])
def engine(request, settings, stoppable_cache) -> str:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    return request.param


@pytest.fixture
def browser(engine, user) -> Browser:
    browser = Browser("sync")
    browser.sign_in("ada")
    return browser


def key_of(browser: Browser) -> str:
    session = store(cookie_of(browser))
    return getattr(session, "cache_key", "") or session.cache_key_prefix + cookie_of(browser)


def assert_not_let_in(response: Any) -> None:
    """Never as the user, and never told that the credentials are bad."""
    assert response.status_code in (200, 500, 503)
    if response.status_code == 200:
        assert response.json()["user"] is None


class TestStopped:
    def test_the_row_is_untouched_and_the_visitor_comes_back(self, browser, engine):
        before = Session.objects.values().get()
        with StoppableCache.stop():
            for _ in range(2):
                response = browser.get("/whoami/")
                assert response.status_code != 401
        assert Session.objects.values().get() == before
        if engine == "cached_db" and cookie_of(browser):
            assert browser.whoami() == "ada"

    def test_a_sign_out_holds_whatever_the_store_has_kept(self, browser):
        cookie = cookie_of(browser)
        with mock.patch.object(StoppableCache, "delete", side_effect=ConnectionError("down")):
            browser.sign_out()
        assert Session.objects.get().end_reason == EndReason.SIGNED_OUT
        assert with_cookie(cookie).whoami() is None


class TestFull:
    def test_an_ended_session_stays_out_when_its_session_was_evicted(self, browser, engine):
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        caches["default"].clear()
        assert browser.whoami() is None
        assert Session.objects.get().end_reason == EndReason.COMPROMISED

    def test_what_is_not_kept_changes_no_row(self, browser, engine):
        cookie = cookie_of(browser)
        before = Session.objects.values().get()
        with mock.patch.object(StoppableCache, "set"):
            caches["default"].clear()
            # The database still has it, the cache alone has not.
            who = browser.whoami()
        assert who == ("ada" if engine == "cached_db" else None)
        assert Session.objects.values().get() == before
        assert with_cookie(cookie).whoami() == who


class TestGarbage:
    @pytest.mark.parametrize("garbage", GARBAGE)
    def test_lets_nobody_in_and_ends_nothing(self, browser, garbage):
        good = caches["default"].get(key_of(browser))
        assert good is not None
        caches["default"].set(key_of(browser), GARBAGE[garbage])
        cookie = cookie_of(browser)
        assert_not_let_in(browser.get("/whoami/"))
        assert Session.objects.get().ended_at is None
        # Somebody repairs it.
        caches["default"].set(key_of(with_cookie(cookie)), good)
        assert with_cookie(cookie).whoami() == "ada"

    def test_that_cannot_be_unpickled_counts_as_none_where_there_is_a_database(
        self, browser, engine
    ):
        cookie = cookie_of(browser)
        good = caches["default"].get(key_of(browser))
        with mock.patch.object(
            StoppableCache, "get", side_effect=pickle.UnpicklingError("not a pickle")
        ):
            response = browser.get("/whoami/")
            if engine == "cached_db":
                assert response.json()["user"] == "ada"
            else:
                assert_not_let_in(response)
        caches["default"].set(key_of(with_cookie(cookie)), good)
        assert with_cookie(cookie).whoami() == "ada"
