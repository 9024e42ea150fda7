"""Acting as a user by the API: the lifecycle's rules, its codes, and a trace."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError
from django.utils import timezone

from sessions_hub.models import Session

from .conftest import STAFF, make_staff, post, token_of

pytestmark = pytest.mark.django_db(databases="__all__")


def act_as(client, user, **data):
    data = {"reason": "ticket 7", **data}
    return post(client, f"{STAFF}users/{getattr(user, 'pk', user)}/impersonate/", data)


def whoami(client) -> str:
    return client.get("/api/sessions/current/").json()["user"]["username"]


def test_changes_sides_in_this_browser(ada, desk, grace):
    response = act_as(desk, ada)
    assert response.status_code == 201
    body = response.json()
    assert (body["session_type"], body["current"]) == ("impersonation", True)
    assert (body["user_id"], body["assurance_level"]) == (str(ada.pk), "aal0")
    assert body["impersonator"] == {"email": "grace@example.com", "reason": "ticket 7"}
    assert whoami(desk) == "ada"
    ada.refresh_from_db()
    assert ada.last_login is None
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (grace, body["id"])
    # The reason is a text of people's: its length is enough here.
    assert "ticket" not in entry.change_message


@pytest.mark.parametrize(
    ("data", "code"),
    [({"reason": ""}, "reason"), ({"reason": "   "}, "reason"), ({"reason": "x" * 256}, "reason")],
)
def test_needs_a_reason(data, code, ada, desk):
    response = act_as(desk, ada, **data)
    assert (response.status_code, response.json()["code"]) == (403, code)
    assert whoami(desk) == "grace"
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("values", [{}, {"is_staff": False, "is_superuser": True}])
def test_of_staff_takes_a_superuser(values, desk, sign_in):
    target = make_staff("frank", **values)
    assert act_as(desk, target).json()["code"] == "staff"
    assert act_as(sign_in(make_staff("root", is_superuser=True)), target).status_code == 201


def test_not_as_oneself_nor_as_somebody_disabled(ada, grace, desk):
    assert act_as(desk, grace).json()["code"] == "self"
    type(ada)._default_manager.filter(pk=ada.pk).update(is_active=False)
    assert act_as(desk, ada).json()["code"] == "inactive"


def test_takes_a_fresh_proof(ada, desk):
    long_ago = timezone.now() - timedelta(minutes=15)
    Session.objects.filter(pk=desk.session_id).update(authenticated_at=long_ago)
    response = act_as(desk, ada)
    assert (response.status_code, response.json()["code"]) == (403, "stale")


def test_not_twice(ada, bob, desk):
    act_as(desk, ada)
    assert act_as(desk, bob).status_code == 403
    assert whoami(desk) == "ada"


def test_by_no_token(ada, grace):
    assert act_as(token_of(grace, "staff"), ada).json()["code"] == "permission_denied"


def test_takes_a_reason_and_nothing_else(ada, desk):
    response = act_as(desk, ada, lifetime=7)
    assert (response.status_code, set(response.json()["errors"])) == (400, {"lifetime"})


def test_of_nobody(desk):
    assert act_as(desk, uuid.uuid4()).status_code == 404


def test_does_not_begin_where_it_cannot_be_written_down(ada, desk, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(LogEntry, "save", fail)
    assert act_as(desk, ada).status_code == 503
    assert not Session.objects.filter(session_type="impersonation").exists()
    assert whoami(desk) == "grace"
