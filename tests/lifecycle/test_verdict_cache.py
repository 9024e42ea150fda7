"""Verdicts from the cache: what they save, what is none, and how long they are good."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sessions_hub.lifecycle import start_session, verdict_cache
from sessions_hub.models import EndReason, Session
from sessions_hub.tombstones import TOMBSTONE
from tests.contract.browser import Browser

from .caches import copy_of, held, put, verdict_of
from .test_query_counts import Statements, without_the_hub

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SECOND = timedelta(seconds=1)


class TestHit:
    def test_runs_no_statement_of_ours(self, cached_session, signed_in):
        with Statements() as ran:
            assert signed_in.get("/read-user/").content == b"ada"
        assert ran.ours == []

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_costs_as_many_statements_as_plain_django(self, verdicts, user, settings, mode):
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]
        browser = Browser(mode)
        browser.sign_in("ada")
        browser.get("/read-user/")
        with Statements() as with_hub:
            browser.get("/read-user/")
        without_the_hub(settings)
        other = Browser(mode)
        other.client.cookies = browser.client.cookies
        with Statements() as without:
            other.get("/read-user/")
        assert len(with_hub.all) == len(without.all) == 2

    def test_of_a_view_that_reads_nothing_costs_djangos_own_load(
        self, cached_session, signed_in, settings
    ):
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]
        with Statements() as ran:
            signed_in.get("/public/")
        assert len(ran.all) == 1
        assert "django_session" in ran.all[0]

    def test_gives_the_row_that_the_database_would(self, cached_session, alias):
        hit = verdict_of(cached_session, alias)
        assert hit == verdict_cache.fetch_verdict(cached_session.pk, alias)
        assert type(hit.user_id) is type(cached_session.user_id)

    def test_holds_only_text(self, cached_session):
        assert isinstance(held(cached_session.pk), str)


class TestMiss:
    @pytest.mark.parametrize(
        "value", ["", "{}", "[]", "null", 7, None, b"\x80\x04", {"a": 1}, [1], TOMBSTONE, "\x00"]
    )
    def test_is_whatever_is_no_copy(self, cached_session, signed_in, value):
        put(cached_session.pk, value)
        with Statements() as ran:
            assert signed_in.whoami() == "ada"
        assert len(ran.ours) >= 1

    def test_is_another_users_copy(self, cached_session, make_user, alias):
        row = verdict_cache.fetch_verdict(cached_session.pk, alias)
        until = timezone.now() + 5 * SECOND
        put(cached_session.pk, verdict_cache.pack(row._replace(user_id=make_user("bob").pk), until))
        assert verdict_of(cached_session, alias) == row

    def test_is_a_copy_that_would_refuse(self, cached_session, signed_in, alias):
        """The cache says yes or nothing: of what ended, and when, the row tells."""
        row = verdict_cache.fetch_verdict(cached_session.pk, alias)
        now = timezone.now()
        for wrong in (
            row._replace(ended_at=now),
            row._replace(expires_at=now - SECOND),
            row._replace(idle_expires_at=now),
        ):
            put(cached_session.pk, verdict_cache.pack(wrong, now + 5 * SECOND))
            assert signed_in.whoami() == "ada"

    @pytest.mark.parametrize("what", ["unknown", "ended", "expired"])
    def test_of_a_session_that_is_not_valid_leaves_no_copy(self, verdicts, user, alias, what):
        session = start_session(user)
        if what == "unknown":
            Session.objects.all().delete()
        elif what == "ended":
            Session.objects.update(ended_at=timezone.now(), end_reason=EndReason.COMPROMISED)
        else:
            Session.objects.update(idle_expires_at=timezone.now())
        verdict_of(session, alias)
        assert held(session.pk) is None


class TestTime:
    def test_a_copy_is_good_for_ten_seconds_and_no_longer(self, cached_session, signed_in):
        # Ended behind the hub's back, so that nobody told the cache.
        Session.objects.update(ended_at=timezone.now(), end_reason=EndReason.COMPROMISED)
        assert signed_in.whoami() == "ada"
        with time_machine.travel(timezone.now() + 10 * SECOND):
            assert signed_in.whoami() is None

    def test_the_setting_makes_it_shorter(self, verdicts, signed_in, settings):
        settings.SESSIONS_HUB_CACHE_TTL = 2 * SECOND
        assert signed_in.whoami() == "ada"
        Session.objects.update(ended_at=timezone.now(), end_reason=EndReason.COMPROMISED)
        with time_machine.travel(timezone.now() + 2 * SECOND):
            assert signed_in.whoami() is None

    @pytest.mark.parametrize("limit", ["expires_at", "idle_expires_at"])
    def test_a_copy_does_not_outlive_a_limit(self, verdicts, signed_in, limit):
        soon = timezone.now() + 5 * SECOND
        Session.objects.update(**{limit: soon})
        assert signed_in.whoami() == "ada"
        assert copy_of(Session.objects.get().pk) is not None
        with time_machine.travel(soon):
            assert signed_in.whoami() is None
        assert Session.objects.get().ended_at == soon

    def test_a_copy_ends_when_a_touch_is_due_so_that_one_is_made(
        self, verdicts_in_memory, signed_in
    ):
        now = timezone.now()
        Session.objects.update(last_used_at=now - 55 * SECOND)
        with time_machine.travel(now, tick=False) as clock:
            writes = 0
            for _ in range(20):
                with Statements() as ran:
                    assert signed_in.whoami() == "ada"
                writes += len(ran.writes)
                clock.shift(SECOND)
        assert writes == 1

    def test_a_touch_leaves_the_copy_and_its_extended_limits_are_followed(
        self, cached_session, signed_in, alias
    ):
        """Where a limit has moved on meanwhile, the copy's own refuses nobody."""
        row = verdict_cache.fetch_verdict(cached_session.pk, alias)
        until = timezone.now() + 9 * SECOND
        put(
            cached_session.pk,
            verdict_cache.pack(row._replace(idle_expires_at=timezone.now()), until),
        )
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().ended_at is None
