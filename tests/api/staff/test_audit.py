"""One structured event per action, with who and from where, and nothing in it that acts."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from sessions_hub.events import STAFF_ENDED
from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.audit import Actor, Deed, complete, enter
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.staff import end_matching
from sessions_hub.models import Session
from tests.factories import make_session

from .conftest import ALL, END, SESSIONS, STAFF, make_staff, make_user, post, token_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

# A line of its own, a terminal's escape sequence, a change of direction, and markup.
HOSTILE = "a\nERROR forged\r\x1b[2Jb\u202ec\u2028d<script>=cmd()"
# What a log line must not hold; the rest stays for people to read.
ACTIVE = {"\n", "\r", "\x1b", "\u202e", "\u2028", "\x85", "\x00"}


@pytest.fixture
def events(caplog):
    """The events of what staff did, as they come."""
    caplog.set_level(logging.INFO, "sessions_hub")

    def events():
        return [one for one in caplog.records if getattr(one, "event", "").startswith("staff.")]

    return events


@pytest.fixture
def session(ada):
    return make_session(ada, timezone.now(), expires_at=timezone.now() + timedelta(hours=1))


def test_of_an_end(session, desk, grace, ada, events):
    desk.delete(f"{SESSIONS}{session.pk}/")
    desk.delete(f"{SESSIONS}{session.pk}/")
    (event,) = events()
    assert event.name.startswith("sessions_hub.")
    assert (event.event, event.levelname) == ("staff.sessions_ended", "INFO")
    assert (event.actor_id, event.address) == (str(grace.pk), "127.0.0.1")
    assert (event.user_id, event.count, event.sample) == (str(ada.pk), 1, [str(session.pk)])
    assert event.session_id == str(session.pk)


def test_of_many_ends(ada, bob, desk, grace, events):
    for user in (ada, ada, bob):
        make_session(user, timezone.now(), country_code="DE")
    post(desk, END, {"country_code": "de", "limit": 2})
    (event,) = events()
    assert (event.event, event.actor_id) == ("staff.sessions_ended", str(grace.pk))
    assert (event.predicate, event.limit) == ('{"country_code":"de"}', 2)
    assert (event.count, event.has_more, len(event.sample)) == (2, True, 2)
    assert event.address == "127.0.0.1"


def test_of_an_extension(session, desk, grace, ada, events):
    post(desk, f"{SESSIONS}{session.pk}/extend/", {"lifetime": 7200})
    (event,) = events()
    session.refresh_from_db()
    assert (event.event, event.actor_id) == ("staff.session_extended", str(grace.pk))
    assert (event.session_id, event.user_id) == (str(session.pk), str(ada.pk))
    assert event.expires_at == session.expires_at.isoformat()


def test_of_a_session_that_was_started(desk, grace, ada, events):
    body = post(desk, SESSIONS, {"user": str(ada.pk), "ip": "192.0.2.7", "name": HOSTILE}).json()
    (event,) = events()
    assert (event.event, event.actor_id) == ("staff.session_started", str(grace.pk))
    assert (event.session_id, event.user_id) == (body["id"], str(ada.pk))
    # Where the one who asks is, and where the one is that it is for.
    assert (event.address, event.client_address) == ("127.0.0.1", "192.0.2.7")
    assert body["secret"] not in str(vars(event))
    assert "forged" not in str(vars(event))


def test_of_acting_as_a_user(desk, grace, ada, events):
    data = {"reason": HOSTILE}
    body = post(desk, f"{STAFF}users/{ada.pk}/impersonate/", data).json()
    (event,) = events()
    assert (event.event, event.actor_id) == ("staff.impersonation_started", str(grace.pk))
    assert (event.user_id, event.session_id) == (str(ada.pk), body["id"])
    assert event.reason_length == len(HOSTILE)
    assert "forged" not in str(vars(event))


def test_by_a_token_names_its_user(ada, events):
    heidi = make_staff("heidi", *ALL)
    make_session(ada, timezone.now())
    post(token_of(heidi, "staff"), END, {"user": str(ada.pk)})
    (event,) = events()
    assert event.actor_id == str(heidi.pk)


def test_of_nothing_that_was_not_done(session, desk, events, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("a receiver")

    monkeypatch.setattr(LogEntry, "save", fail)
    desk.delete(f"{SESSIONS}{session.pk}/")
    post(desk, f"{SESSIONS}{session.pk}/extend/", {"lifetime": 7200})
    post(desk, SESSIONS, {"user": str(session.user_id)})
    post(desk, END, {"user": str(session.user_id)})
    post(desk, f"{STAFF}users/{session.user_id}/impersonate/", {"reason": "ticket 7"})
    assert events() == []
    # The fault itself is logged as one.
    assert Session.objects.filter(ended_at__isnull=False).count() == 0


@pytest.mark.parametrize("member", ["tenant_id", "autonomous_system"])
def test_what_people_send_is_inert(member, desk, ada, events):
    column = {member: HOSTILE}
    make_session(ada, timezone.now(), **column)
    assert post(desk, END, column).json()["ended"] == 1
    (event,) = events()
    line = event.getMessage()
    assert "forged" in line
    for text in (
        line,
        str(event.predicate),
        json.loads(event.predicate)[member],
        LogEntry.objects.get().change_message,
    ):
        assert not ACTIVE.intersection(text), text
        assert text.isprintable()


def test_the_address_comes_from_the_connection(session, desk, events):
    desk.delete(
        f"{SESSIONS}{session.pk}/",
        headers={"x-forwarded-for": "203.0.113.9\nforged", "user-agent": HOSTILE},
    )
    (event,) = events()
    assert event.address == "127.0.0.1"
    assert "forged" not in event.getMessage()


@pytest.mark.skipif(
    get_user_model()._meta.pk.get_internal_type() != "CharField",
    reason="Only a key that is a text can be chosen by its user",
)
def test_a_key_that_a_user_has_chosen_is_inert(desk, events):
    chosen = make_user(HOSTILE)
    session = make_session(chosen, timezone.now())
    desk.delete(f"{SESSIONS}{session.pk}/")
    (event,) = events()
    for text in (event.getMessage(), event.user_id, LogEntry.objects.get().change_message):
        assert "forged" in text
        assert text.isprintable()


def test_an_entry_that_cannot_be_completed_undoes_nothing(grace, ada, monkeypatch, caplog):
    def fail(self, **values):
        with connections[self.db].cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM no_such_table")

    actor, deed = Actor(grace), Deed(event=STAFF_ENDED)
    session = make_session(ada, timezone.now())
    with transaction.atomic(using=database()):
        entry = enter(actor, deed)
        end_session(session, reason="revoked_by_staff")
        monkeypatch.setattr(QuerySet, "update", fail)
        complete(entry, actor, deed)
        monkeypatch.undo()
    session.refresh_from_db()
    assert session.end_reason == "revoked_by_staff"
    assert "could not be completed" in caplog.text


def test_of_what_is_undone_nothing_is_told(grace, ada, events):
    make_session(ada, timezone.now())
    with transaction.atomic(using=database()):
        wanted = {"user": ada.pk}
        assert end_matching(wanted, Actor(grace), except_for=None, now=timezone.now()).count == 1
        transaction.set_rollback(True, using=database())
    assert events() == []
    assert not LogEntry.objects.exists()
