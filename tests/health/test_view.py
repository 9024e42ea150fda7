"""Who may know what, and when a node is to be taken out of service."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import resolve

from sessions_hub.health import Status
from sessions_hub.health.run import Result
from sessions_hub.models import EndReason, Session

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.health.urls"),
]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def found(monkeypatch):
    """Let the check find these statuses."""

    def find(*statuses: Status) -> None:
        results = [Result(f"probe{i}", one, "found", "do", 1) for i, one in enumerate(statuses)]
        monkeypatch.setattr("sessions_hub.health.views.check", lambda: results)

    find(Status.OK, Status.OFF)
    return find


def test_no_transaction_is_begun_before_the_view():
    assert resolve("/health/").func._non_atomic_requests == {"default"}


def visitor(*, is_staff: bool, codename: str = "") -> Client:
    user = get_user_model()._default_manager.create_user(
        username="ada", password=PASSWORD, is_staff=is_staff
    )
    if codename:
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label="sessions_hub", codename=codename)
        )
    client = Client()
    client.post("/accounts/login/", {"username": "ada", "password": PASSWORD})
    assert client.get("/whoami/").json()["user"] == "ada"
    return client


@pytest.mark.parametrize(
    ("statuses", "code", "told"),
    [
        ([Status.OK, Status.OFF], 200, "ok"),
        ([Status.OK, Status.DEGRADED], 200, "ok"),
        ([Status.DEGRADED, Status.FAILING], 503, "failing"),
    ],
)
def test_strangers_get_a_status_and_nothing_else(found, statuses, code, told):
    found(*statuses)
    response = Client().get("/health/")
    assert (response.status_code, response.json()) == (code, {"status": told})
    assert "no-store" in response.headers["Cache-Control"]
    assert Client().head("/health/").status_code == code


def test_staff_who_may_see_sessions_get_what_was_found(found):
    found(Status.OK, Status.DEGRADED)
    answer = visitor(is_staff=True, codename="view_session").get("/health/")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"][1] == {
        "name": "probe1",
        "status": "degraded",
        "message": "found",
        "advice": "do",
        "milliseconds": 1,
    }


@pytest.mark.parametrize(
    ("is_staff", "codename"), [(True, ""), (True, "view_device"), (False, "view_session")]
)
def test_nobody_else_does(found, is_staff, codename):
    client = visitor(is_staff=is_staff, codename=codename)
    assert client.get("/health/").json() == {"status": "ok"}


def test_an_ended_session_shows_nothing_where_it_is_not_judged(found, settings):
    settings.SESSIONS_HUB_EXEMPT_PATHS = ["/exempt/"]
    client = visitor(is_staff=True, codename="view_session")
    assert client.get("/exempt/health/").json() == {"status": "ok"}
    Session.objects.all().end(EndReason.REVOKED_BY_USER)
    assert client.get("/exempt/health/").json() == {"status": "ok"}
    assert client.get("/health/").json() == {"status": "ok"}


def test_the_real_probes_answer(settings):
    assert Client().get("/health/").json() == {"status": "ok"}


def test_it_is_read_only(found):
    assert Client().post("/health/").status_code == 405
