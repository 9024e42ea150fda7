"""Which sessions a condition means: what meets it, what lies right beside it, what says nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from sessions_hub.capture.address import address_key
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Session
from sessions_hub.models.predicate import WrongCondition, condition_of, user_key
from sessions_hub.understanding.versions import os_version_key, version_key
from tests.factories import (
    NOW,
    make_device,
    make_method,
    make_session,
    make_session_device,
    make_user,
)

pytestmark = pytest.mark.django_db(databases="__all__")

MICROSECOND = timedelta(microseconds=1)
MOMENT = NOW - timedelta(days=3)


@pytest.fixture
def ada():
    return make_user("ada")


def meets(session: Session, **wanted: object) -> bool:
    rows = Session.objects.using(database()).filter(condition_of(wanted))
    assert set(rows) <= {session}
    return rows.exists()


def at(address: str) -> dict[str, str]:
    return {"ip": address, "ip_key": address_key(address)}


def on(system: str, code: str, version: str) -> dict[str, str]:
    key = os_version_key(system, version)
    return {"os_code": code, "os_version": version, "os_version_key": key}


def in_client(code: str, version: str) -> dict[str, str]:
    return {
        "client_code": code,
        "client_version": version,
        "client_version_key": version_key(version),
    }


@pytest.mark.parametrize(
    ("network", "address", "expected"),
    [
        ("192.0.2.0/24", "192.0.2.0", True),
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.1.255", False),
        ("192.0.2.0/24", "192.0.3.0", False),
        # Host bits may be set.
        ("192.0.2.77/24", "192.0.2.1", True),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7/32", "192.0.2.7", True),
        ("0.0.0.0/0", "203.0.113.9", True),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("2001:db8::/32", "2001:db8::", True),
        ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", True),
        ("2001:db8::/32", "2001:db9::", False),
        ("2001:db8::/32", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", False),
        ("2001:DB8:0:0::7", "2001:db8::7", True),
        # IPv4 in IPv6 is that IPv4.
        ("::ffff:192.0.2.0/120", "192.0.2.9", True),
        ("::/0", "192.0.2.9", True),
    ],
)
def test_a_network_is_a_range(network, address, expected, ada):
    assert meets(make_session(ada, **at(address)), network=network) is expected


def test_an_unknown_address_is_in_no_network(ada):
    assert not meets(make_session(ada), network="::/0")


@pytest.mark.parametrize(
    ("system", "code", "version", "below", "expected"),
    [
        ("Mac", "MAC", "10.9", "10.10", True),
        ("Mac", "MAC", "10.10", "10.10", False),
        ("Mac", "MAC", "10.10", "10.9", False),
        ("Mac", "MAC", "10.10", "10.10.1", True),
        ("iOS", "IOS", "17.7.2", "18", True),
        ("iOS", "IOS", "18.0", "18", False),
        # Unknown is not below anything.
        ("iOS", "IOS", "", "18", False),
        ("Android", "AND", "9", "18", False),
        # Windows counts as it was made, not as it was named.
        ("Windows", "WIN", "XP", "7", True),
        ("Windows", "WIN", "7", "XP", False),
        ("Windows", "WIN", "10", "11", True),
    ],
)
def test_a_system_below_a_version(system, code, version, below, expected, ada):
    session = make_session(ada, **on(system, code, version))
    asked = "IOS" if code == "AND" else code
    assert meets(session, os_code=asked, os_version_below=below) is expected


@pytest.mark.parametrize(
    ("version", "below", "expected"),
    [
        ("141.9", "142", True),
        ("142", "142", False),
        ("142.0.1", "142", False),
        ("99.0", "142", True),
        ("9.99", "10.0", True),
        ("", "142", False),
    ],
)
def test_a_client_below_a_version(version, below, expected, ada):
    session = make_session(ada, **in_client("CH", version))
    assert meets(session, client_code="CH", client_version_below=below) is expected
    assert not meets(session, client_code="FF", client_version_below="999")


@pytest.mark.parametrize(
    ("name", "value", "columns", "expected"),
    [
        ("country_code", "DE", {"country_code": "DE"}, True),
        ("country_code", "de", {"country_code": "DE"}, True),
        ("country_code", "DE", {"country_code": "AT"}, False),
        ("country_code", "DE", {}, False),
        ("autonomous_system", "AS3320", {"autonomous_system": "AS3320 Telekom"}, True),
        ("autonomous_system", "as3320", {"autonomous_system": "AS3320 Telekom"}, True),
        ("autonomous_system", "AS3320", {"autonomous_system": "AS3320"}, True),
        ("autonomous_system", "AS332", {"autonomous_system": "AS3320 Telekom"}, False),
        ("autonomous_system", "AS3320 Telekom", {"autonomous_system": "AS3320 Telekom"}, True),
        ("autonomous_system", "AS%", {"autonomous_system": "AS3320 Telekom"}, False),
        ("os_code", "IOS", {"os_code": "IOS"}, True),
        ("os_code", "IOS", {"os_code": "AND"}, False),
        ("client_code", "CH", {"client_code": "CH"}, True),
        ("client_code", "CH", {}, False),
        ("assurance_level", 1, {"assurance_level": 1}, True),
        ("assurance_level", 1, {"assurance_level": 2}, False),
        ("assurance_level_below", 2, {"assurance_level": 1}, True),
        ("assurance_level_below", 2, {"assurance_level": 2}, False),
        ("assurance_level_below", 1, {"assurance_level": 0}, True),
        ("tenant_id", "acme", {"tenant_id": "acme"}, True),
        ("tenant_id", "acme", {"tenant_id": "acme2"}, False),
        ("tenant_id", "acme", {"tenant_id": "ACME"}, False),
        ("tenant_id", "acme", {"tenant_id": "acme "}, False),
        ("tenant_id", "acme", {"tenant_id": "äcme"}, False),
        ("tenant_id", "acme", {}, False),
        ("tenant_id", "", {}, True),
        ("tenant_id", "", {"tenant_id": "acme"}, False),
        ("tenant_id", "a_e%", {"tenant_id": "a_e%"}, True),
        ("tenant_id", "a_e%", {"tenant_id": "acme"}, False),
        ("tenant_id", "a\\b", {"tenant_id": "a\\b"}, True),
        ("session_type", "api_key", {"session_type": "api_key"}, True),
        ("session_type", "api_key", {}, False),
        ("issued_before", MOMENT, {"issued_at": MOMENT - MICROSECOND}, True),
        ("issued_before", MOMENT, {"issued_at": MOMENT}, False),
        ("last_used_before", MOMENT, {"last_used_at": MOMENT - MICROSECOND}, True),
        ("last_used_before", MOMENT, {"last_used_at": MOMENT}, False),
    ],
)
def test_a_column(name, value, columns, expected, ada):
    assert meets(make_session(ada, **columns), **{name: value}) is expected


def test_of_a_user_by_key_or_its_text(ada):
    session = make_session(ada)
    assert meets(session, user=ada.pk)
    assert meets(session, user=str(ada.pk))
    assert not meets(session, user=make_user("bob").pk)


def test_by_a_method_that_stands(ada):
    session = make_session(ada)
    make_method(session, method="sms", revoked_at=NOW)
    make_method(session, method="password")
    assert meets(session, method="password")
    # Taken back: it counts no longer.
    assert not meets(session, method="sms")
    assert not meets(session, method="totp")


def test_on_a_device(ada):
    session, device = make_session(ada), make_device(ada)
    # Twice, and it is one session still.
    make_session_device(session, device)
    make_session_device(session, device)
    rows = Session.objects.using(database()).filter(condition_of({"device": device.pk}))
    assert list(rows) == [session]
    assert not meets(session, device=make_device(ada).pk)
    assert not meets(session, device=uuid.uuid4())


def test_all_conditions_have_to_be_met(ada):
    session = make_session(ada, country_code="DE", os_code="IOS")
    assert meets(session, country_code="DE", os_code="IOS")
    assert not meets(session, country_code="DE", os_code="AND")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ({}, ""),
        ({"colour": "red"}, "colour"),
        ({"user__password__startswith": "a"}, "user__password__startswith"),
        ({"network": "here"}, "network"),
        ({"network": "192.0.2.0/33"}, "network"),
        ({"network": ""}, "network"),
        ({"country_code": "Germany"}, "country_code"),
        ({"country_code": ""}, "country_code"),
        ({"os_version_below": "18"}, "os_version_below"),
        ({"os_code": "IOS", "os_version_below": "new"}, "os_version_below"),
        ({"client_version_below": "142"}, "client_version_below"),
        ({"os_code": "IOS", "client_version_below": "142"}, "client_version_below"),
        ({"client_code": "CH", "client_version_below": ""}, "client_version_below"),
        ({"method": "magic"}, "method"),
        ({"session_type": "any"}, "session_type"),
        ({"assurance_level_below": 9}, "assurance_level_below"),
        ({"issued_before": NOW.replace(tzinfo=None)}, "issued_before"),
        ({"user": "no\x00body"}, "user"),
    ],
)
def test_what_says_nothing_is_refused(wanted, name):
    with pytest.raises(WrongCondition) as caught:
        condition_of(wanted)
    assert caught.value.name == name


def test_the_key_of_a_user_is_one_that_a_column_holds(ada):
    assert user_key(str(ada.pk)) == ada.pk
    kind = ada._meta.pk.get_internal_type()
    for text in ["", "x y", "9" * 40] if kind != "CharField" else ["", "x" * 500]:
        with pytest.raises(ValueError, match="cannot be"):
            user_key(text)


def test_open_are_those_that_an_end_would_still_change(ada):
    past = NOW - timedelta(seconds=1)
    for values in ({"reason": "signed_out"}, {"expires_at": past, "idle_expires_at": past}):
        make_session(ada, **values)
    disabled = make_user("bob", is_active=False)
    here = [make_session(ada), make_session(disabled)]
    assert set(Session.objects.using(database()).open(NOW)) == set(here)
