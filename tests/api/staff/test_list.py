"""What staff see: everybody's sessions, devices and proofs, filtered, paged and cheap."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.capture.address import address_key
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AuthenticationMethod, Session
from tests.factories import make_device, make_method, make_session
from tests.lifecycle.test_query_counts import Statements

from .conftest import SESSIONS, STAFF

pytestmark = pytest.mark.django_db(databases="__all__")


def ids(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def text_of(*rows) -> list[str]:
    return [str(row.pk) for row in rows]


@pytest.fixture
def rows(ada, bob, desk):
    """Two sessions that differ in everything a list is filtered by."""
    now = timezone.now()
    german = make_session(
        ada,
        now,
        country_code="DE",
        os_code="IOS",
        tenant_id="acme",
        assurance_level=2,
        ip="192.0.2.7",
        ip_key=address_key("192.0.2.7"),
    )
    french = make_session(
        bob,
        now,
        country_code="FR",
        os_code="WIN",
        session_type="api_key",
        ip="2001:db8::7",
        ip_key=address_key("2001:db8::7"),
        reason="signed_out",
    )
    make_method(german, "totp")
    make_method(french, "sms")
    return german, french


def test_holds_everybody_s_newest_first(ada, bob, desk, other_session):
    sessions = [other_session(user) for user in (ada, bob, ada)]
    expected = [*text_of(*reversed(sessions)), str(desk.session_id)]
    assert ids(desk.get(SESSIONS)) == expected
    current = [row["id"] for row in desk.get(SESSIONS).json()["results"] if row["current"]]
    assert current == [str(desk.session_id)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"network": "192.0.2.0/24"}, 0),
        ({"network": "192.0.2.7"}, 0),
        ({"network": "2001:db8::/32"}, 1),
        ({"ip": "192.0.2.7"}, 0),
        ({"ip": "2001:DB8:0::7"}, 1),
        ({"country_code": "de"}, 0),
        ({"country_code": "FR"}, 1),
        ({"os_code": "IOS"}, 0),
        ({"session_type": "api_key"}, 1),
        ({"method": "totp"}, 0),
        ({"method": "sms"}, 1),
        ({"assurance_level": "aal2"}, 0),
        ({"tenant_id": "acme"}, 0),
        ({"status": "revoked"}, 1),
        ({"country_code": "DE", "os_code": "WIN"}, None),
        ({"country_code": "DE", "os_code": "IOS", "method": "totp", "status": "active"}, 0),
        ({"tenant_id": "a" * 64}, None),
    ],
)
def test_a_filter(query, found, rows, desk):
    assert ids(desk.get(SESSIONS, query)) == ([] if found is None else text_of(rows[found]))


def test_those_of_one_user(ada, rows, desk):
    assert ids(desk.get(SESSIONS, {"user": ada.pk})) == text_of(rows[0])
    assert str(rows[0].pk) not in ids(desk.get(SESSIONS, {"tenant_id": ""}))


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"ordering": "credentials_digest"},
        {"user__password__startswith": "a"},
        {"credentials_digest": "a"},
        {"format": "json"},
        {"user": ["7", "8"]},
        {"user": "\x00"},
        {"user": ""},
        {"status": "gone"},
        {"status": ""},
        {"session_type": "any"},
        {"network": "here"},
        {"ip": "192.0.2.0/24"},
        {"country_code": "D1"},
        {"method": "magic"},
        {"assurance_level": "2"},
        {"assurance_level": "aal4"},
        {"tenant_id": "a\x00b"},
        {"tenant_id": "a" * 65},
        {"cursor": "x"},
    ],
)
def test_what_is_no_filter_is_refused(query, rows, desk):
    response = desk.get(SESSIONS, query)
    assert response.status_code == 400
    assert set(response.json()["errors"]) == set(query)


def test_pages_neither_repeat_nor_count(ada, desk, other_session):
    wanted = [str(other_session(ada).pk) for _ in range(5)]
    seen, url = [], f"{SESSIONS}?user={ada.pk}&page_size=2"
    while url:
        with Statements() as ran:
            response = desk.get(url)
        assert not [sql for sql in ran.all if "COUNT(" in sql]
        seen += ids(response)
        url = response.json()["next"]
    assert seen == wanted[::-1]


@pytest.mark.parametrize(
    ("query", "edges"),
    [({}, 0), ({"ip": "192.0.2.9"}, 0), ({"method": "password"}, 1), ({"status": "active"}, 1)],
)
def test_costs_the_same_for_any_number_of_rows(query, edges, ada, desk, other_session):
    def cost():
        desk.get(SESSIONS, query)
        with Statements() as ran:
            desk.get(SESSIONS, query)
        # The verdict, Django's own session, user and permissions aside.
        return [
            sql for sql in ran.rows if "django_session" not in sql and "auth_permission" not in sql
        ]

    other_session(ada)
    few = len(cost())
    for _ in range(5):
        other_session(ada)
    assert len(cost()) == few
    # Sessions, proofs, places; and the verdict and the user. With a filter that has no index,
    # how far it looks.
    assert few == 3 + 2 + edges


def test_a_session_is_told_in_full(ada, desk, other_session):
    session = other_session(ada)
    body = desk.get(f"{SESSIONS}{session.pk}/").json()
    assert (body["id"], body["user_id"]) == (str(session.pk), str(ada.pk))
    assert body["user"]["username"] == "ada"
    assert (body["current"], body["status"]) == (False, "active")
    assert "secret" not in body
    assert "digest" not in str(body)


class TestDevices:
    def test_are_everybody_s(self, ada, bob, desk):
        now = timezone.now()
        one = make_device(ada, now, name="laptop", os_code="IOS", key_digest="d" * 64)
        two = make_device(bob, now, forgotten_at=now)
        response = desk.get(f"{STAFF}devices/")
        assert ids(response)[:2] == text_of(two, one)
        shown = response.json()["results"][1]
        assert (shown["user_id"], shown["name"], shown["os_code"]) == (str(ada.pk), "laptop", "IOS")
        assert shown["trusted_at"] is None
        assert shown["first_seen_at"].endswith("Z")
        assert "d" * 64 not in response.content.decode()

    def test_of_one_user(self, ada, bob, desk):
        one = make_device(ada)
        make_device(bob)
        assert ids(desk.get(f"{STAFF}devices/", {"user": ada.pk})) == text_of(one)
        assert desk.get(f"{STAFF}devices/", {"key_digest": "d"}).status_code == 400

    def test_cost_one_query(self, ada, desk):
        for _ in range(3):
            make_device(ada)
        with Statements() as ran:
            desk.get(f"{STAFF}devices/")
        assert len([sql for sql in ran.ours if "sessions_hub_device" in sql]) == 1


class TestProofs:
    def test_are_everybody_s(self, ada, rows, desk):
        proof = AuthenticationMethod.objects.using(database()).get(session=rows[0])
        AuthenticationMethod.objects.filter(pk=proof.pk).update(
            provider_access_token="ciphertext", provider="company"
        )
        response = desk.get(f"{STAFF}authentication-methods/", {"user": ada.pk})
        assert ids(response) == text_of(proof)
        (shown,) = response.json()["results"]
        assert (shown["session_id"], shown["user_id"]) == (str(rows[0].pk), str(ada.pk))
        assert (shown["method"], shown["provider"]) == ("totp", "company")
        assert shown["assurance_level"] == "aal0"
        assert "ciphertext" not in response.content.decode()

    @pytest.mark.parametrize(
        ("query", "count"),
        [({"method": "totp"}, 1), ({"method": "oidc"}, 0), ({"session": uuid.UUID(int=7)}, 0)],
    )
    def test_filtered(self, query, count, rows, desk):
        assert len(ids(desk.get(f"{STAFF}authentication-methods/", query))) == count

    @pytest.mark.parametrize("query", [{"provider_access_token": "x"}, {"user": "\x00"}])
    def test_by_nothing_else(self, query, desk):
        assert desk.get(f"{STAFF}authentication-methods/", query).status_code == 400

    def test_cost_one_query(self, rows, desk):
        with Statements() as ran:
            desk.get(f"{STAFF}authentication-methods/")
        assert len([sql for sql in ran.ours if "sessions_hub_authenticationmethod" in sql]) == 1


def test_an_expired_session_is_listed_as_that(ada, desk):
    past = timezone.now() - timedelta(hours=1)
    session = make_session(ada, past, expires_at=past, idle_expires_at=past)
    assert ids(desk.get(SESSIONS, {"status": "expired"})) == text_of(session)
    assert Session.objects.get(pk=session.pk).ended_at is None


def test_active_is_what_the_rule_calls_active(ada, bob, desk):
    now = timezone.now()
    good = make_session(ada, now)
    make_session(ada, now, reason="signed_out")
    make_session(ada, now, expires_at=now - timedelta(seconds=1))
    make_session(ada, now, idle_expires_at=now - timedelta(seconds=1))
    make_session(None, now)
    type(bob)._default_manager.filter(pk=bob.pk).update(is_active=False)
    make_session(bob, now)
    listed = ids(desk.get(SESSIONS, {"status": "active"}))
    assert set(listed) == {str(one.pk) for one in Session.objects.active(now)}
    assert str(good.pk) in listed
