"""`PATCH sessions/{id}/`: a session's metadata and a key's name, and nothing else."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from sessions_hub.lifecycle.tokens import start_token_session
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim

from .conftest import link
from .test_impersonation import acting as acting
from .test_problems import problem
from .test_representation import KEYS

pytestmark = pytest.mark.django_db(databases="__all__")

WRITABLE = {"metadata", "name"}


def patch(client, session, data):
    return client.patch(link(session), data, content_type="application/json")


@pytest.fixture
def key(ada) -> Session:
    return start_token_session(
        ada,
        [MethodClaim(method="token")],
        session_type="api_key",
        name="backup",
        now=timezone.now(),
    ).session


def columns(session) -> dict[str, object]:
    return Session.objects.filter(pk=session.pk).values().get()


def test_writes_metadata_and_answers_with_the_session(browser):
    data = {"colour": "blue", "n": [1, {"é": None}]}
    response = patch(browser, browser.session_id, {"metadata": data})
    assert response.status_code == 200
    assert response.json()["metadata"] == data
    assert response.json()["current"] is True
    assert Session.objects.get(pk=browser.session_id).metadata == data


def test_replaces_what_was_there(ada, browser, other_session):
    session = other_session(ada, metadata={"old": 1})
    assert patch(browser, session, {"metadata": {}}).json()["metadata"] == {}


def test_changes_nothing_else(ada, browser, other_session):
    session = other_session(ada)
    before = columns(session)
    patch(browser, session, {"metadata": {"a": 1}})
    after = columns(session)
    assert {name for name in after if after[name] != before[name]} == {"metadata", "updated_at"}


def test_without_members_writes_nothing(ada, browser, other_session):
    session = other_session(ada)
    before = columns(session)
    assert patch(browser, session, {}).status_code == 200
    assert columns(session) == before


@pytest.mark.parametrize(
    "name",
    [
        *sorted({*KEYS} - WRITABLE),
        *("aal", "revoked_at", "tokens", "pk", "generation", "credentials_digest"),
    ],
)
def test_no_other_member_can_be_set(name, ada, browser, other_session):
    session = other_session(ada)
    before = columns(session)
    response = patch(browser, session, {name: "x", "metadata": {"a": 1}})
    assert problem(response) == (400, "invalid")
    assert list(response.json()["errors"]) == [name]
    assert columns(session) == before


@pytest.mark.parametrize(
    "body",
    [
        '{"metadata": null}',
        '{"metadata": []}',
        '{"metadata": "x"}',
        '{"metadata": {"a": "\\u0000"}}',
        '{"metadata": {"a": "\\ud800"}}',
        '{"metadata": {"a": NaN}}',
        '{"metadata": {"a": 1e999}}',
        '{"metadata": {"a": "%s"}}' % ("x" * 4096),
        '{"metadata": %s}' % ('{"a":' * 20 + "1" + "}" * 20),
        '{"metadata": {"a": %s}}' % ("[" * 20_000 + "]" * 20_000),
        '{"metadata": {"a": %s}}' % ("9" * 5000),
        "[]",
        '"x"',
        "null",
        "{",
        b"\xff\xfe{}",
    ],
)
def test_what_is_not_kept_is_an_error(body, ada, browser, other_session):
    session = other_session(ada, metadata={"old": 1})
    response = browser.patch(link(session), body, content_type="application/json")
    assert problem(response)[0] == 400
    session.refresh_from_db()
    assert session.metadata == {"old": 1}


def test_a_body_without_bounds_is_not_read(browser):
    body = json.dumps({"metadata": {"a": "x" * 100_000}})
    response = browser.patch(link(browser.session_id), body, content_type="application/json")
    assert problem(response) == (413, "too_large")


def test_the_encoding_is_utf_8_whatever_is_named(browser):
    for charset in ("rot13", "hex", "utf-16"):
        response = browser.patch(
            link(browser.session_id),
            '{"metadata": {"a": "é"}}'.encode(),
            content_type=f"application/json; charset={charset}",
        )
        assert response.status_code == 200, charset
        assert response.json()["metadata"] == {"a": "é"}


class TestName:
    def test_of_a_key_is_changed(self, browser, key):
        assert patch(browser, key, {"name": "nightly"}).json()["name"] == "nightly"
        assert patch(browser, key, {"name": ""}).json()["name"] == ""

    def test_of_another_session_is_not(self, browser):
        response = patch(browser, browser.session_id, {"name": "x"})
        assert problem(response) == (400, "invalid")
        assert list(response.json()["errors"]) == ["name"]

    @pytest.mark.parametrize("name", ["x" * 101, None, 7 * [1], "a\x00b", "\ud800"])
    def test_is_short_text(self, name, browser, key):
        body = json.dumps({"name": name})
        response = browser.patch(link(key), body, content_type="application/json")
        assert problem(response) == (400, "invalid")


def test_an_ended_session_is_kept_as_it_was(ada, browser, other_session):
    session = other_session(ada)
    Session.objects.filter(pk=session.pk).end("revoked_by_staff")
    before = columns(session)
    assert problem(patch(browser, session, {"metadata": {"a": 1}})) == (409, "over")
    assert columns(session) == before


def test_whoever_acts_as_the_user_writes_nothing(ada, acting, other_session):
    session = other_session(ada)
    assert problem(patch(acting, session, {"metadata": {"a": 1}})) == (403, "impersonation")


def test_a_foreign_session_is_404(bob, browser, other_session):
    assert problem(patch(browser, other_session(bob), {"metadata": {}})) == (404, "not_found")
