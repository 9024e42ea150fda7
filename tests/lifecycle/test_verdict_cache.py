"""Verdicts from the cache: what they save, what they follow, and what they survive."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions, start_session, verdict_cache
from sessions_hub.lifecycle.end import end_by_limit
from sessions_hub.lifecycle.prune import delete_ended
from sessions_hub.lifecycle.step_up import add_proofs
from sessions_hub.models import EndReason, Session
from sessions_hub.tombstones import TOMBSTONE
from sessions_hub.understanding.methods import MethodClaim
from tests.contract.browser import Browser

from .caches import copy_of, held, put
from .test_query_counts import Statements, without_the_hub

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def used(verdicts, signed_in) -> Session:
    """A session whose verdict is in the cache."""
    assert signed_in.whoami() == "ada"
    session = Session.objects.get()
    assert copy_of(session.pk) is not None
    return session


def verdict_of(session: Session, alias: str):
    return verdict_cache.fetch(session.pk, str(session.user_id), None, alias, timezone.now())


class TestHit:
    def test_runs_no_statement_of_ours(self, used, signed_in):
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

    def test_of_a_view_that_reads_nothing_costs_djangos_own_load(self, used, signed_in, settings):
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]
        with Statements() as ran:
            signed_in.get("/public/")
        assert len(ran.all) == 1
        assert "django_session" in ran.all[0]

    def test_gives_the_row_that_the_database_would(self, used, alias):
        hit = verdict_of(used, alias)
        assert hit == verdict_cache.fetch_verdict(used.pk, alias)
        assert type(hit.user_id) is type(used.user_id)

    def test_holds_only_text(self, used):
        assert isinstance(held(used.pk), str)


class TestMiss:
    @pytest.mark.parametrize(
        "value", ["", "{}", "[]", "null", 7, None, b"\x80\x04", {"a": 1}, [1], TOMBSTONE, "\x00"]
    )
    def test_is_whatever_is_no_copy(self, used, signed_in, value):
        put(used.pk, value)
        with Statements() as ran:
            assert signed_in.whoami() == "ada"
        assert len(ran.ours) >= 1

    def test_is_another_users_copy(self, used, make_user, alias):
        row = verdict_cache.fetch_verdict(used.pk, alias)
        until = timezone.now() + 5 * SECOND
        put(used.pk, verdict_cache.pack(row._replace(user_id=make_user("bob").pk), until))
        assert verdict_of(used, alias) == row

    def test_is_a_copy_that_would_refuse(self, used, signed_in, alias):
        """The cache says yes or nothing: of what ended, and when, the row tells."""
        row = verdict_cache.fetch_verdict(used.pk, alias)
        now = timezone.now()
        for wrong in (
            row._replace(ended_at=now),
            row._replace(expires_at=now - SECOND),
            row._replace(idle_expires_at=now),
        ):
            put(used.pk, verdict_cache.pack(wrong, now + 5 * SECOND))
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
    def test_a_copy_is_good_for_ten_seconds_and_no_longer(self, used, signed_in):
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
        self, used, signed_in, alias
    ):
        """Where a limit has moved on meanwhile, the copy's own refuses nobody."""
        row = verdict_cache.fetch_verdict(used.pk, alias)
        until = timezone.now() + 9 * SECOND
        put(used.pk, verdict_cache.pack(row._replace(idle_expires_at=timezone.now()), until))
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().ended_at is None


def _password(browser, session):
    browser.get("/change-password/?to=another-password")


def _shorter(browser, session):
    browser.get("/save/?expiry=60")


def _elsewhere(browser, session):
    browser.get("/public/", user_agent="curl/8.0")


def _proof(browser, session):
    add_proofs(
        session.pk,
        [MethodClaim(method="password"), MethodClaim(method="totp", key="otp:1")],
        age=HOUR,
        proven_at=timezone.now(),
        now=timezone.now(),
    )


def _by_limit(browser, session):
    Session.objects.update(expires_at=timezone.now())
    end_by_limit(session, now=timezone.now())


def _remember(browser, session):
    browser.sign_in("ada", "&expiry=7200")


# What changes a session's verdict, and how.
CHANGES = {
    "end_session": lambda browser, session: end_session(session, reason="compromised"),
    "end_sessions": lambda browser, session: end_sessions(
        Session.objects.all(), reason="compromised"
    ),
    "end_by_limit": _by_limit,
    "sign-out": lambda browser, session: browser.sign_out(),
    "proven again": lambda browser, session: browser.sign_in("ada"),
    "proven again, with another expiry": _remember,
    "a factor": _proof,
    "a new password": _password,
    "a shorter life": _shorter,
    "another place of use": _elsewhere,
    "the user is deleted": lambda browser, session: get_user_model().objects.all().delete(),
}


