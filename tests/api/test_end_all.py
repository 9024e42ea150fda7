"""`POST sessions/end-all/`: every session of one's own, the current one last."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.models import AuthenticationMethod, EndReason, Session

from .conftest import URL
from .test_impersonation import acting as acting
from .test_problems import problem
from .tokens.conftest import Program, issue

pytestmark = pytest.mark.django_db(databases="__all__")

END_ALL = f"{URL}end-all/"
__all__ = ["issue"]


def test_ends_all_and_signs_out(ada, bob, browser, other_session):
    others = [other_session(ada) for _ in range(3)]
    foreign = other_session(bob)
    response = browser.post(END_ALL)
    assert (response.status_code, response.json()) == (200, {"ended": 4})
    for session in others:
        session.refresh_from_db()
        assert (session.end_reason, session.ended_by) == (EndReason.REVOKED_BY_USER, ada)
    mine = Session.objects.get(pk=browser.session_id)
    assert (mine.end_reason, mine.ended_by) == (EndReason.SIGNED_OUT, ada)
    assert browser.get(URL).status_code == 401
    foreign.refresh_from_db()
    assert foreign.is_active()


def test_counts_only_what_was_active(ada, browser, other_session):
    Session.objects.filter(pk=other_session(ada).pk).end("limit")
    assert browser.post(END_ALL).json() == {"ended": 1}


def test_by_a_token_ends_the_token_too(ada, issue, other_session):
    other_session(ada)
    program = Program(issue("sessions:write").secret)
    assert program.call("post", END_ALL).json() == {"ended": 2}
    assert program.whoami().status_code == 401


def test_asks_for_a_fresh_proof(ada, browser, other_session):
    other_session(ada)
    AuthenticationMethod.objects.update(completed_at=timezone.now() - timedelta(hours=1))
    assert problem(browser.post(END_ALL)) == (403, "reauthentication_required")
    assert Session.objects.active().count() == 2


def test_is_refused_while_acting_as_another_user(ada, acting, other_session):
    session = other_session(ada)
    assert problem(acting.post(END_ALL)) == (403, "impersonation")
    session.refresh_from_db()
    assert session.is_active()
