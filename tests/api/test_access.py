"""Who may call what, and how alike the refusals are."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth import get_user_model
from django.db import models
from django.test import Client

from sessions_hub.models import Session
from tests.users.models import Customer

from .conftest import URL, link

pytestmark = pytest.mark.django_db(databases="__all__")

READS = [("get", URL), ("get", f"{URL}current/")]
WRITES = [("post", f"{URL}end-others/")]
MALFORMED = [
    "7",
    "not-a-uuid",
    "a.b",
    "%00",
    "0" * 300,
    "é",
    str(uuid.UUID(int=1)).replace("-", ""),
]


def routes_of(session: Session) -> list[tuple[str, str]]:
    return [*READS, *WRITES, ("get", link(session)), ("delete", link(session))]


def test_a_visitor_who_is_not_signed_in_gets_401_everywhere(ada, other_session):
    session = other_session(ada)
    for verb, path in routes_of(session):
        response = getattr(Client(), verb)(path)
        assert response.status_code == 401, (verb, path)
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'
        assert response.json()["code"] == "not_authenticated"
    session.refresh_from_db()
    assert session.is_active()


def test_the_owner_is_answered_everywhere(ada, browser, other_session):
    expected = [200, 200, 200, 200, 204]
    got = [getattr(browser, verb)(path).status_code for verb, path in routes_of(other_session(ada))]
    assert got == expected


def test_another_user_sees_and_ends_nothing(ada, bob, sign_in, other_session):
    session = other_session(ada)
    stranger = sign_in(bob)
    assert [row["user_id"] for row in stranger.get(URL).json()["results"]] == [str(bob.pk)]
    assert stranger.get(link(session)).status_code == 404
    assert stranger.delete(link(session)).status_code == 404
    assert stranger.post(f"{URL}end-others/").json() == {"ended": 0}
    session.refresh_from_db()
    assert session.is_active()


@pytest.mark.parametrize("verb", ["get", "delete"])
def test_foreign_unknown_and_malformed_ids_get_the_same_bytes(
    verb, ada, bob, browser, other_session
):
    def answer(session_id: object) -> tuple[int, bytes, dict[str, str]]:
        response = getattr(browser, verb)(link(session_id))
        return response.status_code, response.content, dict(response.headers)

    foreign = answer(other_session(bob))
    assert foreign[0] == 404
    assert answer(uuid.uuid4()) == foreign
    for malformed in MALFORMED:
        assert answer(malformed) == foreign, malformed


def test_an_id_in_capitals_is_the_same_id(ada, browser, other_session):
    session = other_session(ada)
    assert browser.get(link(str(session.pk).upper())).json()["id"] == str(session.pk)


def test_an_ended_session_is_refused_on_its_next_request(ada, browser):
    Session.objects.for_user(ada).end("revoked_by_staff")
    assert browser.get(URL).status_code == 401


@pytest.mark.skipif(
    isinstance(get_user_model()._meta.pk, models.UUIDField),
    reason="Django itself cannot read another model's key as a UUID",
)
def test_a_user_of_another_model_is_refused(settings, ada):
    settings.AUTHENTICATION_BACKENDS = ["tests.users.models.CustomerBackend"]
    customer = Customer.objects.create(email="eve@example.com")
    client = Client()
    client.force_login(customer, backend="tests.users.models.CustomerBackend")
    response = client.get(URL)
    assert response.status_code == 403
    assert response.json()["code"] == "permission_denied"


class TestCsrf:
    def test_is_asked_of_writes(self, ada, sign_in, other_session):
        client = sign_in(ada, enforce_csrf_checks=True)
        session = other_session(ada)
        for verb, path in [("delete", link(session)), *WRITES]:
            response = getattr(client, verb)(path)
            assert response.status_code == 403
            assert response["Content-Type"] == "application/problem+json"
            assert response.json()["code"] == "csrf_failed"
        session.refresh_from_db()
        assert session.is_active()

    def test_is_not_asked_of_reads(self, ada, sign_in):
        client = sign_in(ada, enforce_csrf_checks=True)
        assert [getattr(client, verb)(path).status_code for verb, path in READS] == [200, 200]

    def test_is_asked_of_a_write_of_any_content_type(self, ada, sign_in):
        client = sign_in(ada, enforce_csrf_checks=True)
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            response = client.post(f"{URL}end-others/", data="x", content_type=kind)
            assert response.json()["code"] == "csrf_failed", kind

    def test_is_met_by_the_cookie_sent_back(self, ada, sign_in, other_session):
        client = sign_in(ada, enforce_csrf_checks=True)
        client.get("/accounts/login/")
        token = client.cookies["csrftoken"].value
        response = client.delete(link(other_session(ada)), headers={"x-csrftoken": token})
        assert response.status_code == 204
