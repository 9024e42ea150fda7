"""What an ended session left behind does not bring it back."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.prune import count_prunable, delete_ended
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.models import EndReason, Session

from .stores import cookie_of, forget, store, with_cookie

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DAY = timedelta(days=1)


class TestAdopted:
    @pytest.mark.parametrize("rotates_secret", [False, True])
    def test_an_ended_one_is_not_adopted_again_with_its_first_cookie(
        self, engine, signed_in, settings, rotates_secret
    ):
        forget(signed_in)
        first = cookie_of(signed_in)
        if rotates_secret:
            # Looking at the user stores the new hash under a new key.
            settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
            settings.SECRET_KEY = "rotated-" + settings.SECRET_KEY
        assert signed_in.whoami() == "ada"
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        assert signed_in.whoami() is None
        # Later, so that what is signed anew is signed with another time.
        with time_machine.travel(timezone.now() + timedelta(seconds=5)):
            assert with_cookie(first).whoami() is None
        assert Session.objects.count() == 1

    def test_its_row_stays_until_the_django_session_has_expired(self, engine, signed_in):
        forget(signed_in)
        # Adopted, but the marker is not saved.
        assert signed_in.get("/boom/").status_code == 500
        row = Session.objects.get()
        end_session(row, reason=EndReason.COMPROMISED)
        soon = timezone.now() + 2 * DAY
        assert count_prunable(soon, Retention(default=DAY)).deleted == 0
        assert sum(delete_ended(soon, Retention(default=DAY))) == 0
        assert signed_in.whoami() is None
        late = row.expires_at + timedelta(seconds=1)
        assert count_prunable(late, Retention(default=DAY)).deleted == 1
        assert sum(delete_ended(late, Retention(default=DAY))) == 1
        with time_machine.travel(late):
            assert signed_in.whoami() is None
        assert Session.objects.count() == 0


class TestCacheOfWholePages:
    @pytest.fixture(autouse=True)
    def page_cache(self, stoppable_cache, settings) -> None:
        settings.MIDDLEWARE = [
            "django.middleware.cache.UpdateCacheMiddleware",
            *settings.MIDDLEWARE,
            "django.middleware.cache.FetchFromCacheMiddleware",
        ]

    def test_does_not_serve_a_visitor_whose_session_has_ended(self, signed_in, user):
        assert signed_in.get("/read-user/").text == "ada"
        user.username = "renamed"
        user.save()
        # From the cache.
        assert signed_in.get("/read-user/").text == "ada"
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        assert signed_in.get("/read-user/").text == ""


class TestKeyMadeUpByTheClient:
    @pytest.mark.parametrize("engine", ["db", "cached_db", "cache", "file"], indirect=True)
    def test_stores_nothing_after_a_refused_sign_in(self, engine, user):
        made_up = "attackerchosen0123456789abcdefgh"
        browser = with_cookie(made_up)
        with mock.patch(
            "sessions_hub.receivers.start_session", side_effect=OperationalError("locked")
        ):
            assert browser.get("/fill-cart-and-sign-in/?user=ada").status_code == 503
        assert not store().exists(made_up)
        assert browser.whoami() is None
