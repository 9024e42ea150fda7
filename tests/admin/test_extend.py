"""Extending a session from the admin: the same rules, and the same trace, as by the staff API."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from sessions_hub.models import Session

from .conftest import end, make_session

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"
VIEW = "sessions_hub.view_session"
CHANGE = "sessions_hub.change_session"
HOUR = timedelta(hours=1)


@pytest.fixture
def helper(staff, signed_in):
    """A member of staff who may view and extend sessions."""
    return signed_in(staff(VIEW, CHANGE, username="helper"))


@pytest.fixture
def session(user):
    soon = timezone.now() + HOUR
    return make_session(user, expires_at=soon, idle_expires_at=soon)


def left(session):
    return Session.objects.get(pk=session.pk).expires_at - timezone.now()


def test_the_page_asks_and_changes_nothing(helper, session):
    text = helper.get(f"{URL}{session.pk}/extend/").content.decode()
    assert "Extend Chrome 142 on Windows 11?" in text
    for words in ("an hour", "a day", "a week", "as long as a sign-in"):
        assert words in text
    assert left(session) < 2 * HOUR


def test_it_lasts_longer_and_that_is_written_down(helper, session):
    response = helper.post(f"{URL}{session.pk}/extend/", {"lifetime": "86400"}, follow=True)
    assert "The session lasts until" in response.content.decode()
    assert timedelta(hours=23) < left(session) < timedelta(hours=25)
    entry = LogEntry.objects.get()
    assert entry.object_id == str(session.pk)
    event, _space, facts = entry.change_message.partition(" ")
    assert event == "staff.session_extended"
    assert json.loads(facts)["user_id"] == str(session.user_id)


def test_a_time_that_is_not_offered_is_refused_on_the_page(helper, session):
    for lifetime in ("", "1", "x", "999999999"):
        response = helper.post(f"{URL}{session.pk}/extend/", {"lifetime": lifetime})
        assert response.status_code == 200
    assert left(session) < 2 * HOUR
    assert not LogEntry.objects.exists()


def test_why_it_could_not_be_extended_is_said(helper, user):
    past = timezone.now() - HOUR
    far = timezone.now() + timedelta(days=300)
    cases = {
        "has ended": end(make_session(user)),
        "has expired": make_session(user, expires_at=past, idle_expires_at=past),
        "as long as it may": make_session(user, expires_at=far, idle_expires_at=far),
        "never extended": make_session(user, session_type="impersonation"),
    }
    for words, session in cases.items():
        response = helper.post(f"{URL}{session.pk}/extend/", {"lifetime": "3600"}, follow=True)
        assert words in response.content.decode(), words
    assert not LogEntry.objects.exists()


def test_the_button_is_for_those_who_may_and_for_sessions_that_can(helper, staff, signed_in, user):
    session = make_session(user)
    url = f"{URL}{session.pk}/change/"
    assert f'href="{URL}{session.pk}/extend/"' in helper.get(url).content.decode()
    viewer = signed_in(staff(VIEW, "sessions_hub.end_session"))
    assert "/extend/" not in viewer.get(url).content.decode()
    assert viewer.post(f"{URL}{session.pk}/extend/", {"lifetime": "3600"}).status_code == 403
    end(session)
    assert "/extend/" not in helper.get(url).content.decode()


def test_the_permission_to_extend_edits_nothing(helper, session):
    response = helper.post(f"{URL}{session.pk}/change/", {"name": "x"})
    assert response.status_code == 403
    assert Session.objects.get(pk=session.pk).name == ""


def test_what_cannot_be_written_down_is_not_done(helper, session, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no history")

    monkeypatch.setattr(LogEntry._default_manager.__class__, "create", fail)
    response = helper.post(f"{URL}{session.pk}/extend/", {"lifetime": "86400"}, follow=True)
    assert "could not be written into the history" in response.content.decode()
    assert left(session) < 2 * HOUR
