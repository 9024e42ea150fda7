"""Verdicts from the cache follow what changes the row, and transactions."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions, start_session
from sessions_hub.lifecycle.end import end_by_limit
from sessions_hub.lifecycle.prune import delete_ended
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.lifecycle.step_up import add_proofs
from sessions_hub.models import EndReason, Session
from sessions_hub.tombstones import TOMBSTONE
from sessions_hub.understanding.methods import MethodClaim

from .caches import copy_of, held, put, verdict_of
from .test_query_counts import Statements

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


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
    def test_lays_a_tombstone_over_the_copy(self, cached_session, signed_in, change):
        change(signed_in, cached_session)
        assert held(cached_session.pk) == TOMBSTONE

    def test_of_a_deleted_user_who_is_kept_for_statistics_too(self, cached_session, settings):
        settings.SESSIONS_HUB_ON_USER_DELETE = "anonymize"
        get_user_model().objects.all().delete()
        assert held(cached_session.pk) == TOMBSTONE

    def test_nothing_is_added_over_a_tombstone(self, cached_session, signed_in):
        _proof(signed_in, cached_session)
        for _ in range(2):
            with Statements() as ran:
                assert signed_in.whoami() == "ada"
            assert len(ran.ours) >= 1
        assert held(cached_session.pk) == TOMBSTONE

    def test_is_forgotten_after_a_while(self, verdicts_in_memory, signed_in):
        session = Session.objects.get()
        _proof(signed_in, session)
        with time_machine.travel(timezone.now() + 71 * SECOND):
            # The first one is the touch.
            assert [signed_in.whoami() for _ in range(2)] == ["ada", "ada"]
            assert copy_of(session.pk) is not None

    def test_a_pruned_row_has_no_copy(self, cached_session, signed_in):
        end_session(cached_session, reason=EndReason.REVOKED_BY_STAFF)
        later = timezone.now() + timedelta(days=2)
        assert sum(delete_ended(later, Retention(default=timedelta(days=1)))) == 1
        assert signed_in.whoami() is None

    def test_ten_ends_in_one_batch_lay_ten(self, verdicts, user):
        rows = [start_session(user) for _ in range(10)]
        assert end_sessions(Session.objects.all(), reason="compromised") == 10
        assert [held(row.pk) for row in rows] == [TOMBSTONE] * 10

    def test_without_a_cache_nothing_is_laid(self, cached_session, settings):
        before = held(cached_session.pk)
        settings.SESSIONS_HUB_CACHE = None
        end_session(cached_session, reason=EndReason.COMPROMISED)
        settings.SESSIONS_HUB_CACHE = "verdicts"
        assert held(cached_session.pk) == before


class TestExpiryOfAnOlderRow:
    """A copy of before a step-up, which the cache did not hear of, must not undo its limits."""

    def test_is_not_written_over_that_of_a_higher_level(
        self, cached_session, signed_in, settings, alias
    ):
        settings.SESSIONS_HUB_LIMITS = "nist"
        before = held(cached_session.pk)
        _proof(signed_in, cached_session)
        limits = Session.objects.values_list("expires_at", "idle_expires_at").get()
        put(cached_session.pk, before)
        assert copy_of(cached_session.pk).assurance_level == 1
        # Saved, so the new expiry is worked out, from the copy.
        signed_in.get("/save/?expiry=864000")
        assert Session.objects.values_list("expires_at", "idle_expires_at").get() == limits

    def test_is_written_where_nothing_but_use_has_changed(self, cached_session, signed_in):
        signed_in.get("/save/?expiry=8640000")
        assert Session.objects.get().expires_at > timezone.now() + timedelta(days=99)


class TestTransaction:
    def test_sees_its_own_end_before_others_do(self, cached_session, alias):
        with transaction.atomic(using=alias):
            end_session(cached_session, reason=EndReason.COMPROMISED)
            assert verdict_of(cached_session, alias).ended_at is not None
            assert copy_of(cached_session.pk) is not None
        assert held(cached_session.pk) == TOMBSTONE

    def test_rolled_back_leaves_the_copy_as_it_was(self, cached_session, alias):
        before = held(cached_session.pk)
        with transaction.atomic(using=alias):
            end_session(cached_session, reason=EndReason.COMPROMISED)
            transaction.set_rollback(True, using=alias)
        assert held(cached_session.pk) == before
        assert verdict_of(cached_session, alias).ended_at is None

    def test_leaves_no_copy_of_what_it_sees(self, verdicts, user, alias):
        session = start_session(user)
        with transaction.atomic(using=alias):
            Session.objects.filter(pk=session.pk).update(assurance_level=3)
            assert verdict_of(session, alias).assurance_level == 3
            transaction.set_rollback(True, using=alias)
        assert held(session.pk) is None

    def test_by_hand_asks_the_database(self, cached_session, alias, connection):
        connection.set_autocommit(False)
        try:
            with Statements() as ran:
                assert verdict_of(cached_session, alias) is not None
            assert len(ran.ours) == 1
        finally:
            connection.rollback()
            connection.set_autocommit(True)


def test_an_end_that_was_committed_and_said_nothing_holds_when_it_is_asked_for_again(
    cached_session, signed_in
):
    """The connection broke with COMMIT: the row has ended, and no tombstone was laid."""
    ended = {"ended_at": timezone.now(), "end_reason": EndReason.REVOKED_BY_USER}
    Session.objects.filter(pk=cached_session.pk).update(**ended)
    assert held(cached_session.pk) != TOMBSTONE
    assert not end_session(cached_session, reason=EndReason.REVOKED_BY_USER)
    assert held(cached_session.pk) == TOMBSTONE
    assert signed_in.whoami() is None
