"""Ending by conditions: those that meet them, nobody else, at most so many, and not oneself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.db import DatabaseError
from django.utils import timezone

from sessions_hub.capture.address import address_key
from sessions_hub.lifecycle import staff
from sessions_hub.models import EndReason, Session
from sessions_hub.understanding.versions import os_version_key, version_key
from tests.factories import (
    build_session,
    make_device,
    make_method,
    make_session,
    make_session_device,
)
from tests.lifecycle.test_query_counts import Statements

from .conftest import ALL, END, make_staff, post, token_of

pytestmark = pytest.mark.django_db(databases="__all__")

# Where and with what a session was begun, with the columns that are compared.
PLACE = {
    "ip": "192.0.2.7",
    "ip_key": address_key("192.0.2.7"),
    "country_code": "DE",
    "autonomous_system": "AS3320 Telekom",
    "os_code": "MAC",
    "os_version": "10.9",
    "os_version_key": os_version_key("Mac", "10.9"),
    "client_code": "CH",
    "client_version": "141",
    "client_version_key": version_key("141"),
}


@pytest.fixture
def now():
    return timezone.now()


def the_open() -> set:
    return set(Session.objects.filter(ended_at__isnull=True).values_list("pk", flat=True))


@pytest.fixture
def rows(ada, bob, now):
    """Three of ada's, one of them in Germany, and one of bob's there."""
    return {
        "here": make_session(ada, now, country_code="DE"),
        "there": make_session(ada, now, country_code="FR"),
        "key": make_session(ada, now, session_type="api_key"),
        "other": make_session(bob, now, country_code="DE"),
    }


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        ({"country_code": "DE"}, {"here", "other"}),
        ({"country_code": "de", "session_type": "regular_login"}, {"here", "other"}),
        ({"session_type": "api_key"}, {"key"}),
        ({"country_code": "AT"}, set()),
    ],
)
def test_ends_what_meets_the_conditions_and_leaves_the_rest(data, ends, rows, desk, grace):
    before = the_open()
    response = post(desk, END, data)
    body = response.json()
    assert (response.status_code, body["ended"], body["more"]) == (200, len(ends), False)
    ended = {rows[name].pk for name in ends}
    assert set(body["sample"]) == {str(pk) for pk in ended}
    assert the_open() == before - ended
    for session in Session.objects.filter(pk__in=ended):
        assert (session.end_reason, session.ended_by) == (EndReason.REVOKED_BY_STAFF, grace)


def test_of_one_user(ada, bob, rows, desk):
    assert post(desk, END, {"user": ada.pk}).json()["ended"] == 3
    assert the_open() == {rows["other"].pk, desk.session_id}


def test_what_a_limit_has_ended_keeps_that_end(ada, desk, now):
    past = now - timedelta(hours=1)
    make_session(ada, past, expires_at=past, idle_expires_at=past)
    ended = make_session(ada, now, reason="signed_out")
    assert post(desk, END, {"user": ada.pk}).json()["ended"] == 0
    ended.refresh_from_db()
    assert ended.end_reason == "signed_out"


class TestOneself:
    def test_by_cookie(self, desk, grace, now):
        other = make_session(grace, now)
        body = post(desk, END, {"user": grace.pk}).json()
        assert (body["ended"], body["sample"]) == (1, [str(other.pk)])
        assert desk.get("/api/sessions/current/").status_code == 200

    def test_by_token(self, grace, now):
        program, other = token_of(grace, "staff"), make_session(grace, now)
        body = post(program, END, {"user": str(grace.pk)}).json()
        assert body["sample"] == [str(other.pk)]
        assert the_open() == {program.session.pk}

    def test_is_not_counted_either(self, desk, grace):
        body = post(desk, END, {"user": grace.pk, "dry_run": True}).json()
        assert body == {"count": 0, "capped": False, "sample": []}


class TestDryRun:
    def test_ends_nothing_and_writes_nothing(self, ada, rows, desk):
        before = the_open()
        desk.get("/api/sessions/")
        with Statements() as ran:
            response = post(desk, END, {"user": ada.pk, "dry_run": True})
        body = response.json()
        assert (body["count"], body["capped"]) == (3, False)
        assert set(body["sample"]) == {str(rows[one].pk) for one in ("here", "there", "key")}
        assert ran.writes == []
        assert the_open() == before
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize(
        ("number", "shown"), [(4, (4, False)), (5, (5, False)), (6, (5, True))]
    )
    def test_counts_no_further_than_the_cap(self, number, shown, ada, desk, now, monkeypatch):
        monkeypatch.setattr(staff, "CAP", 5)
        Session.objects.bulk_create(build_session(ada, now) for _ in range(number))
        body = post(desk, END, {"user": ada.pk, "dry_run": True}).json()
        assert (body["count"], body["capped"]) == shown

    def test_samples_ten(self, ada, desk, now):
        Session.objects.bulk_create(build_session(ada, now) for _ in range(12))
        body = post(desk, END, {"user": ada.pk, "dry_run": True}).json()
        assert (body["count"], len(body["sample"])) == (12, 10)


class TestBounds:
    def test_a_limit_leaves_the_rest_and_says_so(self, ada, desk, now):
        Session.objects.bulk_create(build_session(ada, now) for _ in range(5))
        answers = [post(desk, END, {"user": ada.pk, "limit": 2}).json() for _ in range(3)]
        assert [(one["ended"], one["more"]) for one in answers] == [
            (2, True),
            (2, True),
            (1, False),
        ]

    def test_goes_in_batches(self, ada, bob, desk, now, monkeypatch):
        monkeypatch.setattr(staff, "BATCH", 2)
        Session.objects.bulk_create(build_session(ada, now) for _ in range(5))
        other = make_session(bob, now)
        body = post(desk, END, {"user": ada.pk}).json()
        assert body["ended"] == 5
        assert the_open() == {other.pk, desk.session_id}
        assert LogEntry.objects.count() == 1

    def test_a_session_that_meets_them_no_longer_is_left_alone(self, ada, desk, now, monkeypatch):
        session = make_session(ada, now, tenant_id="acme")
        real = staff.enter

        def switched_meanwhile(*args):
            Session.objects.filter(pk=session.pk).update(tenant_id="other")
            return real(*args)

        monkeypatch.setattr(staff, "enter", switched_meanwhile)
        assert post(desk, END, {"tenant_id": "acme"}).json()["ended"] == 0
        assert session.pk in the_open()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({}, "non_field_errors"),
        ({"dry_run": True}, "non_field_errors"),
        ({"limit": 5}, "non_field_errors"),
        ({"all": True}, "all"),
        ({"country": "DE"}, "country"),
        ({"country_code": "DE", "end_reason": "expired"}, "end_reason"),
        ({"ended_by": 7, "country_code": "DE"}, "ended_by"),
        ({"country_code": "DE", "limit": 0}, "limit"),
        ({"country_code": "DE", "limit": 10_001}, "limit"),
        ({"country_code": "DE", "dry_run": "perhaps"}, "dry_run"),
        ({"country_code": ""}, "country_code"),
        ({"tenant_id": ""}, "tenant_id"),
        ({"tenant_id": "a\x00"}, "tenant_id"),
        ({"user": None}, "user"),
        ({"user": True}, "user"),
        ({"user": {"pk": 1}}, "user"),
        ({"network": "10.0.0.0/99"}, "network"),
        ({"network": ["10.0.0.0/8"]}, "network"),
        ({"os_version_below": "18"}, "os_version_below"),
        ({"os_code": "IOS", "os_version_below": "new"}, "os_version_below"),
        ({"client_version_below": "1"}, "client_version_below"),
        ({"method": "x"}, "method"),
        ({"assurance_level": "aal4"}, "assurance_level"),
        ({"assurance_level": 2}, "assurance_level"),
        ({"assurance_level_below": "aal0"}, "assurance_level_below"),
        ({"assurance_level_below": 2}, "assurance_level_below"),
        ({"issued_before": "yesterday"}, "issued_before"),
        ({"issued_before": "0001-01-01T00:00:00+14:00"}, "issued_before"),
        ({"device": "laptop"}, "device"),
        ({"session_type": ""}, "session_type"),
    ],
)
def test_what_is_no_condition_ends_nothing(data, named, rows, desk):
    before = the_open()
    response = post(desk, END, data)
    assert response.status_code == 400, response.content
    assert set(response.json()["errors"]) == {named}
    assert the_open() == before


def test_a_body_that_is_no_object_ends_nothing(desk):
    for body in ("[]", '"user"', "7", "null", "{"):
        response = desk.post(END, body, content_type="application/json")
        assert response.status_code == 400, body


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        ({"issued_before": "{issued}"}, False),
        ({"issued_before": "{later}"}, True),
        ({"last_used_before": "{issued}"}, False),
        ({"last_used_before": "{later}"}, True),
        ({"network": "192.0.2.0/25"}, True),
        ({"network": "192.0.2.128/25"}, False),
        ({"country_code": "DE"}, True),
        ({"country_code": "FR"}, False),
        ({"autonomous_system": "AS3320"}, True),
        ({"autonomous_system": "AS332"}, False),
        ({"method": "totp"}, True),
        ({"method": "sms"}, False),
        ({"assurance_level": "aal1"}, True),
        ({"assurance_level": "aal0"}, False),
        ({"assurance_level": "aal2"}, False),
        ({"assurance_level_below": "aal2"}, True),
        ({"assurance_level_below": "aal1"}, False),
        ({"tenant_id": "acme"}, True),
        ({"tenant_id": "acm"}, False),
        ({"session_type": "regular_login"}, True),
        ({"session_type": "api_key"}, False),
        ({"device": "{device}"}, True),
        ({"device": "{other}"}, False),
        ({"os_code": "MAC", "os_version_below": "10.10"}, True),
        ({"os_code": "MAC", "os_version_below": "10.9"}, False),
        ({"os_code": "WIN", "os_version_below": "11"}, False),
        ({"client_code": "CH", "client_version_below": "142"}, True),
        ({"client_code": "CH", "client_version_below": "141"}, False),
        ({"client_code": "FF", "client_version_below": "142"}, False),
    ],
)
def test_conditions_as_they_are_sent(data, ends, ada, desk, now):
    session = make_session(
        ada,
        now,
        **PLACE,
        assurance_level=1,
        tenant_id="acme",
    )
    make_method(session, method="totp")
    device = make_device(ada)
    make_session_device(session, device)
    texts = {
        "issued": session.issued_at.isoformat(),
        "later": (session.issued_at + timedelta(microseconds=1)).isoformat(),
        "device": device.pk,
        "other": make_device(ada).pk,
    }
    sent = {name: value.format(**texts) for name, value in data.items()}
    body = post(desk, END, {"user": ada.pk, **sent}).json()
    assert body["ended"] == (1 if ends else 0)


class TestTheHistory:
    def test_has_one_entry_that_says_what_was_done(self, ada, rows, desk, grace):
        post(desk, END, {"user": ada.pk})
        entry = LogEntry.objects.get()
        assert (entry.user, entry.action_flag) == (grace, DELETION)
        assert entry.content_type.model_class() is Session
        text = entry.get_change_message()
        assert text.startswith("staff.sessions_ended {")
        assert '"count":3' in text
        assert f'"predicate":{{"user":"{ada.pk}"}}' in text
        assert '"address":"127.0.0.1"' in text

    def test_has_none_where_nothing_ended(self, rows, desk):
        post(desk, END, {"country_code": "AT"})
        assert not LogEntry.objects.exists()

    def test_that_cannot_be_written_lets_nothing_end(self, ada, rows, desk, monkeypatch):
        def fail(*args, **kwargs):
            raise DatabaseError("the table is gone")

        monkeypatch.setattr(LogEntry, "save", fail)
        before = the_open()
        response = post(desk, END, {"user": ada.pk})
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert the_open() == before

    def test_says_what_had_ended_before_a_fault(self, ada, desk, now, monkeypatch):
        monkeypatch.setattr(staff, "BATCH", 2)
        Session.objects.bulk_create(build_session(ada, now) for _ in range(5))
        real, calls = staff.end_in_batches, []

        def second_fails(*args, **kwargs):
            calls.append(1)
            if len(calls) == 2:
                raise DatabaseError("gone")
            return real(*args, **kwargs)

        monkeypatch.setattr(staff, "end_in_batches", second_fails)
        assert post(desk, END, {"user": ada.pk}).status_code == 503
        assert Session.objects.filter(user=ada, ended_at__isnull=True).count() == 3
        assert '"count":2' in LogEntry.objects.get().change_message

    def test_is_not_needed_where_there_is_no_admin(self, ada, rows, desk, monkeypatch):
        from django.apps import apps

        monkeypatch.setattr(apps, "is_installed", lambda name: name != "django.contrib.admin")
        assert post(desk, END, {"user": ada.pk}).json()["ended"] == 3
        assert not LogEntry.objects.exists()


def test_sessions_of_a_disabled_user_end_too(ada, desk, now):
    session = make_session(ada, now)
    type(ada)._default_manager.filter(pk=ada.pk).update(is_active=False)
    assert post(desk, END, {"user": ada.pk}).json()["ended"] == 1
    session.refresh_from_db()
    assert session.end_reason == EndReason.REVOKED_BY_STAFF


def test_by_a_token_says_whose(ada, rows):
    heidi = make_staff("heidi", *ALL)
    assert post(token_of(heidi, "staff"), END, {"user": str(ada.pk)}).json()["ended"] == 3
    assert Session.objects.get(pk=rows["key"].pk).ended_by == heidi
