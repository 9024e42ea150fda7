"""Secrets that open nothing, and what a secret may not do, in the log."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session
from tests.api.conftest import URL

from .conftest import Program

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO, "sessions_hub.events")

    def said():
        found = [one for one in caplog.records if one.name == "sessions_hub.events"]
        caplog.clear()
        return found

    return said


def _end(session):
    end_session(session, reason=EndReason.REVOKED_BY_STAFF)


def _expire(session):
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def _disable(session):
    session.user.is_active = False
    session.user.save()


def _change_password(session):
    type(session.user)._base_manager.filter(pk=session.user_id).update(password="another")


def _hold(session):
    Session.objects.update(proof_required_at=timezone.now())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_end, "ended"),
        (_expire, "expired"),
        (_disable, "user_disabled"),
        (_change_password, "credentials_changed"),
        (_hold, "held"),
    ],
)
def test_one_of_a_known_session_says_which_and_why(issue, said, change, reason):
    issued = issue("sessions:read")
    change(issued.session)
    said()
    assert Program(issued.secret).whoami().status_code == 401
    (one,) = said()
    assert (one.event, one.reason) == ("token.refused", reason)
    assert (one.session_id, one.user_id) == (str(issued.session.pk), str(issued.session.user_id))
    assert one.address == "127.0.0.1"
    assert issued.secret not in str(vars(one))


def test_one_that_nobody_has_says_nothing_of_itself(issue, said):
    secret = issue().secret
    Session.objects.all().delete()
    said()
    assert Program(secret).whoami().status_code == 401
    (one,) = said()
    assert (one.event, one.reason, one.session_id) == ("token.refused", "unknown", "")
    assert secret not in str(vars(one))


def test_one_without_the_scope_is_denied_once(program, ada, said):
    caller = program("devices:read")
    said()
    assert caller.call("get", URL).status_code == 403
    (one,) = said()
    assert (one.event, one.action, one.reason) == ("access.denied", "list", "insufficient_scope")
    assert (one.user_id, one.session_id) == (str(ada.pk), str(Session.objects.get().pk))


def test_a_proof_that_is_asked_for_is_told_as_that(browser, said, settings):
    settings.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE = timedelta(0)
    said()
    row = Session.objects.get()
    assert browser.post(f"{URL}end-others/").status_code == 403
    (one,) = said()
    assert (one.event, one.reason, one.wanted) == ("proof.required", "freshness", "aal1")
    assert (one.session_id, one.user_id) == (str(row.pk), str(row.user_id))
