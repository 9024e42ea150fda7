"""`devices/`: one's own, and what is done to them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.lifecycle import forget_device
from sessions_hub.models import AuthenticationMethod, Device, EndReason, Session, SessionDevice

from .test_access import MALFORMED
from .test_impersonation import acting as acting
from .test_problems import problem
from .test_representation import type_of
from .tokens.conftest import Program, issue

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["issue"]

DEVICES = "/api/devices/"
KEYS = {
    "object": str,
    "id": str,
    "current": bool,
    "name": str,
    "trusted": bool,
    "trusted_at": type(None),
    "first_seen_at": "time",
    "last_seen_at": "time",
    "forgotten_at": type(None),
    "user_agent": str,
    "os_code": str,
    "os_name": str,
    "os_version": str,
    "client_type": str,
    "client_code": str,
    "client_name": str,
    "client_version": str,
    "client_engine": str,
    "client_engine_version": str,
    "device_type": str,
    "device_brand": str,
    "device_model": str,
}


def url(device) -> str:
    return f"{DEVICES}{getattr(device, 'pk', device)}/"


def patch(client, device, **data):
    return client.patch(url(device), data, content_type="application/json")


def here(client) -> Device:
    """The device a browser is on."""
    return Device.objects.get(session_devices__session=client.session_id)


@pytest.fixture
def other(ada, other_session) -> Device:
    """Another device of ada's, with a session on it."""
    session = other_session(ada)
    return Device.objects.get(session_devices__session=session)


class TestSeeing:
    def test_lists_mine_newest_first_and_flags_this_one(self, bob, browser, other, sign_in):
        sign_in(bob)
        rows = browser.get(DEVICES).json()["results"]
        assert [row["id"] for row in rows] == [str(other.pk), str(here(browser).pk)]
        assert [row["current"] for row in rows] == [False, True]

    def test_says_what_the_row_says(self, browser):
        device = here(browser)
        body = browser.get(url(device)).json()
        assert {key: type_of(key, value) for key, value in body.items()} == KEYS
        assert (body["object"], body["id"]) == ("device", str(device.pk))
        assert (body["os_name"], body["client_name"]) == ("Windows", "Chrome")
        assert "key_digest" not in body

    def test_a_forgotten_one_is_listed_only_when_asked_for(self, browser, other):
        forget_device(other)
        assert [row["id"] for row in browser.get(DEVICES).json()["results"]] == [
            str(here(browser).pk)
        ]
        rows = browser.get(DEVICES, {"forgotten": "true"}).json()["results"]
        assert [row["id"] for row in rows] == [str(other.pk)]
        assert browser.get(url(other)).json()["forgotten_at"] is not None

    def test_pages_by_id(self, browser, other):
        first = browser.get(DEVICES, {"page_size": 1, "ordering": "id"}).json()
        second = browser.get(first["next"]).json()
        ids = [row["id"] for row in first["results"] + second["results"]]
        assert ids == sorted(ids)
        assert len(set(ids)) == 2

    @pytest.mark.parametrize(
        "query", ["key_digest=x", "name=x", "user=1", "forgotten=yes", "ordering=key_digest"]
    )
    def test_nothing_else_can_be_asked(self, query, browser):
        response = browser.get(f"{DEVICES}?{query}")
        assert problem(response) == (400, "invalid")
        assert list(response.json()["errors"]) == [query.partition("=")[0]]


class TestNaming:
    def test_name_is_written_and_shown_with_sessions(self, browser):
        device = here(browser)
        assert patch(browser, device, name="my laptop").json()["name"] == "my laptop"
        current = browser.get("/api/sessions/current/").json()
        assert current["device_name"] == "my laptop"
        assert patch(browser, device, name="").json()["name"] == ""

    def test_trust_keeps_its_first_time_and_can_be_taken_back(self, browser):
        device = here(browser)
        first = patch(browser, device, trusted=True).json()
        assert first["trusted"] is True
        assert patch(browser, device, trusted=True).json()["trusted_at"] == first["trusted_at"]
        last = patch(browser, device, trusted=False).json()
        assert (last["trusted"], last["trusted_at"]) == (False, None)

    @pytest.mark.parametrize(
        ("data", "wrong"),
        [
            ({"name": "x" * 101}, "name"),
            ({"name": None}, "name"),
            ({"name": "a\x00"}, "name"),
            ({"trusted": "yes"}, "trusted"),
            ({"trusted": 1}, "trusted"),
            ({"trusted": None}, "trusted"),
            ({"trusted_at": "2026-01-01T00:00:00Z"}, "trusted_at"),
            ({"user": 1, "name": "x"}, "user"),
            ({"key_digest": "x"}, "key_digest"),
            ({"forgotten_at": None}, "forgotten_at"),
        ],
    )
    def test_nothing_else_can_be_set(self, data, wrong, browser):
        device = here(browser)
        before = Device.objects.filter(pk=device.pk).values().get()
        response = patch(browser, device, **data)
        assert problem(response) == (400, "invalid")
        assert list(response.json()["errors"]) == [wrong]
        assert Device.objects.filter(pk=device.pk).values().get() == before

    def test_a_forgotten_one_is_kept_as_it_was(self, browser, other):
        forget_device(other)
        assert problem(patch(browser, other, name="x")) == (409, "over")
        assert problem(patch(browser, other)) == (409, "over")
        assert problem(patch(browser, other, trusted=True)) == (409, "over")


