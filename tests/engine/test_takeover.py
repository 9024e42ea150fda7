"""Changing from Django's db engine to ours signs nobody out, and brings nobody back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session as OldSession
from django.utils import timezone

from sessions_hub.engine import takeover
from sessions_hub.engine.models import DjangoSession
from sessions_hub.engine.store import SessionStore
from sessions_hub.models import Session
from tests.contract.browser import Browser
from tests.lifecycle.stores import cookie_of, with_cookie
from tests.lifecycle.test_query_counts import Statements

from .conftest import ENGINE

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(params=["db", "cached_db"])
def before(request, settings, user) -> str:
    """The cookie of somebody who signed in with Django's engine; ours is on by now."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    browser = Browser("sync")
    browser.sign_in("ada")
    settings.SESSION_ENGINE = ENGINE
    settings.SESSIONS_HUB_ENGINE_TAKES_OVER = True
    return cookie_of(browser)


class TestTakeover:
    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_a_session_goes_on_with_its_row_and_its_key(self, before, mode):
        browser = Browser(mode)
        browser.client.cookies["sessionid"] = before
        assert browser.whoami() == "ada"
        assert OldSession.objects.count() == 0
        row = DjangoSession.objects.get()
        assert (row.pk, row.hub_session) == (before, Session.objects.get())
        with Statements() as ran:
            browser.get("/public/")
        assert len(ran.all) == 1

    def test_is_off_unless_asked_for(self, before, settings):
        settings.SESSIONS_HUB_ENGINE_TAKES_OVER = False
        assert with_cookie(before).whoami() is None
        assert OldSession.objects.count() == 1

    def test_an_expired_session_stays_where_it_is(self, before):
        OldSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        assert with_cookie(before).whoami() is None
        assert DjangoSession.objects.count() == 0

    def test_who_signs_out_does_not_come_back(self, before):
        with_cookie(before).sign_out()
        assert OldSession.objects.count() == DjangoSession.objects.count() == 0
        assert with_cookie(before).whoami() is None

    @pytest.mark.parametrize("way", ["delete", "flush"])
    def test_a_session_deleted_unread_is_deleted_there_too(self, before, way):
        getattr(SessionStore(before), way)()
        assert OldSession.objects.count() == 0

    def test_deleted_async_as_well(self, before):
        async_to_sync(SessionStore(before).adelete)()
        assert OldSession.objects.count() == 0

    def test_what_a_parallel_request_has_moved_and_changed_stays(self, before):
        now = timezone.now()
        takeover.move(DjangoSession, before, now)
        changed = SessionStore(before)
        changed["cart"] = [1]
        changed.save()
        OldSession.objects.create(
            session_key=before,
            session_data=SessionStore().encode({"cart": []}),
            expire_date=now + timedelta(days=1),
        )
        takeover.move(DjangoSession, before, now)
        assert SessionStore(before)["cart"] == [1]
        assert OldSession.objects.count() == 0

    def test_a_session_that_a_parallel_request_moves_is_found(self, before, monkeypatch):
        original = takeover.move

        def overtaken(model, key, now):
            original(model, key, now)
            original(model, key, now)

        monkeypatch.setattr(takeover, "move", overtaken)
        assert with_cookie(before).whoami() == "ada"

    def test_a_key_of_no_session_is_no_session(self, before):
        store = SessionStore("k" * 32)
        assert store.load() == {}
        assert store.session_key is None
