"""`start_session()` beside `login()`, and what an end may be given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions, start_session
from sessions_hub.models import (
    AssuranceLevel,
    AuthenticationMethod,
    Device,
    EndReason,
    Session,
    SessionType,
)

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


class TestAfterLoginInTheSameRequest:
    def test_says_more_of_that_sign_in(self, heard, user, browser):
        answer = browser.get(
            "/sign-in-and-say-more/?user=ada&method=passkey&session_type=temporary&minutes=5"
        ).json()
        row = Session.objects.get()
        assert str(row.pk) == answer["id"] == browser.session_id()
        assert row.session_type == SessionType.TEMPORARY
        # Nobody told whether the passkey verified its user.
        assert row.assurance_level == AssuranceLevel.AAL1
        assert row.authentication_methods.get().method == "passkey"
        assert row.expires_at - row.issued_at < timedelta(minutes=5, seconds=10)
        # Django's own session lasts no longer.
        assert 290 <= answer["age"] <= 300
        assert Device.objects.count() == 1
        assert [one["reauthentication"] for one in heard["session_started"]] == [False]
        assert len(heard["device_first_seen"]) == 1

    def test_its_lifetime_is_kept_by_the_next_requests(self, user, browser):
        with time_machine.travel(START, tick=False) as clock:
            browser.get("/sign-in-and-say-more/?user=ada&minutes=5")
            clock.shift(timedelta(minutes=5) - timedelta(seconds=1))
            assert browser.whoami() == "ada"
            clock.shift(timedelta(seconds=1))
            assert browser.whoami() is None

    def test_that_says_nothing_more_changes_nothing(self, heard, user, browser):
        browser.get("/sign-in-and-say-more/?user=ada")
        row = Session.objects.get()
        assert row.session_type == SessionType.REGULAR_LOGIN
        assert row.authentication_methods.get().method == "password"
        assert row.expires_at - row.issued_at > timedelta(days=13)
        assert len(heard["session_started"]) == 1


class TestWordsNobodyKnows:
    @pytest.mark.parametrize("words", [{"method": "Passwort"}, {"session_type": "nonsense"}])
    def test_are_refused(self, user, words):
        with pytest.raises(ValueError, match=next(iter(words.values()))):
            start_session(user, **words)
        assert Session.objects.count() == 0
        assert AuthenticationMethod.objects.count() == 0


def test_signing_in_out_and_in_again_in_one_request_is_one_device(user, browser):
    browser.get("/sign-in-out-in/?user=ada")
    first, second = Session.objects.order_by("pk")
    assert (first.end_reason, second.end_reason) == (EndReason.SIGNED_OUT, "")
    assert Device.objects.count() == 1
    assert browser.whoami() == "ada"
    browser.sign_out()
    browser.sign_in("ada")
    assert Device.objects.count() == 1


class TestPasswordAlone:
    @pytest.fixture(autouse=True)
    def nist(self, settings) -> None:
        settings.SESSIONS_HUB_LIMITS = "nist"

    def test_does_not_move_the_absolute_limit_of_a_second_factor(self, user, browser):
        limit = START + timedelta(hours=24)
        with time_machine.travel(START, tick=False) as clock:
            browser.get("/sign-in-with-code/?user=ada")
            row = Session.objects.get()
            assert (row.assurance_level, row.expires_at) == (AssuranceLevel.AAL2, limit)
            for _ in range(28):
                clock.shift(timedelta(minutes=50))
                assert browser.sign_in("ada").status_code == 200
            row.refresh_from_db()
            assert row.authenticated_at == timezone.now()
            assert (row.assurance_level, row.expires_at) == (AssuranceLevel.AAL2, limit)
            clock.move_to(limit - timedelta(seconds=1))
            assert browser.whoami() == "ada"
            clock.move_to(limit)
            assert browser.whoami() is None
        assert Session.objects.get().end_reason == EndReason.EXPIRED

    def test_moves_the_limit_of_a_session_a_password_began(self, user, browser):
        with time_machine.travel(START, tick=False) as clock:
            browser.sign_in("ada", f"&expiry={86400 * 90}")
            clock.shift(timedelta(days=20))
            browser.sign_in("ada")
        row = Session.objects.get()
        assert row.expires_at == START + timedelta(days=50)


class TestEnd:
    def test_by_nobody_in_particular(self, user):
        row = start_session(user)
        assert end_session(row, reason=EndReason.REVOKED_BY_POLICY, by=AnonymousUser())
        row.refresh_from_db()
        assert (row.end_reason, row.ended_by, row.ended_by_label) == ("revoked_by_policy", None, "")

    def test_goes_through_all_batches_of_a_reversed_queryset(self, user):
        for _ in range(7):
            start_session(user)
        assert Session.objects.reverse().end(EndReason.REVOKED_BY_STAFF, batch_size=3) == 7
        assert Session.objects.active().count() == 0

    @pytest.mark.parametrize("many", [False, True])
    def test_keeps_a_limit_that_has_passed(self, user, many):
        row = start_session(user)
        limit = timezone.now() - timedelta(days=3)
        Session.objects.update(
            issued_at=limit - timedelta(days=1), expires_at=limit, idle_expires_at=limit
        )
        if many:
            assert end_sessions(Session.objects.all(), reason=EndReason.COMPROMISED, by=user) == 1
        else:
            assert end_session(row, reason=EndReason.COMPROMISED, by=user)
        row.refresh_from_db()
        assert (row.ended_at, row.end_reason) == (limit, EndReason.EXPIRED)
        assert (row.ended_by, row.ended_by_label) == (None, "")
