"""How often one may ask, and by what one is known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from sessions_hub.api.throttling import network_of
from sessions_hub.lifecycle.rates import parse_rate
from tests.api.conftest import URL

from .conftest import Program

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("sign_in_on", "few"),
]

WRONG = {"username": "ada", "password": "wrong"}


@pytest.fixture
def few(settings):
    few = "2/hour"
    settings.SESSIONS_HUB_THROTTLES = {"sign_in": "2/minute", "create": few, "rotate": few}


def attempt(address: str = "192.0.2.1", **headers: str) -> int:
    client = Client(REMOTE_ADDR=address, headers=headers)
    return client.post(URL, WRONG, content_type="application/json").status_code


def test_signing_in_is_bounded_per_address(ada):
    assert [attempt() for _ in range(4)] == [401, 401, 429, 429]
    assert attempt("192.0.2.2") == 401


def test_a_forged_header_is_no_other_address(ada):
    for number in range(2):
        attempt(**{"x-forwarded-for": f"198.51.100.{number}"})
    assert attempt(**{"x-forwarded-for": "198.51.100.9"}) == 429


def test_a_network_of_ipv6_is_one_address(ada):
    assert [attempt(f"2001:db8::{number}") for number in range(1, 4)] == [401, 401, 429]
    assert attempt("2001:db8:0:1::1") == 401


def test_the_answer_tells_when_to_come_back(ada):
    for _ in range(3):
        response = Program().call("post", URL, WRONG)
    assert response.status_code == 429
    assert response.json()["code"] == "throttled"
    assert int(response["Retry-After"]) == 60


def test_making_keys_is_bounded_per_user(ada, browser, bob, sign_in):
    def make(client) -> int:
        return client.post(URL, {}, content_type="application/json").status_code

    assert [make(browser) for _ in range(3)] == [201, 201, 429]
    assert make(sign_in(bob)) == 201


def test_rotating_is_bounded_per_session(program):
    """Each leaves a row for as long as a copy of the old secret may turn up."""
    one, other = program(), program()

    def rotate(client: Program) -> int:
        response = client.call("post", f"{URL}current/rotate/")
        client.secret = response.json().get("secret", client.secret)
        return response.status_code

    assert [rotate(one) for _ in range(3)] == [200, 200, 429]
    assert one.whoami().status_code == 200
    assert rotate(other) == 200


def test_what_is_not_named_is_not_bounded(ada, settings):
    settings.SESSIONS_HUB_THROTTLES = {}
    assert [attempt() for _ in range(5)] == [401] * 5


def test_without_a_cache_every_process_counts(ada, monkeypatch):
    def broken(*args, **kwargs):
        raise ConnectionError("no cache")

    monkeypatch.setattr(cache, "add", broken)
    assert [attempt() for _ in range(3)] == [401, 401, 429]


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("10/minute", (10, timedelta(minutes=1))),
        ("1/second", (1, timedelta(seconds=1))),
        ("5/hour", (5, timedelta(hours=1))),
        ("7/day", (7, timedelta(days=1))),
    ],
)
def test_a_rate_is_a_number_and_a_period(rate, expected):
    assert parse_rate(rate) == expected


@pytest.mark.parametrize(
    "rate", ["", "10", "0/day", "-1/day", "10/week", "٣/day", "1.5/day", "/day"]
)
def test_what_is_no_rate_is_an_error(rate):
    with pytest.raises(ValueError, match="Not a rate"):
        parse_rate(rate)


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "2001:db8::/64"), ("", "")],
)
def test_the_network_of_an_address(address, network):
    assert network_of(address) == network
