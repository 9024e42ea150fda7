"""What happens to sessions is told to the log: each once, with who and why."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions, extend_session, start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .stores import cookie_of, forget, with_cookie
from .test_query_counts import Statements

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DAY = timedelta(days=1)


@pytest.fixture
def said(caplog):
    """The events since the last look: names and, of one name, its fields."""
    caplog.set_level(logging.INFO, "sessions_hub.events")

    def said() -> list[logging.LogRecord]:
        found = [one for one in caplog.records if one.name == "sessions_hub.events"]
        caplog.clear()
        return found

    return said


def names(records: list[logging.LogRecord]) -> list[str]:
    return [one.event for one in records]


class TestSignIn:
    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_is_one_event(self, mode, user, said):
        browser = Browser(mode)
        browser.sign_in("ada")
        (one,) = said()
        row = Session.objects.get()
        assert (one.event, one.session_id, one.user_id) == (
            "session.started",
            str(row.pk),
            str(user.pk),
        )
        assert (one.session_type, one.level, one.address) == ("regular_login", "aal1", "127.0.0.1")
        assert one.methods == ["password"]

    def test_again_in_the_same_session_is_a_proof(self, signed_in, said):
        said()
        signed_in.sign_in("ada")
        (one,) = said()
        assert (one.event, one.methods, one.level) == ("session.proven", ["password"], "aal1")

    def test_of_another_user_ends_the_one_before(self, signed_in, make_user, said):
        make_user("bob")
        said()
        signed_in.sign_in("bob")
        assert sorted(names(said())) == ["session.ended", "session.started"]

    def test_that_is_rolled_back_is_none(self, user, said):
        with transaction.atomic(using=database()):
            start_session(user, method="password")
            transaction.set_rollback(True, using=database())
        assert said() == []

    def test_that_fails_says_from_where_and_not_who(self, user, browser, said):
        browser.post("/accounts/login/", {"username": "ada", "password": "wrong-secret"})
        (one,) = said()
        assert (one.event, one.address) == ("sign_in.failed", "127.0.0.1")
        assert "ada" not in str(vars(one))
        assert "wrong-secret" not in str(vars(one))

    def test_one_too_many_is_refused(self, signed_in, settings, said):
        settings.SESSIONS_HUB_MAX_SESSIONS = 1
        settings.SESSIONS_HUB_MAX_SESSIONS_ACTION = "refuse"
        said()
        Browser("sync").sign_in("ada")
        (one,) = said()
        user_id = str(Session.objects.get().user_id)
        assert (one.event, one.reason) == ("sign_in.refused", "too_many_sessions")
        assert (one.user_id, one.address) == (user_id, "127.0.0.1")

    def test_that_cannot_be_recorded_is_refused(self, user, browser, monkeypatch, said):
        def fail(*args, **values):
            raise ValueError("a bug")

        monkeypatch.setattr("sessions_hub.receivers.start_session", fail)
        assert browser.sign_in("ada").status_code == 503
        (one,) = said()
        assert (one.event, one.reason, one.user_id) == (
            "sign_in.refused",
            "not_recorded",
            str(user.pk),
        )

    def test_a_session_from_before_the_hub_is_adopted(self, signed_in, said):
        forget(signed_in)
        Session.objects.all().delete()
        said()
        assert signed_in.whoami() == "ada"
        (one,) = said()
        row = Session.objects.get()
        assert (one.event, one.session_id) == ("session.adopted", str(row.pk))
        assert signed_in.whoami() == "ada"
        assert said() == []


class TestEnd:
    def test_says_why_and_by_whom(self, signed_in, user, said):
        said()
        signed_in.sign_out()
        (one,) = said()
        assert (one.event, one.reason, one.actor_id) == (
            "session.ended",
            "signed_out",
            str(user.pk),
        )
        assert (one.user_id, one.session_type) == (str(user.pk), "regular_login")

    def test_is_told_once(self, signed_in, said):
        row = Session.objects.get()
        said()
        for _ in range(2):
            end_session(row, reason=EndReason.COMPROMISED)
        (one,) = said()
        assert (one.reason, one.actor_id) == ("compromised", "")

    def test_by_a_limit_says_so(self, signed_in, said):
        Session.objects.update(expires_at=timezone.now())
        said()
        assert signed_in.whoami() is None
        ended, refused = said()
        assert (ended.event, ended.reason) == ("session.ended", "expired")
        assert (refused.event, refused.reason) == ("session.refused", "expired")

    def test_of_many_is_told_of_each_and_once_of_all(self, user, said):
        for _ in range(3):
            start_session(user, method="password")
        said()
        end_sessions(Session.objects.all(), reason=EndReason.REVOKED_BY_USER, by=user)
        *each, all_of_them = said()
        assert names(each) == ["session.ended"] * 3
        assert (all_of_them.event, all_of_them.count) == ("sessions.ended", 3)
        assert (all_of_them.reason, all_of_them.actor_id) == ("revoked_by_user", str(user.pk))
        end_sessions(Session.objects.all(), reason=EndReason.REVOKED_BY_USER, by=user)
        assert said() == []

    def test_an_extension_says_until_when(self, signed_in, user, said):
        row = Session.objects.get()
        said()
        until = extend_session(row, lifetime=30 * DAY, by=user).expires_at
        (one,) = said()
        assert (one.event, one.actor_id) == ("session.extended", str(user.pk))
        assert one.expires_at == until.isoformat()


class TestRefusal:
    def test_of_an_ended_session_is_told_once(self, signed_in, said):
        row = Session.objects.get()
        end_session(row, reason=EndReason.REVOKED_BY_STAFF)
        said()
        assert signed_in.whoami() is None
        (one,) = said()
        assert (one.event, one.reason, one.session_id) == ("session.refused", "ended", str(row.pk))
        assert (one.user_id, one.address) == (str(row.user_id), "127.0.0.1")
        # The cookie is gone.
        assert signed_in.whoami() is None
        assert said() == []

    def test_of_one_without_its_row(self, signed_in, said):
        Session.objects.all().delete()
        said()
        assert signed_in.whoami() is None
        assert [(one.event, one.reason) for one in said()] == [("session.refused", "unknown")]

    def test_of_one_with_another_users_row(self, signed_in, make_user, said):
        Session.objects.update(user=make_user("bob"))
        said()
        assert signed_in.whoami() is None
        (one,) = said()
        assert one.reason == "other_user"
        assert one.user_id != str(Session.objects.get().user_id)

    def test_of_one_that_may_not_be_adopted(self, signed_in, settings, said):
        forget(signed_in)
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
        said()
        assert signed_in.whoami() is None
        (one,) = said()
        assert (one.event, one.reason, one.session_id) == ("session.refused", "no_marker", "")

    def test_of_an_old_cookie(self, settings, user, said):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
        browser = Browser("sync")
        browser.sign_in("ada")
        old = cookie_of(browser)
        for _ in range(2):
            browser.sign_in("ada")
        said()
        assert with_cookie(old).whoami() is None
        assert [(one.event, one.reason) for one in said()] == [("session.refused", "replayed")]

    def test_is_none_where_nothing_is_enforced(self, signed_in, settings, said):
        settings.SESSIONS_HUB_ENFORCE = False
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        said()
        assert signed_in.whoami() == "ada"
        assert said() == []


def test_a_plain_request_says_nothing(signed_in, said):
    said()
    assert signed_in.whoami() == "ada"
    assert Browser("sync").whoami() is None
    assert said() == []


def test_an_end_costs_no_further_query_where_it_is_told(signed_in, caplog):
    row = Session.objects.get()
    caplog.set_level(logging.WARNING, "sessions_hub.events")
    with Statements() as ran:
        end_session(row, reason=EndReason.REVOKED_BY_STAFF)
    quiet = len(ran.ours)
    caplog.set_level(logging.INFO, "sessions_hub.events")
    other = start_session(row.user, method="password")
    with Statements() as ran:
        end_session(other, reason=EndReason.REVOKED_BY_STAFF)
    # Told as well, by the SELECT that is made anyway.
    assert len(ran.ours) == quiet
