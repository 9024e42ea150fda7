"""Where a session was used and by what it was proven: all of it, in pages."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AuthenticationMethod, SessionDevice

from .conftest import link
from .test_access import MALFORMED
from .test_problems import problem

pytestmark = pytest.mark.django_db(databases="__all__")

BOTH = pytest.mark.parametrize("what", ["devices", "authentication-methods"])


def results(response) -> list[dict[str, object]]:
    assert response.status_code == 200
    return response.json()["results"]


def url(session, what) -> str:
    return f"{link(session)}{what}/"


def test_places_are_those_of_the_session_the_sign_in_first(ada, browser, other_session):
    session = other_session(ada)
    SessionDevice.objects.create(session=session, fingerprint="x", ip="192.0.2.77")
    whole = browser.get(link(session)).json()
    assert results(browser.get(url(session, "devices"))) == whole["devices"]
    assert [place["ip"] for place in whole["devices"]] == ["192.0.2.9", "192.0.2.77"]


def test_proofs_are_those_of_the_session_and_say_when_they_were_taken_back(
    ada, browser, other_session
):
    session = other_session(ada)
    gone = AuthenticationMethod.objects.create(
        session=session, method="totp", revoked_at=timezone.now()
    )
    whole = browser.get(link(session)).json()
    rows = results(browser.get(url(session, "authentication-methods")))
    assert [row["method"] for row in rows] == ["password", "totp"]
    assert [row["revoked_at"] is None for row in rows] == [True, False]
    assert [{**one, "revoked_at": None} for one in whole["authentication_methods"]] == rows[:1]
    assert rows[1]["id"] == str(gone.pk)
    assert not {"provider_access_token", "provider_refresh_token", "factor"} & set(rows[0])


@BOTH
def test_an_ended_session_keeps_its_history(what, ada, browser, other_session):
    session = other_session(ada)
    type(session).objects.filter(pk=session.pk).end("revoked_by_staff")
    assert len(results(browser.get(url(session, what)))) == 1


@BOTH
def test_foreign_unknown_and_malformed_ids_get_the_same_bytes(what, bob, browser, other_session):
    def answer(session: object) -> tuple[int, bytes, dict[str, str]]:
        response = browser.get(url(session, what))
        return response.status_code, response.content, dict(response.headers)

    foreign = answer(other_session(bob))
    assert foreign[0] == 404
    assert foreign[1] == browser.get(link(uuid.uuid4())).content
    assert answer(uuid.uuid4()) == foreign
    for malformed in MALFORMED:
        assert answer(malformed) == foreign, malformed


@BOTH
@pytest.mark.parametrize("query", ["ordering=-id", "provider_access_token=x", "method=totp"])
def test_takes_no_filters(what, query, browser):
    response = browser.get(f"{url(browser.session_id, what)}?{query}")
    assert problem(response) == (400, "invalid")
    assert list(response.json()["errors"]) == [query.partition("=")[0]]


@BOTH
def test_comes_in_pages_of_few_queries(what, ada, browser, other_session):
    session = other_session(ada)
    now = timezone.now()
    for number in range(5):
        SessionDevice.objects.create(session=session, fingerprint=str(number))
        AuthenticationMethod.objects.create(
            session=session, method="totp", completed_at=now + timedelta(seconds=number)
        )
    browser.get(url(session, what))
    with CaptureQueriesContext(connections[database()]) as queries:
        page = browser.get(url(session, what), {"page_size": 2}).json()
    seen = page["results"]
    while page["next"]:
        page = browser.get(page["next"]).json()
        seen += page["results"]
    assert len(seen) == 6
    assert len({row["id"] for row in seen}) == 6
    assert not [one for one in queries.captured_queries if "COUNT(" in one["sql"].upper()]
    # Besides Django's session, the verdict and the user: the session, and the page.
    assert len(queries) <= 5
