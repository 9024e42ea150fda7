"""Verdicts from the cache, where the session is in a signed cookie."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sessions_hub.lifecycle import verdict_cache
from sessions_hub.models import Session
from sessions_hub.tombstones import TOMBSTONE
from tests.contract.browser import Browser

from .caches import copy_of, held, put
from .test_query_counts import Statements

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SECOND = timedelta(seconds=1)


class TestSignedCookies:
    @pytest.fixture
    def browser(self, verdicts, settings) -> Browser:
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
        settings.SESSIONS_HUB_ADOPT_UNTIL = timezone.now() + timedelta(days=1)
        return Browser("sync")

    def test_an_older_cookie_is_not_revived_by_a_copy(self, signed_in):
        assert signed_in.whoami() == "ada"
        older = signed_in.cookies["sessionid"].value
        signed_in.sign_in("ada")
        newest = signed_in.cookies["sessionid"].value
        # The newest has come back: the one before it is over, within its 30 seconds.
        assert signed_in.whoami() == "ada"
        signed_in.cookies["sessionid"] = older
        assert signed_in.whoami() is None
        signed_in.cookies["sessionid"] = newest
        assert signed_in.whoami() == "ada"

    def test_a_copy_made_before_the_change_does_not_refuse_the_newest_cookie(
        self, signed_in, alias
    ):
        assert signed_in.whoami() == "ada"
        session = Session.objects.get()
        before = held(session.pk)
        assert copy_of(session.pk) is not None
        signed_in.sign_in("ada")
        # As if the cache had not taken the news.
        put(session.pk, before)
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().ended_at is None

    def test_an_older_cookie_is_not_let_in_by_a_copy_made_in_the_grace(self, signed_in, alias):
        assert signed_in.whoami() == "ada"
        older = signed_in.cookies["sessionid"].value
        signed_in.sign_in("ada")
        row = verdict_cache.fetch_verdict(Session.objects.get().pk, alias)
        assert row.generation_changed_at is not None
        put(row.id, verdict_cache.pack(row, timezone.now() + 9 * SECOND))
        # The newest comes back, by the copy.
        assert signed_in.whoami() == "ada"
        assert held(row.id) == TOMBSTONE
        signed_in.cookies["sessionid"] = older
        assert signed_in.whoami() is None

    def test_the_grace_is_closed_once(self, signed_in):
        signed_in.sign_in("ada")
        with Statements() as ran:
            for _ in range(3):
                assert signed_in.whoami() == "ada"
        assert len(ran.writes) == 1

    def test_the_grace_ends_after_thirty_seconds_also_for_a_copy(self, signed_in, alias):
        assert signed_in.whoami() == "ada"
        session = Session.objects.get()
        now = timezone.now()
        Session.objects.update(generation=1, generation_changed_at=now - 29 * SECOND)
        row = verdict_cache.fetch_verdict(session.pk, alias)
        put(session.pk, verdict_cache.pack(row, now + 9 * SECOND))
        with time_machine.travel(now):
            assert signed_in.whoami() == "ada"
        with time_machine.travel(now + 2 * SECOND):
            assert signed_in.whoami() is None
