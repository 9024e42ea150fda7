"""Versions and addresses compare in every database as they do for people.

The keys are written by the functions that write a sign-in, and asked for in real
queries, also under collations that weigh letters and punctuation in ways of their
own.
"""

from __future__ import annotations

import random
from ipaddress import ip_address

import pytest
from django.db import connections
from django.db.models.functions import Collate

from sessions_hub.capture import ClientSnapshot
from sessions_hub.capture.address import network_range
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device, Session, SessionDevice
from sessions_hub.models.client import client_values, place_values
from sessions_hub.understanding import ClientFacts, Place
from sessions_hub.understanding.versions import version_key
from tests.factories import make_device, make_session, make_session_device, make_user

pytestmark = pytest.mark.django_db(databases="__all__")

# As people sort them.
VERSIONS = ["0.9", "9", "10", "10.9", "10.10", "10.15.6", "10.15.7", "10.16", "11", "142.0.7444.60"]
ADDRESSES = [
    "::1",
    "9.255.255.255",
    "10.0.0.0",
    "10.0.0.9",
    "10.0.0.10",
    "10.255.255.255",
    "11.0.0.0",
    "192.0.2.1",
    "2001:db8:0:ffff::",
    "2001:db8:1::",
    "2001:db8:1:9::",
    "2001:db8:1:a::",
    "2001:db8:1:ffff:ffff:ffff:ffff:ffff",
    "2001:db8:2::",
    "fe80::1",
]
# Case, accents and punctuation do not count in them; "" is the database's own.
COLLATIONS = {
    "postgresql": ["", "C", "und-x-icu"],
    "mysql": ["", "utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_unicode_ci"],
    "sqlite": ["", "NOCASE", "RTRIM"],
}


def shuffled(values: list[str]) -> list[str]:
    values = values.copy()
    random.Random(7).shuffle(values)
    return values


def versions(model, **lookups) -> list[str]:
    rows = model.objects.filter(**lookups).order_by("os_version_key")
    return list(rows.values_list("os_version", flat=True))


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def versioned(ada):
    """Rows of every model for each version, and one of each for an unknown version."""
    session = make_session(ada)
    for version in shuffled(VERSIONS):
        facts = ClientFacts(os_version=version, client_version=version)
        values = client_values(ClientSnapshot(), facts)
        make_session(ada, **values)
        make_device(ada, **values)
        make_session_device(session, **values)
    make_device(ada)
    make_session_device(session)


@pytest.fixture
def placed(ada):
    """Sessions from all the addresses, and one from nobody knows where."""
    make_session(ada)
    for address in shuffled(ADDRESSES):
        values = place_values(ClientSnapshot(address=address), Place())
        make_session_device(make_session(ada, **values), **values)


@pytest.mark.parametrize("model", [Session, Device, SessionDevice])
class TestVersions:
    def test_sort_as_numbers_after_the_unknown_ones(self, model, versioned):
        assert versions(model) == ["", *VERSIONS]
        rows = model.objects.order_by("-client_version_key")
        assert list(rows.values_list("client_version", flat=True)) == [*reversed(VERSIONS), ""]

    def test_below_one_are_those_that_are_older(self, model, versioned):
        key = version_key("10.10")
        below = ["0.9", "9", "10", "10.9"]
        assert versions(model, os_version_key__lt=key, os_version_key__gt="") == below
        assert versions(model, os_version_key__gte=key) == VERSIONS[4:]
        rows = model.objects.filter(client_version_key__range=(version_key("0"), key))
        assert set(rows.values_list("client_version", flat=True)) == {*below, "10.10"}

    def test_between_two_are_a_range(self, model, versioned):
        low, high = version_key("10.15"), version_key("10.15.7")
        assert versions(model, os_version_key__range=(low, high)) == ["10.15.6", "10.15.7"]

    def test_are_the_same_with_and_without_their_zeros(self, model, versioned):
        assert versions(model, os_version_key=version_key("10.0.0")) == ["10"]


class TestAddresses:
    @pytest.mark.parametrize(
        ("network", "first", "last"),
        [
            ("10.0.0.0/8", "10.0.0.0", "10.255.255.255"),
            ("10.1.2.3/8", "10.0.0.0", "10.255.255.255"),
            ("10.0.0.8/29", "10.0.0.9", "10.0.0.10"),
            ("10.0.0.9", "10.0.0.9", "10.0.0.9"),
            ("::ffff:10.0.0.9", "10.0.0.9", "10.0.0.9"),
            ("::ffff:10.0.0.0/104", "10.0.0.0", "10.255.255.255"),
            ("0.0.0.0/0", "9.255.255.255", "192.0.2.1"),
            ("2001:db8:1::/48", "2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"),
            ("2001:DB8:1:A::/64", "2001:db8:1:a::", "2001:db8:1:a::"),
            ("::/0", "::1", "fe80::1"),
        ],
    )
    @pytest.mark.parametrize("model", [Session, SessionDevice])
    def test_of_a_network_are_a_range(self, network, first, last, model, placed):
        rows = model.objects.filter(ip_key__range=network_range(network)).order_by("ip_key")
        wanted = ADDRESSES[ADDRESSES.index(first) : ADDRESSES.index(last) + 1]
        assert list(rows.values_list("ip", flat=True)) == wanted

    def test_sort_as_numbers_after_the_unknown_one(self, placed):
        rows = Session.objects.order_by("ip_key").values_list("ip", flat=True)
        assert list(rows) == [None, *ADDRESSES]

    def test_that_were_mapped_into_ipv6_are_the_same(self, ada):
        values = place_values(ClientSnapshot(address="::ffff:10.0.0.9"), Place())
        make_session(ada, **values)
        assert Session.objects.filter(ip_key__range=network_range("10.0.0.0/8")).count() == 1


def collations() -> list[str]:
    return COLLATIONS[connections[database()].vendor]


class TestCollations:
    """Sites choose their own; a key has to sort so in any of them."""

    def test_sort_versions_alike(self, versioned):
        for name in collations():
            key = Collate("os_version_key", name) if name else "os_version_key"
            rows = Session.objects.order_by(key).values_list("os_version", flat=True)
            assert list(rows) == ["", *VERSIONS], name

    def test_sort_random_addresses_and_versions_alike(self, ada):
        chance = random.Random(11)
        for _ in range(60):
            version = ".".join(str(chance.randrange(10 ** chance.randrange(1, 8))) for _ in "1234")
            address = str(ip_address(chance.getrandbits(chance.choice((32, 128)))))
            snapshot = ClientSnapshot(address=address)
            values = client_values(snapshot, ClientFacts(client_version=version))
            make_session(ada, **values, **place_values(snapshot, Place()))
        for name in collations():
            for column in ("client_version_key", "ip_key"):
                key = Collate(column, name) if name else column
                keys = list(Session.objects.order_by(key).values_list(column, flat=True))
                assert keys == sorted(keys), (name, column)

    def test_find_networks_alike(self, placed):
        for name in filter(None, collations()):
            rows = Session.objects.alias(key=Collate("ip_key", name))
            rows = rows.filter(key__range=network_range("2001:db8:1::/48"))
            assert set(rows.values_list("ip", flat=True)) == set(ADDRESSES[9:13]), name
