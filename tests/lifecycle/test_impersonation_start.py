"""What the start of an impersonation writes, and whom it tells."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth import user_logged_in
from django.db import DatabaseError
from django.test import RequestFactory

from sessions_hub import signals
from sessions_hub.lifecycle import start_session
from sessions_hub.models import Session, SessionDevice

from .conftest import START
from .impersonating import REASON, everything, impersonate, own, stop, the_impersonation
from .stores import cookie_of

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("impersonation_site"),
]


class TestRow:
    def test_is_a_row_of_its_own(self, clock, grace, staff, user):
        clock.shift(60)
        mine = own()
        impersonate(grace)
        row = the_impersonation()
        assert (row.user, row.impersonator) == (user, staff)
        assert row.impersonator_session_id == mine.pk
        assert row.issued_at == row.last_used_at == START + timedelta(seconds=60)
        assert row.expires_at == row.idle_expires_at == row.issued_at + timedelta(hours=1)
        assert row.is_impersonation
        assert not mine.is_impersonation
        # Nobody has proved anything as this user.
        assert row.assurance_level == 0
        assert row.mfa_updated_at is None
        assert not row.authentication_methods.exists()
        assert row.client_name == "Chrome"
        assert SessionDevice.objects.get(session=row).device is None
        assert row.ip == "127.0.0.1"

    @pytest.mark.parametrize("minutes", [1, 30])
    def test_lasts_as_long_as_the_setting_says(self, clock, grace, settings, minutes):
        settings.SESSIONS_HUB_IMPERSONATION_LIFETIME = timedelta(minutes=minutes)
        impersonate(grace)
        assert the_impersonation().expires_at == START + timedelta(minutes=minutes)

    def test_lasts_no_longer_than_the_own_session(self, clock, staff, user, browser):
        browser.sign_in("grace", "&expiry=600")
        impersonate(browser)
        assert the_impersonation().expires_at == START + timedelta(minutes=10)

    def test_lasts_its_hour_under_the_limits_of_nist(self, clock, grace, settings):
        settings.SESSIONS_HUB_LIMITS = "nist"
        impersonate(grace)
        row = the_impersonation()
        assert (row.expires_at, row.idle_timeout) == (START + timedelta(hours=1), None)

    def test_cannot_be_made_by_start_session(self, user):
        request = RequestFactory().post("/")
        with pytest.raises(ValueError, match="start_impersonation"):
            start_session(user, request=request, session_type="impersonation")

    def test_without_a_marker_is_no_sign_in_of_the_user(self, grace):
        from sessions_hub.lifecycle.link import MARKER_KEY

        from .stores import change_store

        impersonate(grace)
        change_store(grace, **{MARKER_KEY: None})
        assert grace.whoami() is None
        assert Session.objects.filter(user__username="ada").count() == 1

    def test_rolled_back_with_the_request_lets_nobody_in(self, grace, atomic_requests):
        assert grace.post("/start-and-roll-back/?user=ada").status_code == 403
        assert not Session.objects.filter(session_type="impersonation").exists()
        assert grace.whoami() != "ada"

    def test_that_cannot_be_stored_is_503_and_changes_nothing(self, grace, monkeypatch):
        def fail(*args, **kwargs):
            raise DatabaseError("full disk")

        rows, cookie = everything(), cookie_of(grace)
        monkeypatch.setattr("sessions_hub.lifecycle.impersonation.insert_row", fail)
        assert impersonate(grace).status_code == 503
        assert (everything(), cookie_of(grace)) == (rows, cookie)
        assert grace.whoami() == "grace"

    def test_with_a_store_that_fails_is_503_and_over(self, grace, monkeypatch):
        from django.contrib.sessions.backends.db import SessionStore

        def fail(self):
            raise ConnectionError("the store is down")

        with monkeypatch.context() as patch:
            patch.setattr(SessionStore, "flush", fail)
            assert impersonate(grace).status_code == 503
        assert the_impersonation().end_reason == "impersonation_over"
        assert grace.whoami() == "grace"
        assert impersonate(grace).status_code == 200

    def test_of_a_user_who_is_gone_at_the_last_moment_changes_nothing(
        self, grace, make_user, monkeypatch
    ):
        """PostgreSQL checks foreign keys with COMMIT."""
        from sessions_hub.lifecycle import impersonation

        backend_for = impersonation._backend_for

        def delete_first(target, tie):
            path = backend_for(target, tie)
            type(target).objects.filter(pk=target.pk)._raw_delete(alias)
            return path

        from sessions_hub.lifecycle.guard import database

        alias = database()
        make_user("bob")
        rows, cookie = everything(), cookie_of(grace)
        monkeypatch.setattr(impersonation, "_backend_for", delete_first)
        assert impersonate(grace, "bob").status_code == 503
        assert (everything(), cookie_of(grace)) == (rows, cookie)
        assert grace.whoami() == "grace"

    def test_ends_what_an_unanswered_start_has_left(self, grace, staff, user):
        left = start_session(user, session_type="impersonation")
        Session.objects.filter(pk=left.pk).update(
            impersonator=staff, impersonator_session_id=own().pk
        )
        impersonate(grace)
        left.refresh_from_db()
        assert left.end_reason == "impersonation_over"
        assert grace.whoami() == "ada"


class TestSilence:
    """Nothing says that the user has signed in."""

    @pytest.fixture
    def logins(self):
        heard = []

        def receiver(sender, **kwargs):
            heard.append(kwargs["user"])

        user_logged_in.connect(receiver, weak=False)
        yield heard
        user_logged_in.disconnect(receiver)

    @pytest.fixture
    def told(self):
        said = []

        def receiver(sender, signal, **arguments):
            said.append((signal, arguments))

        both = (signals.impersonation_started, signals.impersonation_ended)
        for one in both:
            one.connect(receiver, weak=False)
        yield said
        for one in both:
            one.disconnect(receiver)

    def test_signals_tell_of_an_impersonation_and_of_no_sign_in(
        self, grace, staff, user, heard, logins, told
    ):
        logins.clear()
        for one in heard.values():
            one.clear()
        impersonate(grace)
        stop(grace)
        user.refresh_from_db()
        assert logins == []
        assert user.last_login is None
        assert heard["session_started"] == heard["device_first_seen"] == []
        assert [one["session"].pk for one in heard["session_ended"]] == [the_impersonation().pk]
        (started, about_start), (ended, about_end) = told
        assert (started, ended) == (signals.impersonation_started, signals.impersonation_ended)
        assert about_start["session"].user == about_end["session"].user == user
        assert about_start["actor"] == about_end["session"].impersonator == staff
        assert about_start["request"].method == "POST"
        assert about_end["session"].end_reason == "impersonation_over"

    def test_the_log_names_both(self, grace, staff, user, caplog):
        with caplog.at_level(logging.INFO, "sessions_hub"):
            impersonate(grace)
            stop(grace)
        lines = [one.getMessage() for one in caplog.records if "impersonation" in one.getMessage()]
        pk = the_impersonation().pk
        assert lines == [
            f"impersonation.started session_id={pk} user_id={user.pk} actor_id={staff.pk} "
            f"address=127.0.0.1 reason_length={len(REASON)}",
            f"impersonation.ended session_id={pk} user_id={user.pk} actor_id={staff.pk} "
            "reason=impersonation_over",
        ]
        assert REASON not in caplog.text
