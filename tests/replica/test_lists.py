"""Which database each face asks, told by a replica that is empty."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.lifecycle import prune
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.models import EndReason, Session
from tests.factories import make_session, make_user

pytestmark = pytest.mark.django_db(databases=["default", "replica"], transaction=True)


@pytest.fixture
def root() -> Client:
    """A browser in which a superuser has signed in."""
    get_user_model()._default_manager.create_superuser("root", password="right-password")
    browser = Client()
    browser.get("/sign-in/", {"user": "root"})
    return browser


def asked(alias: str) -> CaptureQueriesContext:
    return CaptureQueriesContext(connections[alias])


def test_a_verdict_is_the_primary_s(root):
    with asked("replica") as late:
        assert root.get("/whoami/").json()["user"] == "root"
        Session.objects.using("default").end(EndReason.REVOKED_BY_STAFF)
        assert root.get("/whoami/").json()["user"] is None
    assert late.captured_queries == []


@pytest.mark.parametrize(
    "path",
    ["/api/sessions/", "/api/staff/sessions/", "/account/sessions/", "/account/api-keys/"],
)
def test_lists_to_act_on_are_the_primary_s(root, path):
    with asked("replica") as late:
        response = root.get(path, follow=True)
    assert response.status_code == 200
    assert late.captured_queries == []
    if "keys" not in path:
        assert str(Session.objects.using("default").get().pk) in response.content.decode()


@pytest.mark.parametrize("path", ["sessions_hub/session/", "sessions_hub/device/"])
def test_lists_of_the_admin_are_the_replica_s(root, path):
    with asked("replica") as late:
        assert root.get(f"/admin/{path}").status_code == 200
    with asked("default") as first:
        response = root.get(f"/admin/{path}")
    assert late.captured_queries
    assert response.context["cl"].result_count == 0
    # What the primary was asked is by key: verdicts, and the current session.
    table = f'FROM "{path.strip("/").replace("/", "_")}"'
    rows = [one["sql"] for one in first.captured_queries if table in one["sql"]]
    assert [sql for sql in rows if " DESC" in sql or "COUNT(" in sql] == []


def test_charts_are_the_replica_s(root):
    with asked("replica") as late:
        assert root.get("/admin/sessions_hub/session/overview/").status_code == 200
    assert len(late.captured_queries) > 10


def test_what_writes_asks_the_primary():
    now = timezone.now()
    ada = make_user()
    passed = make_session(ada, now, expires_at=now - timedelta(days=1))
    with asked("replica") as late:
        assert database() == "default"
        assert sum(prune.stamp_expired(now)) == 1
        assert (
            sum(prune.delete_ended(now + timedelta(days=9), Retention(default=timedelta(days=1))))
            == 1
        )
    assert late.captured_queries == []
    assert not Session.objects.using("default").filter(pk=passed.pk).exists()
