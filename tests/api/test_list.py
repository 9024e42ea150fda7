"""The list: order, pages, filter, cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.models import Session

from .conftest import URL

pytestmark = pytest.mark.django_db(databases="__all__")


def ids(response) -> list[str]:
    return [row["id"] for row in response.json()["results"]]


def own_ids(user) -> list[str]:
    return [
        str(pk)
        for pk in Session.objects.for_user(user).order_by("-pk").values_list("pk", flat=True)
    ]


def test_holds_all_of_mine_newest_first(ada, bob, browser, other_session):
    for _ in range(3):
        other_session(ada)
    other_session(bob)
    other_session(ada).refresh_from_db()
    assert ids(browser.get(URL)) == own_ids(ada)
    assert len(own_ids(ada)) == 5


def test_flags_the_current_one_and_no_other(ada, browser, other_session):
    other_session(ada)
    rows = browser.get(URL).json()["results"]
    assert [row["id"] for row in rows if row["current"]] == [str(browser.session_id)]


def test_flags_for_each_browser_its_own(ada, sign_in):
    one, two = sign_in(ada), sign_in(ada)
    for browser in (one, two):
        current = [row["id"] for row in browser.get(URL).json()["results"] if row["current"]]
        assert current == [str(browser.session_id)]


class TestStatus:
    @pytest.fixture
    def of_each(self, ada, browser, other_session) -> dict[str, list[str]]:
        past = timezone.now() - timedelta(hours=1)
        revoked = other_session(ada)
        Session.objects.filter(pk=revoked.pk).end("revoked_by_staff")
        unstamped = other_session(ada, expires_at=past, idle_expires_at=past)
        stamped = other_session(ada, expires_at=past, idle_expires_at=past)
        Session.objects.filter(pk=stamped.pk).stamp_expired()
        return {
            "active": [str(browser.session_id)],
            "revoked": [str(revoked.pk)],
            "expired": [str(stamped.pk), str(unstamped.pk)],
        }

    @pytest.mark.parametrize("status", ["active", "expired", "revoked"])
    def test_narrows_the_list(self, status, of_each, browser):
        response = browser.get(URL, {"status": status})
        assert ids(response) == of_each[status]
        assert {row["status"] for row in response.json()["results"]} == {status}

    def test_is_everything_when_not_asked_for(self, of_each, browser):
        assert len(ids(browser.get(URL))) == 4

    @pytest.mark.parametrize("status", ["", "Active", "gone", "active,revoked"])
    def test_must_be_one_of_the_three(self, status, browser):
        response = browser.get(URL, {"status": status})
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        assert list(response.json()["errors"]) == ["status"]


class TestPages:
    def test_hold_fifty_unless_asked_and_never_more_than_two_hundred(
        self, ada, browser, monkeypatch
    ):
        many = [Session(user=ada, expires_at=timezone.now(), idle_expires_at=timezone.now())]
        Session.objects.bulk_create(
            Session(user=ada, expires_at=many[0].expires_at, idle_expires_at=many[0].expires_at)
            for _ in range(205)
        )
        assert len(ids(browser.get(URL))) == 50
        assert len(ids(browser.get(URL, {"page_size": 7}))) == 7
        assert len(ids(browser.get(URL, {"page_size": 5000}))) == 200
        assert len(ids(browser.get(URL, {"page_size": "many"}))) == 50

    def test_repeat_and_skip_nothing_while_sessions_begin(self, ada, browser, other_session):
        for _ in range(6):
            other_session(ada)
        expected = own_ids(ada)
        page = browser.get(URL, {"page_size": 3})
        seen = ids(page)
        while page.json()["next"]:
            other_session(ada)
            page = browser.get(page.json()["next"])
            seen += ids(page)
        assert seen == expected

    def test_lead_back(self, ada, browser, other_session):
        for _ in range(3):
            other_session(ada)
        first = browser.get(URL, {"page_size": 2})
        second = browser.get(first.json()["next"])
        assert ids(browser.get(second.json()["previous"])) == ids(first)
        assert first.json()["previous"] is None
        assert second.json()["next"] is None

    def test_keep_the_filter(self, ada, browser, other_session):
        for _ in range(3):
            other_session(ada)
        Session.objects.filter(pk=other_session(ada).pk).end("limit")
        page = browser.get(URL, {"status": "active", "page_size": 2})
        rest = browser.get(page.json()["next"])
        assert len(ids(page) + ids(rest)) == 4

    @pytest.mark.parametrize("cursor", ["x", "cD1ub3QtYW4taWQ=", "cD0lMDA=", "cj0xJnA9MQ=="])
    def test_refuse_a_cursor_nobody_gave(self, cursor, browser):
        response = browser.get(URL, {"cursor": cursor})
        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["cursor"]


class TestCost:
    @pytest.mark.parametrize("rows", [1, 100])
    def test_is_at_most_four_queries_however_many_rows(
        self, rows, ada, browser, other_session, in_view
    ):
        for _ in range(rows):
            other_session(ada)
        response = browser.get(URL, {"page_size": 200})
        assert len(ids(response)) == rows + 1
        assert len(in_view) <= 4, in_view
        assert not [sql for sql in in_view if "COUNT(" in sql.upper()]

    @pytest.mark.skipif("people" in connections.databases, reason="counts one database")
    def test_is_three_more_than_the_request_itself_makes(self, ada, browser, other_session):
        for _ in range(5):
            other_session(ada)
        browser.get(URL)
        with CaptureQueriesContext(connections["default"]) as queries:
            browser.get(URL)
        # Django's session, the verdict, the user; sessions, methods, places.
        assert len(queries) == 6, [query["sql"] for query in queries]

    def test_is_no_parsing(self, ada, browser, other_session, monkeypatch):
        other_session(ada)
        browser.get(URL)

        def refuse(*args, **kwargs):
            raise AssertionError("parsed on read")

        for name in ("understand_client", "locate"):
            monkeypatch.setattr(f"sessions_hub.understanding.{name}", refuse)
            monkeypatch.setattr(f"sessions_hub.lifecycle.sighting.{name}", refuse)
        assert len(ids(browser.get(URL))) == 2


class TestTenant:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [("acme", ["acme"]), ("other", ["other"]), ("none", []), ("%00", []), ("%25", [])],
    )
    def test_narrows_to_those_in_it(self, ada, bob, browser, other_session, asked, found):
        for tenant in ("acme", "other"):
            other_session(ada, tenant_id=tenant)
            other_session(bob, tenant_id=tenant)
        rows = browser.get(f"{URL}?tenant_id={asked}").json()["results"]
        assert [row["tenant_id"] for row in rows] == found

    def test_empty_is_those_in_none(self, ada, browser, other_session):
        other_session(ada, tenant_id="acme")
        assert ids(browser.get(f"{URL}?tenant_id=")) == [str(browser.session_id)]

    def test_goes_together_with_a_status(self, ada, browser, other_session):
        ended = other_session(ada, tenant_id="acme")
        other_session(ada, tenant_id="acme")
        Session.objects.filter(pk=ended.pk).end("revoked_by_staff")
        assert ids(browser.get(f"{URL}?tenant_id=acme&status=revoked")) == [str(ended.pk)]