class TestForgetting:
    def test_ends_its_sessions_and_no_others(self, ada, browser, other):
        assert browser.delete(url(other)).status_code == 204
        session = Session.objects.get(session_devices__device=other)
        assert (session.end_reason, session.ended_by) == (EndReason.DEVICE_FORGOTTEN, ada)
        other.refresh_from_db()
        assert other.key_digest is None
        assert other.forgotten_at is not None
        assert browser.get(DEVICES).status_code == 200

    def test_once_more_is_204_and_keeps_the_first_time(self, browser, other):
        browser.delete(url(other))
        other.refresh_from_db()
        first = other.forgotten_at
        assert browser.delete(url(other)).status_code == 204
        other.refresh_from_db()
        assert other.forgotten_at == first

    def test_of_the_current_one_signs_out(self, browser):
        device = here(browser)
        assert browser.delete(url(device)).status_code == 204
        assert browser.get(DEVICES).status_code == 401
        row = Session.objects.get(pk=browser.session_id)
        assert row.end_reason == EndReason.DEVICE_FORGOTTEN
        browser.get("/sign-in/", {"user": "ada"})
        newest = SessionDevice.objects.order_by("-pk")[0]
        assert newest.device_id != device.pk

    def test_asks_for_a_fresh_proof_where_other_sessions_end(self, browser, other):
        AuthenticationMethod.objects.update(completed_at=timezone.now() - timedelta(hours=1))
        assert problem(browser.delete(url(other))) == (403, "reauthentication_required")
        other.refresh_from_db()
        assert other.forgotten_at is None
        Session.objects.filter(session_devices__device=other).end("limit")
        assert browser.delete(url(other)).status_code == 204

    def test_of_the_current_one_alone_asks_for_none(self, browser):
        AuthenticationMethod.objects.update(completed_at=timezone.now() - timedelta(hours=1))
        assert browser.delete(url(here(browser))).status_code == 204


@pytest.mark.parametrize("verb", ["get", "patch", "delete"])
def test_foreign_unknown_and_malformed_ids_get_the_same_bytes(verb, bob, browser, sign_in):
    def answer(device: object) -> tuple[int, bytes, dict[str, str]]:
        response = getattr(browser, verb)(url(device))
        return response.status_code, response.content, dict(response.headers)

    foreign = answer(here(sign_in(bob)))
    assert foreign[0] == 404
    assert answer(uuid.uuid4()) == foreign
    for malformed in MALFORMED:
        assert answer(malformed) == foreign, malformed


def test_whoever_acts_as_the_user_changes_nothing(acting, other):
    assert acting.get(url(other)).status_code == 200
    assert problem(patch(acting, other, name="x")) == (403, "impersonation")
    assert problem(acting.delete(url(other))) == (403, "impersonation")
    other.refresh_from_db()
    assert (other.name, other.forgotten_at) == ("", None)


READ, WRITE = "devices:read", "devices:write"


@pytest.mark.parametrize(
    ("scope", "verb", "status"),
    [
        (None, "get", 403),
        (READ, "get", 200),
        (READ, "patch", 403),
        (READ, "delete", 403),
        (WRITE, "get", 403),
        (WRITE, "patch", 200),
        (WRITE, "delete", 204),
        ("sessions:read", "get", 403),
        ("sessions:write", "delete", 403),
    ],
)
def test_a_token_needs_the_scope(scope, verb, status, issue, other):
    program = Program(issue(*([scope] if scope else [])).secret)
    data = {"name": "x"} if verb == "patch" else None
    response = program.call(verb, url(other), data)
    assert response.status_code == status
    if status == 403:
        assert response.json()["code"] == "insufficient_scope"
