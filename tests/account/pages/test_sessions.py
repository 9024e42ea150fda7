"""The page of sessions: what it shows, in which order, and what its buttons do."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from sessions_hub.models import EndReason, Session, SessionType
from tests.factories import (
    make_device,
    make_method,
    make_session,
    make_session_device,
    make_sessions,
    make_user,
)
from tests.lifecycle.test_query_counts import Statements

from .conftest import SESSIONS, WINDOWS, button_names, headings, plain

pytestmark = pytest.mark.django_db(databases="__all__")

NOW = datetime(2030, 5, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


class TestShown:
    def test_every_fact_a_person_needs_stands_there(self, clock, ada, here):
        seen = NOW - timedelta(days=3)
        row = make_session(
            ada,
            NOW,
            issued_at=seen,
            last_used_at=NOW - timedelta(hours=2),
            expires_at=NOW + timedelta(days=11),
            ip="203.0.113.7",
            city="Berlin",
            country_code="DE",
            **WINDOWS,
        )
        make_method(row, "password", seen)
        make_method(row, "totp", seen + timedelta(seconds=1))
        make_method(row, "sms", seen, revoked_at=NOW)
        text = here.page()
        part = plain(text.partition("Other devices")[2])
        for fact in (
            "Chrome 142 on Windows 11",
            "Last active 2 hours ago",
            "Signed in 3 days ago",
            "Expires in 11 days",
            "Place (approximate) Berlin, Germany",
            "Address 203.0.113.7",
            "Signed in with password + authenticator app",
        ):
            assert fact in part, part
        assert "text message" not in part
        assert '<time datetime="2030-05-07T12:00:00Z" title="' in text
        assert 'title="May 7, 2030, 2 p.m. CEST"' in text

    def test_what_is_not_known_is_left_out(self, ada, here):
        make_session(ada, timezone.now())
        part = plain(here.page().partition("Other devices")[2])
        assert "sign-in" in part
        for word in ("Place", "Address", "Signed in with", "None", "unknown"):
            assert word not in part

    def test_the_idle_limit_is_told_where_it_comes_first(self, clock, ada, here):
        make_session(ada, NOW, idle_expires_at=NOW + timedelta(hours=1))
        assert "Expires in 1 hour" in plain(here.page())

    def test_the_current_one_comes_first_with_a_badge_in_words(self, ada, here, there):
        text = here.page()
        assert headings(text)[:3] == [
            "Where you\u2019re signed in",
            "This device",
            "Chrome 142 on Windows 10",
        ]
        first, others = text.split("Other devices")
        assert first.count("This session") == 1
        assert "This session" not in others
        assert "Firefox 145" in others

    def test_sessions_of_one_device_stand_together(self, ada, here):
        now = timezone.now()
        desk = make_device(ada, now, name="Office", **WINDOWS)
        rows = [make_session(ada, now, **WINDOWS) for _ in range(2)]
        make_session(ada, now, client_name="Opera")
        for row in rows:
            make_session_device(row, desk, now)
        part = here.page().partition("Other devices")[2]
        assert Counter(headings(part))["Office"] == 1
        card = next(one for one in part.split("sessions-hub-card-head") if "Office" in one)
        assert all(str(row.pk) in card for row in rows)
        assert "Opera" not in card
        assert f"/account/devices/{desk.pk}/" in card

    def test_a_forgotten_device_is_nobodys_name(self, ada, here):
        now = timezone.now()
        gone = make_device(ada, now, name="Gone", forgotten_at=now)
        make_session_device(make_session(ada, now, **WINDOWS), gone, now)
        # As it is read: the token of a form may spell it.
        assert "Gone" not in plain(here.page())

    def test_ended_ones_programs_and_other_people_are_not_in_the_list(self, ada, here):
        now = timezone.now()
        hidden = [
            make_session(ada, now, reason=EndReason.SIGNED_OUT),
            make_session(ada, now, expires_at=now),
            make_session(ada, now, session_type=SessionType.API_KEY),
            make_session(make_user("bob"), now),
        ]
        text = here.page()
        assert not [row for row in hidden if str(row.pk) in text]
        assert "not signed in anywhere else" in text
        assert "everywhere else</a>" not in text

    def test_somebody_who_acts_as_the_user_is_named_without_their_place(self, ada, here, acting):
        Session.objects.filter(session_type="impersonation").update(ip="198.51.100.9", city="Bonn")
        text = here.page()
        assert "grace, acting as you" in text
        assert "ticket" in text
        assert "198.51.100.9" not in text
        # As it is read: the token of a form may spell it.
        assert "Bonn" not in plain(text)

    def test_one_that_has_to_be_proven_again_says_so(self, ada, here, there):
        Session.objects.filter(pk=there.session_id).update(proof_required_at=timezone.now())
        assert "Has to be confirmed" in here.page()

    def test_every_button_has_a_name_of_its_own(self, ada, here):
        now = timezone.now()
        desk, twin = (make_device(ada, now, **WINDOWS) for _ in range(2))
        for device in (desk, desk, twin, None, None):
            make_session_device(make_session(ada, now, **WINDOWS), device, now)
        names = button_names(here.page())
        assert len(names) > 15
        assert [name for name, times in Counter(names).items() if times > 1] == []
        assert any(name.startswith("Sign out of Chrome 142 on Windows") for name in names)

    def test_without_a_device_cookie_the_page_says_how_devices_are_told_apart(self, settings, here):
        assert "told apart" not in here.page()
        settings.SESSIONS_HUB_DEVICE_COOKIE = None
        assert "told apart" in here.page()

    @pytest.mark.parametrize("path", ["", "ended/"])
    def test_hostile_names_are_text(self, path, ada, here):
        evil = "<script>alert(1)</script>"
        now = timezone.now()
        values = {
            "client_name": f"{evil}{'x' * 30}",
            "os_name": "\u202eevil",
            "city": evil,
            "reason": EndReason.EXPIRED if path else "",
        }
        row = make_session(ada, now, **values)
        make_session_device(row, make_device(ada, now, name=f"{evil}\u202e" + "n" * 70), now)
        make_method(row, "oidc", provider=evil)
        text = here.page(SESSIONS + path)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
        assert "<bdi>" in text

    def test_reads_from_right_to_left_where_the_language_does(self, here):
        assert 'dir="ltr"' in here.page()
        with translation.override("ar"):
            assert '<html lang="ar" dir="rtl">' in here.page()

    def test_a_site_without_translations_has_the_page_all_the_same(self, settings, here, there):
        settings.USE_I18N = False
        assert "Firefox 145" in here.page()

    def test_no_key_of_django_and_no_digest_is_in_it(self, ada, here, there):
        text = here.page()
        row = there.row
        for secret in (
            here.cookies["sessionid"].value,
            row.credentials_digest,
            row.current_fingerprint,
            there.device.key_digest,
        ):
            assert len(secret) > 10
            assert secret not in text


class TestPages:
    @pytest.fixture
    def many(self, ada, here):
        now = timezone.now()
        rows = make_sessions(45, ada, now - timedelta(hours=1))
        return [str(row.pk) for row in reversed(rows)]

    def test_each_session_is_on_exactly_one_page(self, here, many):
        found, path = [], SESSIONS
        pages = 0
        while path and pages < 10:
            text = here.page(path)
            pages += 1
            found += dict.fromkeys(re.findall(r"sessions/([0-9a-f-]{36})/end/", text))
            older = re.search(r'href="(\?before=[0-9a-f-]{36})"', text)
            path = older and SESSIONS + older[1]
        assert pages == 3
        assert sorted(found) == sorted([*many, here.session_id])

    def test_the_current_one_is_on_the_first_page_alone(self, here, many):
        older = re.search(r'href="(\?before=[^"]+)"', here.page())[1]
        text = here.page(SESSIONS + older)
        assert "This session" not in text
        assert "Newest" in text

    @pytest.mark.parametrize("before", ["", "7", "null", "%00", "x" * 3000])
    def test_what_is_no_page_is_the_first(self, before, here):
        assert "This session" in here.page(f"{SESSIONS}?before={before}")

    def test_a_page_costs_the_same_however_many_there_are(self, ada, here, there):
        # What is written once in a while is written.
        here.page()
        with Statements() as few:
            here.page()
        make_sessions(1000, ada, timezone.now() - timedelta(hours=1))
        now = timezone.now()
        for _ in range(10):
            row = make_session(ada, now, **WINDOWS)
            make_session_device(row, make_device(ada, now, name="a device"), now)
            make_method(row)
        with Statements() as many:
            text = here.page()
        assert text.count("a device</bdi>") == 10
        assert len(many.rows) == len(few.rows)
        assert many.writes == []
        with Statements() as other:
            here.get("/whoami/")
        # Four of the page's own; /whoami/ loads the current session.
        assert len(many.ours) - (len(other.ours) - 1) == 4


class TestEnded:
    def test_says_when_and_why(self, clock, ada, here):
        make_session(ada, NOW - timedelta(days=1), reason=EndReason.COMPROMISED, **WINDOWS)
        make_session(ada, NOW, expires_at=NOW - timedelta(hours=3), issued_at=NOW - timedelta(9))
        text = plain(here.page(f"{SESSIONS}ended/"))
        assert "Ended 24 hours ago" not in text
        assert "Ended 1 day ago Why compromised" in text
        assert "Ended 3 hours ago Why expired" in text

    def test_holds_no_live_one(self, here, there):
        text = here.page(f"{SESSIONS}ended/")
        assert "There are none." in text

    def test_is_paged(self, ada, here):
        make_sessions(25, ada)
        Session.objects.exclude(pk=here.session_id).update(
            ended_at=timezone.now(), end_reason=EndReason.SIGNED_OUT
        )
        with Statements() as first:
            text = here.page(f"{SESSIONS}ended/")
        assert text.count("<h2>") == 20
        older = re.search(r'href="(\?before=[^"]+)"', text)[1]
        assert here.page(f"{SESSIONS}ended/{older}").count("<h2>") == 5
        assert len([one for one in first.ours if "LIMIT" in one]) == 1
