"""Ending sessions: asked first, by those who may, told and logged once."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.db import DatabaseError, connections, router
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.admin import ending
from sessions_hub.lifecycle.staff import end_chosen
from sessions_hub.models import Session

from .conftest import end, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"
VIEW = "sessions_hub.view_session"
END = "sessions_hub.end_session"


@pytest.fixture
def helper(staff, signed_in):
    """A member of staff who may view and end sessions."""
    return signed_in(staff(VIEW, END, username="helper"))


@pytest.fixture
def viewer(staff, signed_in):
    """A member of staff who may only view sessions."""
    return signed_in(staff(VIEW, username="viewer"))


def post(client, action, sessions, *, query="", across=False, confirmed=True):
    data = {
        "action": action,
        "_selected_action": [str(session.pk) for session in sessions],
        "select_across": "1" if across else "0",
    }
    if confirmed:
        data["confirmed"] = "yes"
    else:
        data["index"] = "0"
    return client.post(f"{URL}{query}", data)


def states(*sessions):
    return [Session.objects.get(pk=session.pk).end_reason for session in sessions]


def the_log_entry():
    entry = LogEntry.objects.get()
    assert entry.action_flag == DELETION
    assert entry.content_type.model_class() is Session
    event, _space, facts = entry.change_message.partition(" ")
    assert event == "staff.sessions_ended"
    return entry, json.loads(facts)


def test_the_button_asks_and_changes_nothing(helper, user):
    session = make_session(user)
    response = helper.get(f"{URL}{session.pk}/end/")
    text = response.content.decode()
    assert response.status_code == 200
    assert "End 1 session?" in text
    assert "alice" in text
    assert "Chrome 142 on Windows 11" in text
    assert states(session) == [""]
    assert not LogEntry.objects.exists()


def test_the_button_ends_the_session_once_confirmed(helper, user):
    session, other = make_session(user), make_session(user)
    response = helper.post(f"{URL}{session.pk}/end/", follow=True)
    assert "1 session of alice was ended." in response.content.decode()
    session.refresh_from_db()
    assert session.end_reason == "revoked_by_staff"
    assert session.ended_by.get_username() == "helper"
    assert session.ended_by_label == "helper"
    assert states(other) == [""]
    entry, facts = the_log_entry()
    assert entry.object_id == str(session.pk)
    assert entry.user.get_username() == "helper"
    assert (facts["count"], facts["user_id"]) == (1, str(user.pk))


def test_the_user_is_signed_out_on_the_next_request(helper, user, signed_in):
    user.is_staff = True
    user.save()
    browser = signed_in(user)
    session = Session.objects.get(user=user)
    assert browser.get("/admin/").status_code == 200
    helper.post(f"{URL}{session.pk}/end/")
    assert browser.get("/admin/").status_code == 302


def test_the_action_asks_how_many_and_whose(helper, user):
    sessions = [make_session(user), make_session(make_user("bob")), make_session(user)]
    response = post(helper, "end_selected", sessions, confirmed=False)
    text = response.content.decode()
    assert response.status_code == 200
    assert "End 3 sessions?" in text
    assert "alice" in text
    assert "bob" in text
    assert states(*sessions) == [""] * 3


def test_the_action_ends_the_selected_sessions_once_confirmed(helper, user):
    chosen = [make_session(user), make_session(make_user("bob"))]
    left = make_session(user)
    response = post(helper, "end_selected", chosen)
    assert response.status_code == 302
    assert states(*chosen, left) == ["revoked_by_staff"] * 2 + [""]
    _entry, facts = the_log_entry()
    assert facts["count"] == 2
    assert facts["predicate"]["action"] == "end_selected"


def test_the_action_ends_all_sessions_of_the_users(helper, user):
    bob, carol = make_user("bob"), make_user("carol")
    theirs = [make_session(owner) for owner in (user, user, bob, bob)]
    left = make_session(carol)
    response = post(
        helper,
        "end_all_of_users",
        [theirs[0], theirs[2]],
        query="?status=active",
        confirmed=False,
    )
    text = response.content.decode()
    assert "4 sessions" in text
    assert "do not match the filters" in text
    post(helper, "end_all_of_users", [theirs[0], theirs[2]], query="?status=active")
    assert states(*theirs, left) == ["revoked_by_staff"] * 4 + [""]
    _entry, facts = the_log_entry()
    assert (facts["count"], facts["predicate"]["list"]) == (4, "status=active")


@pytest.mark.parametrize("action", ["end_selected", "end_all_of_users"])
def test_across_all_pages_the_work_goes_in_bounded_batches(helper, user, monkeypatch, action):
    monkeypatch.setattr("sessions_hub.lifecycle.staff.BATCH", 4)
    owners = [make_user(f"user{number}") for number in range(7)]
    sessions = [make_session(owner) for owner in owners for _ in range(2)]
    spared = make_session(user, session_type="api_key")
    query = "?session_type=regular_login&q="
    asked = post(helper, action, sessions[:1], query=query, across=True, confirmed=False)
    # The reader's own session is among them, and only one box is sent back.
    assert b"15 sessions" in asked.content
    assert b"you will be signed out" in asked.content
    assert asked.content.count(b'name="_selected_action"') == 1
    with CaptureQueriesContext(connections[router.db_for_write(Session)]) as queries:
        post(helper, action, sessions[:1], query=query, across=True)
    assert states(*sessions, spared) == ["revoked_by_staff"] * 14 + [""]
    for row in queries:
        if row["sql"].startswith("SELECT") and 'FROM "sessions_hub_session"' in row["sql"]:
            assert "LIMIT" in row["sql"] or " IN (" in row["sql"] or "WHERE" in row["sql"]
    _entry, facts = the_log_entry()
    assert (facts["count"], facts["predicate"]["selected"]) == (15, "all")


def test_no_more_end_at_once_than_the_api_ends_and_the_rest_is_told(helper, user, monkeypatch):
    defaults = {**end_chosen.__kwdefaults__, "limit": 2}
    monkeypatch.setattr(end_chosen, "__kwdefaults__", defaults)
    sessions = [make_session(user) for _ in range(3)]
    post(helper, "end_selected", sessions)
    assert sorted(states(*sessions)) == ["", "revoked_by_staff", "revoked_by_staff"]
    text = helper.get(URL).content.decode()
    assert "2 sessions of alice were ended." in text
    assert "There are more" in text


@pytest.mark.parametrize("page", ["button", "list"])
def test_what_cannot_be_written_down_is_not_done(helper, user, monkeypatch, page):
    session = make_session(user)

    def fail(*args, **kwargs):
        raise DatabaseError("no history")

    monkeypatch.setattr(LogEntry._default_manager.__class__, "create", fail)
    if page == "button":
        response = helper.post(f"{URL}{session.pk}/end/", follow=True)
    else:
        response = post(helper, "end_selected", [session])
        response = helper.get(URL)
    assert "could not be written into the history" in response.content.decode()
    assert states(session) == [""]


def test_the_same_event_is_logged_as_by_the_staff_api(
    helper, user, caplog, django_capture_on_commit_callbacks
):
    caplog.set_level(logging.INFO, "sessions_hub")
    one, two = make_session(user), make_session(user)
    with django_capture_on_commit_callbacks(using=router.db_for_write(Session), execute=True):
        helper.post(f"{URL}{one.pk}/end/")
        post(helper, "end_selected", [two])
    events = [row for row in caplog.records if getattr(row, "event", "") == "staff.sessions_ended"]
    assert [event.count for event in events] == [1, 1]
    assert {event.address for event in events} == {"127.0.0.1"}


def test_a_refusal_is_logged_as_by_the_staff_api(viewer, user, caplog):
    session = make_session(user)
    viewer.post(f"{URL}{session.pk}/end/")
    post(viewer, "end_selected", [session])
    denied = [row for row in caplog.records if row.getMessage().startswith("access.denied")]
    assert [row.action for row in denied] == ["end", "end"]


def test_everything_of_a_crowd_is_not_ended_in_one_go(helper, monkeypatch):
    monkeypatch.setattr(ending, "MOST_USERS", 2)
    sessions = [make_session(make_user(f"user{number}")) for number in range(3)]
    assert post(helper, "end_all_of_users", sessions).status_code == 302
    assert "of more than 2 users" in helper.get(URL).content.decode()
    assert states(*sessions) == [""] * 3
    post(helper, "end_all_of_users", sessions[:2])
    assert states(*sessions) == ["revoked_by_staff"] * 2 + [""]


def test_ten_names_are_said_and_the_rest_counted(helper):
    sessions = [make_session(make_user(f"user{number:02}")) for number in range(13)]
    text = post(helper, "end_selected", sessions, confirmed=False).content.decode()
    assert "user09 and 3 more users" in text or "and 3 more users" in text


def test_a_session_that_has_ended_keeps_its_reason(helper, user):
    past = timezone.now() - timedelta(minutes=1)
    gone = end(make_session(user))
    expired = make_session(user, expires_at=past, idle_expires_at=past)
    still = make_session(user)
    text = post(helper, "end_selected", [gone, expired, still], confirmed=False).content.decode()
    assert "End 1 session?" in text
    post(helper, "end_selected", [gone, expired, still])
    assert states(gone, expired, still) == ["signed_out", "", "revoked_by_staff"]


def test_with_nothing_to_end_nothing_is_asked_or_logged(helper, user):
    gone = end(make_session(user))
    assert post(helper, "end_selected", [gone], confirmed=False).status_code == 302
    assert helper.get(f"{URL}{gone.pk}/end/").status_code == 302
    response = helper.post(f"{URL}{gone.pk}/end/", follow=True)
    assert b"No open session was found" in response.content
    assert states(gone) == ["signed_out"]
    assert not LogEntry.objects.exists()


def test_an_ended_session_has_no_button_to_end_it(helper, user):
    session = make_session(user)
    assert b"End session" in helper.get(f"{URL}{session.pk}/change/").content
    end(session)
    assert b"End session" not in helper.get(f"{URL}{session.pk}/change/").content


def test_the_session_of_a_disabled_user_can_be_ended(helper, user):
    session = make_session(user)
    user.is_active = False
    user.save()
    helper.post(f"{URL}{session.pk}/end/")
    assert states(session) == ["revoked_by_staff"]


def test_ending_one_s_own_session_warns_first(helper):
    own = Session.objects.get(user__username="helper")
    assert b"you will be signed out" in helper.get(f"{URL}{own.pk}/end/").content
    helper.post(f"{URL}{own.pk}/end/")
    assert helper.get(URL).status_code == 302


def test_those_who_may_only_view_see_no_buttons(viewer, user):
    session = make_session(user)
    page = viewer.get(f"{URL}{session.pk}/change/").content
    assert b"End session" not in page
    assert b"End all" not in page
    assert b"end_selected" not in viewer.get(URL).content


@pytest.mark.parametrize("page", ["end", "extend"])
def test_those_who_may_only_view_cannot_forge_a_button(viewer, user, page):
    session = make_session(user)
    assert viewer.get(f"{URL}{session.pk}/{page}/").status_code == 403
    assert viewer.post(f"{URL}{session.pk}/{page}/").status_code == 403
    assert states(session) == [""]


@pytest.mark.parametrize("action", ["end_selected", "end_all_of_users"])
def test_those_who_may_only_view_cannot_forge_an_action(viewer, user, action):
    session = make_session(user)
    for confirmed in (True, False):
        response = post(viewer, action, [session], confirmed=confirmed)
        assert response.status_code == 403
    assert states(session) == [""]


@pytest.mark.parametrize("page", ["end", "extend"])
def test_those_who_may_end_but_not_view_are_refused(staff, signed_in, user, page):
    session = make_session(user)
    client = signed_in(staff(END))
    assert client.post(f"{URL}{session.pk}/{page}/").status_code == 403
    assert states(session) == [""]


@pytest.mark.parametrize("page", ["{}/end/", "{}/extend/", "end/", ""])
def test_a_post_without_the_csrf_token_is_refused(helper, user, page):
    session = make_session(user)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = helper.cookies
    data = {"action": "end_selected", "_selected_action": [session.pk], "confirmed": "yes"}
    data |= {"user": user.pk, "lifetime": "3600"}
    assert strict.post(URL + page.format(session.pk), data).status_code == 403
    assert states(session) == [""]


def test_a_count_beyond_the_cap_is_said_to_be_more(monkeypatch, user):
    for _ in range(3):
        make_session(user)
    monkeypatch.setattr(ending, "CAP", 3)
    summary = ending.summarize(Session.objects.all(), None)
    assert summary.how_many == "3 sessions or more"
