"""What a list of sessions is narrowed by; whatever else is asked is an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from sessions_hub.models import AuthenticationMethod, Session, SessionDevice

from .conftest import URL
from .test_list import ids
from .test_problems import problem

pytestmark = pytest.mark.django_db(databases="__all__")

THEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def known(ada, bob, browser, other_session) -> dict[str, str]:
    """Three sessions of ada's, by name, and one of bob's with the same values."""
    made = {
        "one": other_session(
            ada,
            session_type="account_recovery",
            country_code="DE",
            os_code="IOS",
            client_type="mobile app",
            assurance_level=2,
            issued_at=THEN,
            last_used_at=THEN + SECOND,
        ),
        "two": other_session(
            ada,
            country_code="FR",
            issued_at=THEN + SECOND,
            last_used_at=THEN + 2 * SECOND,
        ),
    }
    AuthenticationMethod.objects.create(session=made["one"], method="totp")
    AuthenticationMethod.objects.create(session=made["two"], method="totp", revoked_at=THEN)
    foreign = other_session(bob, country_code="DE", session_type="account_recovery")
    AuthenticationMethod.objects.create(session=foreign, method="totp")
    Session.objects.filter(pk=browser.session_id).update(country_code="")
    return {**{name: str(row.pk) for name, row in made.items()}, "here": str(browser.session_id)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("session_type=account_recovery", {"one"}),
        ("session_type=regular_login", {"two", "here"}),
        ("session_type=api_key", set()),
        ("country_code=DE", {"one"}),
        ("country_code=fr", {"two"}),
        ("country_code=", {"here"}),
        ("country_code=SE", set()),
        ("os_code=IOS", {"one"}),
        ("os_code=%00", set()),
        ("os_code=%25", set()),
        ("client_type=mobile%20app", {"one"}),
        ("client_type=%00", set()),
        ("method=totp", {"one"}),
        ("method=password", {"one", "two", "here"}),
        ("method=saml", set()),
        ("assurance_level=aal2", {"one"}),
        ("assurance_level=aal1", {"two", "here"}),
        ("issued_before=2026-03-01T12:00:01Z", {"one"}),
        ("issued_before=2026-03-01T12:00:00Z", set()),
        ("issued_after=2026-03-01T12:00:01Z", {"two", "here"}),
        ("issued_after=2026-03-01T13:00:01%2B01:00", {"two", "here"}),
        ("issued_after=2026-03-01T12:00:00Z&issued_before=2026-03-01T12:00:01Z", {"one"}),
        ("last_used_before=2026-03-01T12:00:01.5Z", {"one"}),
        ("last_used_after=2026-03-01t12:00:01.000000001z", {"one", "two", "here"}),
        ("last_used_after=2026-03-01T12:00:02Z", {"two", "here"}),
        ("status=active&method=totp&country_code=DE&assurance_level=aal2", {"one"}),
        ("status=revoked&method=totp", set()),
        ("ordering=id", {"one", "two", "here"}),
    ],
)
def test_leaves_what_was_asked_for(query, expected, known, browser):
    names = {pk: name for name, pk in known.items()}
    found = ids(browser.get(f"{URL}?{query}"))
    assert {names[pk] for pk in found} == expected
    assert len(found) == len(set(found))


def test_by_device(ada, bob, browser, other_session):
    session = other_session(ada)
    device = SessionDevice.objects.get(session=session).device_id
    # Used there from several places: still one row.
    SessionDevice.objects.create(session=session, device_id=device, fingerprint="x")
    assert ids(browser.get(URL, {"device": device})) == [str(session.pk)]
    foreign = SessionDevice.objects.get(session=other_session(bob)).device_id
    assert ids(browser.get(URL, {"device": foreign})) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "gone"),
        ("session_type", "regular"),
        ("session_type", ""),
        ("country_code", "Germany"),
        ("country_code", "D%"),
        ("country_code", "éé"),
        ("method", "palm"),
        ("assurance_level", "2"),
        ("assurance_level", "aal4"),
        ("device", "7"),
        ("device", ""),
        ("ordering", "digest"),
        ("ordering", "-issued_at"),
        ("ordering", "id,-id"),
        ("ordering", "user__password"),
        *(
            (name, value)
            for name in ("issued_after", "last_used_before")
            for value in (
                "",
                "yesterday",
                "2026-03-01",
                "2026-03-01T12:00:00",
                "2026-03-01 12:00:00Z",
                "2026-03-01T12:00Z",
                "2026-03-01T12:00:00 01:00",
                "2026-13-01T12:00:00Z",
                "2026-03-01T24:00:01Z",
                "2026-03-01T12:00:60Z",
                "2026-W09-7T12:00:00Z",
                "0001-01-01T00:00:00+14:00",
                "9999-12-31T23:59:59-14:00",
                "0000-01-01T00:00:00Z",
                "\uff12\uff10\uff12\uff16-03-01T12:00:00Z",
                "2026-03-01T12:00:00Z\x00",
                "1772366400",
            )
        ),
    ],
)
def test_a_value_that_means_nothing_is_named(name, value, browser):
    response = browser.get(f"{URL}?{name}={quote(value)}")
    assert problem(response) == (400, "invalid")
    assert list(response.json()["errors"]) == [name]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("name", ["issued_after", "issued_before", "last_used_after"])
def test_the_ends_of_the_calendar_are_instants(name, moment, browser):
    assert browser.get(URL, {name: moment}).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "digest",
        "tokens__digest__startswith",
        "credentials_digest",
        "credentials_digest__startswith",
        "django_key_digest",
        "user",
        "user_id",
        "user__password",
        "user__password__startswith",
        "status__in",
        "country_code__gt",
        "authentication_methods__provider_access_token",
        "metadata__a",
        "Status",
        "states",
        "q",
        "search",
        "limit",
        "format",
        "",
        "status ",
    ],
)
def test_a_parameter_nobody_named_is_an_error(name, browser):
    response = browser.get(f"{URL}?{quote(name)}=x&status=active")
    assert problem(response) == (400, "invalid")
    assert list(response.json()["errors"]) == [name]


def test_all_that_is_wrong_is_named_at_once(browser):
    response = browser.get(f"{URL}?status=gone&digest=x&method=palm&device=1&os_code=WIN")
    assert list(response.json()["errors"]) == ["device", "digest", "method", "status"]


def test_a_parameter_is_given_once(browser):
    response = browser.get(f"{URL}?status=active&status=revoked")
    assert problem(response) == (400, "invalid")


class TestOrdering:
    def test_oldest_first_in_pages_that_begin_and_end(self, ada, browser, other_session):
        for _ in range(4):
            other_session(ada)
        newest = ids(browser.get(URL))
        page = browser.get(URL, {"ordering": "id", "page_size": 2})
        seen = ids(page)
        while page.json()["next"]:
            page = browser.get(page.json()["next"])
            seen += ids(page)
        assert seen == newest[::-1]

    def test_links_keep_filters_and_order(self, ada, browser, other_session):
        for code in ("DE", "FR", "DE", "DE"):
            other_session(ada, country_code=code)
        page = browser.get(URL, {"ordering": "id", "page_size": 2, "country_code": "DE"})
        rest = browser.get(page.json()["next"])
        assert len(ids(rest)) == 1
        assert ids(page) + ids(rest) == sorted(ids(page) + ids(rest))
