"""Ending and extending one session of somebody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.db import DatabaseError
from django.utils import timezone

from sessions_hub.models import EndReason, Session
from tests.factories import make_session

from .conftest import SESSIONS, post, token_of

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR = timedelta(hours=1)


@pytest.fixture
def session(ada):
    """Ada's, for one more hour."""
    return make_session(ada, timezone.now(), expires_at=timezone.now() + HOUR)


def link(session) -> str:
    return f"{SESSIONS}{session.pk}/"


def extend(client, session, **data):
    return post(client, f"{link(session)}extend/", data)


@pytest.fixture
def unwritable(monkeypatch):
    """A history nobody can write to."""

    def fail(*args, **kwargs):
        raise DatabaseError("the table is gone")

    monkeypatch.setattr(LogEntry, "save", fail)


class TestEnding:
    def test_is_by_staff_and_holds(self, session, desk, grace):
        assert desk.delete(link(session)).status_code == 204
        session.refresh_from_db()
        assert (session.end_reason, session.ended_by) == (EndReason.REVOKED_BY_STAFF, grace)
        entry = LogEntry.objects.get()
        assert (entry.action_flag, entry.object_id) == (DELETION, str(session.pk))

    @pytest.mark.parametrize("reason", ["signed_out", "expired", "revoked_by_staff"])
    def test_leaves_the_first_end_as_it_was(self, reason, ada, desk):
        session = make_session(ada, timezone.now(), reason=reason)
        before = Session.objects.filter(pk=session.pk).values().get()
        assert desk.delete(link(session)).status_code == 204
        assert Session.objects.filter(pk=session.pk).values().get() == before
        assert not LogEntry.objects.exists()

    def test_leaves_one_that_a_limit_has_ended(self, ada, desk):
        past = timezone.now() - HOUR
        session = make_session(ada, past, expires_at=past, idle_expires_at=past)
        assert desk.delete(link(session)).status_code == 204
        session.refresh_from_db()
        assert session.ended_at is None

    def test_is_not_done_where_it_cannot_be_written_down(self, session, desk, unwritable):
        assert desk.delete(link(session)).status_code == 503
        session.refresh_from_db()
        assert session.ended_at is None


class TestExtending:
    def test_moves_the_limit_and_is_written_down(self, session, desk, grace):
        response = extend(desk, session, lifetime=7200)
        session.refresh_from_db()
        assert response.status_code == 200
        body = response.json()
        # No more than its limits: what else there is takes another permission to read.
        assert set(body) == {"id", "expires_at", "idle_expires_at"}
        assert body["expires_at"] == session.expires_at.isoformat().replace("+00:00", "Z")
        assert timedelta(minutes=119) < session.expires_at - timezone.now() <= 2 * HOUR
        entry = LogEntry.objects.get()
        assert (entry.action_flag, entry.object_id, entry.user) == (CHANGE, str(session.pk), grace)

    def test_never_shortens(self, session, desk):
        response = extend(desk, session, lifetime=60)
        assert (response.status_code, response.json()["code"]) == (409, "capped")
        before = session.expires_at
        session.refresh_from_db()
        assert session.expires_at == before
        assert not LogEntry.objects.exists()

    def test_by_a_token_reaches_no_further_than_the_token(self, session, grace):
        Session.objects.filter(pk=session.pk).update(
            expires_at=timezone.now() + timedelta(minutes=5),
            idle_expires_at=timezone.now() + timedelta(minutes=5),
        )
        program = token_of(grace, "staff", lifetime=timedelta(minutes=30))
        for data in ({}, {"lifetime": 86400}):
            extend(program, session, **data)
            session.refresh_from_db()
            assert session.expires_at <= program.session.expires_at
        assert LogEntry.objects.count() == 1

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"reason": "signed_out"}, "ended"),
            ({"session_type": "impersonation"}, "impersonation"),
        ],
    )
    def test_says_why_it_is_refused(self, values, code, ada, desk):
        session = make_session(ada, timezone.now(), **values)
        response = extend(desk, session)
        assert (response.status_code, response.json()["code"]) == (409, code)
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["expires_at"].endswith("Z")

    def test_of_a_disabled_user_is_refused(self, session, ada, desk):
        type(ada)._default_manager.filter(pk=ada.pk).update(is_active=False)
        assert extend(desk, session).json()["code"] == "ended"

    @pytest.mark.parametrize(
        "data",
        [{"lifetime": 0}, {"lifetime": -1}, {"lifetime": "x"}, {"lifetime": 400 * 86400 + 1}]
        + [{name: 1} for name in ("expires_at", "assurance_level", "user", "ended_at")],
    )
    def test_takes_a_lifetime_and_nothing_else(self, data, session, desk):
        before = Session.objects.filter(pk=session.pk).values().get()
        response = extend(desk, session, **data)
        assert response.status_code == 400
        assert set(response.json()["errors"]) == set(data)
        assert Session.objects.filter(pk=session.pk).values().get() == before

    def test_is_not_done_where_it_cannot_be_written_down(self, session, desk, unwritable):
        assert extend(desk, session, lifetime=7200).status_code == 503
        before = session.expires_at
        session.refresh_from_db()
        assert session.expires_at == before