class TestChange:
    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_lays_a_tombstone_over_the_copy(self, used, signed_in, change):
        change(signed_in, used)
        assert held(used.pk) == TOMBSTONE

    def test_of_a_deleted_user_who_is_kept_for_statistics_too(self, used, settings):
        settings.SESSIONS_HUB_ON_USER_DELETE = "anonymize"
        get_user_model().objects.all().delete()
        assert held(used.pk) == TOMBSTONE

    def test_nothing_is_added_over_a_tombstone(self, used, signed_in):
        _proof(signed_in, used)
        for _ in range(2):
            with Statements() as ran:
                assert signed_in.whoami() == "ada"
            assert len(ran.ours) >= 1
        assert held(used.pk) == TOMBSTONE

    def test_is_forgotten_after_a_while(self, verdicts_in_memory, signed_in):
        session = Session.objects.get()
        _proof(signed_in, session)
        with time_machine.travel(timezone.now() + 71 * SECOND):
            # The first one is the touch.
            assert [signed_in.whoami() for _ in range(2)] == ["ada", "ada"]
            assert copy_of(session.pk) is not None

    def test_a_pruned_row_has_no_copy(self, used, signed_in):
        end_session(used, reason=EndReason.REVOKED_BY_STAFF)
        later = timezone.now() + timedelta(days=2)
        assert sum(delete_ended(later, timedelta(days=1))) == 1
        assert signed_in.whoami() is None

    def test_ten_ends_in_one_batch_lay_ten(self, verdicts, user):
        rows = [start_session(user) for _ in range(10)]
        assert end_sessions(Session.objects.all(), reason="compromised") == 10
        assert [held(row.pk) for row in rows] == [TOMBSTONE] * 10

    def test_without_a_cache_nothing_is_laid(self, used, settings):
        before = held(used.pk)
        settings.SESSIONS_HUB_CACHE = None
        end_session(used, reason=EndReason.COMPROMISED)
        settings.SESSIONS_HUB_CACHE = "verdicts"
        assert held(used.pk) == before


class TestExpiryOfAnOlderRow:
    """A copy of before a step-up, which the cache did not hear of, must not undo its limits."""

    def test_is_not_written_over_that_of_a_higher_level(self, used, signed_in, settings, alias):
        settings.SESSIONS_HUB_LIMITS = "nist"
        before = held(used.pk)
        _proof(signed_in, used)
        limits = Session.objects.values_list("expires_at", "idle_expires_at").get()
        put(used.pk, before)
        assert copy_of(used.pk).assurance_level == 1
        # Saved, so the new expiry is worked out, from the copy.
        signed_in.get("/save/?expiry=864000")
        assert Session.objects.values_list("expires_at", "idle_expires_at").get() == limits

    def test_is_written_where_nothing_but_use_has_changed(self, used, signed_in):
        signed_in.get("/save/?expiry=8640000")
        assert Session.objects.get().expires_at > timezone.now() + timedelta(days=99)


class TestTransaction:
    def test_sees_its_own_end_before_others_do(self, used, alias):
        with transaction.atomic(using=alias):
            end_session(used, reason=EndReason.COMPROMISED)
            assert verdict_of(used, alias).ended_at is not None
            assert copy_of(used.pk) is not None
        assert held(used.pk) == TOMBSTONE

    def test_rolled_back_leaves_the_copy_as_it_was(self, used, alias):
        before = held(used.pk)
        with transaction.atomic(using=alias):
            end_session(used, reason=EndReason.COMPROMISED)
            transaction.set_rollback(True, using=alias)
        assert held(used.pk) == before
        assert verdict_of(used, alias).ended_at is None

    def test_leaves_no_copy_of_what_it_sees(self, verdicts, user, alias):
        session = start_session(user)
        with transaction.atomic(using=alias):
            Session.objects.filter(pk=session.pk).update(assurance_level=3)
            assert verdict_of(session, alias).assurance_level == 3
            transaction.set_rollback(True, using=alias)
        assert held(session.pk) is None

    def test_by_hand_asks_the_database(self, used, alias, connection):
        connection.set_autocommit(False)
        try:
            with Statements() as ran:
                assert verdict_of(used, alias) is not None
            assert len(ran.ours) == 1
        finally:
            connection.rollback()
            connection.set_autocommit(True)


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
