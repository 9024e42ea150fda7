"""Answers of 5xx, rolled back transactions and database faults around a session."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .faults import at_most, second_connection

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

BACKENDS = "django.contrib.auth.backends."


def sign_outs_fail(error: Exception):
    return mock.patch("sessions_hub.receivers.end_session", side_effect=error)


class TestRolledBack:
    @pytest.mark.parametrize("engine", ["cache", "file", "signed_cookies"], indirect=True)
    def test_a_sign_in_that_the_store_kept_is_met_as_unknown(
        self, engine, atomic_requests, user, browser
    ):
        assert browser.get("/sign-in-and-roll-back/?user=ada").status_code == 403
        assert Session.objects.count() == 0
        assert browser.whoami() == "ada"
        assert Session.objects.get().authentication_methods.get().method == "unknown"

    def test_a_sign_out_leaves_no_active_row(self, engine, atomic_requests, signed_in):
        assert signed_in.get("/sign-out-and-fail/").status_code == 500
        assert Session.objects.active().count() == 0
        assert Session.objects.get().end_reason == EndReason.SIGNED_OUT
        assert signed_in.whoami() is None

    def test_a_sign_in_that_fails_leaves_no_active_row(
        self, engine, atomic_requests, user, browser
    ):
        assert browser.get("/sign-in-and-fail/?user=ada").status_code == 500
        assert Session.objects.active().count() == 0
        assert browser.whoami() is None


def test_clearing_the_session_with_an_answer_of_500_ends_nothing(engine, signed_in):
    assert signed_in.get("/clear-and-fail/").status_code == 500
    assert signed_in.whoami() == "ada"
    assert Session.objects.get().ended_at is None


class TestSignOutCannotBeStored:
    @pytest.mark.parametrize("mode", ["sync", "async"])
    @pytest.mark.parametrize("error", [OperationalError("locked"), InterfaceError("closed")])
    def test_answers_503_and_is_still_signed_in(self, user, mode, error):
        browser = Browser(mode)
        browser.sign_in("ada")
        with sign_outs_fail(error):
            assert browser.sign_out().status_code == 503
        assert browser.whoami() == "ada"
        assert Session.objects.get().ended_at is None

    def test_inside_another_middleware(self, user, browser, settings):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.RemoteUserMiddleware",
        ]
        settings.AUTHENTICATION_BACKENDS = [f"{BACKENDS}RemoteUserBackend"]
        browser.client.defaults["REMOTE_USER"] = "ada"
        assert browser.whoami() == "ada"
        # Without the header this middleware signs out.
        del browser.client.defaults["REMOTE_USER"]
        with sign_outs_fail(OperationalError("locked")):
            response = browser.get("/public/")
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        assert Session.objects.get().ended_at is None


@pytest.mark.locks
def test_an_expired_session_whose_row_is_locked_is_anonymous(signed_in, settings):
    settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(milliseconds=200)
    limit = timezone.now() - timedelta(hours=1)
    Session.objects.update(expires_at=limit, idle_expires_at=limit)
    with second_connection() as cursor, at_most(2):
        cursor.execute("BEGIN")
        cursor.execute(f"SELECT id FROM {Session._meta.db_table} FOR UPDATE")
        assert signed_in.whoami() is None
        cursor.execute("ROLLBACK")
    row = Session.objects.get()
    assert (row.ended_at, row.how_ended()) == (None, (limit, EndReason.EXPIRED))
