"""Devices on the pages: named, trusted, forgotten."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from sessions_hub.models import Device, EndReason, SessionType
from tests.factories import make_device, make_session, make_session_device

from .conftest import ROOT, WINDOWS, Person, button_names, plain, said, stale

pytestmark = pytest.mark.django_db(databases="__all__")

DEVICES = f"{ROOT}devices/"


def url(device, what: str = "") -> str:
    return f"{DEVICES}{device.pk}/{what}"


class TestList:
    def test_shows_those_that_are_not_forgotten(self, ada, bob, here, there):
        now = timezone.now()
        make_device(ada, now, name="Gone", forgotten_at=now)
        make_device(bob, now, name="Bob's")
        make_device(ada, now, name="Old laptop", trusted_at=now, **WINDOWS)
        text = here.page(DEVICES)
        shown = plain(text)
        assert "Old laptop Chrome 142 on Windows 11 Trusted" in shown
        assert shown.count("This device") == 1
        assert "Firefox 145" in shown
        assert "Gone" not in shown
        assert "Bob" not in shown

    def test_is_paged_and_each_link_has_a_name_of_its_own(self, ada, here):
        now = timezone.now()
        for _ in range(25):
            make_device(ada, now, **WINDOWS)
        text = here.page(DEVICES)
        names = button_names(text)
        assert len([name for name in names if name.startswith("Manage")]) == 20
        assert len(set(names)) == len(names)
        older = re.search(r'href="(\?before=[^"]+)"', text)[1]
        assert here.page(DEVICES + older).count("Manage<") == 6


class TestName:
    def test_is_kept_and_shown(self, here, there):
        response = here.post(url(there.device), {"name": "  Work laptop "}, follow=True)
        assert response.redirect_chain == [(url(there.device), 302)]
        assert said(response) == "The name has been saved."
        assert there.device.name == "Work laptop"
        assert "Work laptop" in here.page()

    def test_an_empty_one_gives_the_device_its_own_back(self, here, there):
        Device.objects.update(name="x")
        here.post(url(there.device), {"name": ""})
        assert there.device.name == ""
        assert "Firefox 145" in here.page(url(there.device))

    @pytest.mark.parametrize(("length", "status"), [(100, 302), (101, 422)])
    def test_is_at_most_a_hundred_characters(self, length, status, here, there):
        response = here.post(url(there.device), {"name": "ü" * length})
        assert response.status_code == status
        assert len(there.device.name) == (length if status == 302 else 0)

    def test_a_hostile_one_is_text_wherever_it_stands(self, here, there):
        evil = "</bdi><script>alert(1)</script>\u202e"
        here.post(url(there.device), {"name": evil})
        assert there.device.name == evil
        for path in (ROOT + "sessions/", DEVICES, url(there.device), url(there.device, "forget/")):
            assert "<script>alert" not in here.page(path)

    def test_with_nul_is_refused(self, here, there):
        assert here.post(url(there.device), {"name": "a\x00"}).status_code == 422

    def test_of_a_forgotten_one_is_not_kept(self, here, there):
        Device.objects.filter(pk=there.device.pk).update(forgotten_at=timezone.now())
        response = here.post(url(there.device), {"name": "x"}, follow=True)
        assert response.redirect_chain == [(DEVICES, 302)]
        assert "forgotten already" in said(response)
        assert there.device.name == ""


class TestTrust:
    def test_is_given_and_taken_back(self, here, there):
        response = here.post(url(there.device, "trust/"), {"trusted": "1"}, follow=True)
        assert said(response) == "The device is trusted now."
        first = there.device.trusted_at
        assert first is not None
        here.post(url(there.device, "trust/"), {"trusted": "1"}, follow=True)
        assert there.device.trusted_at == first
        assert "Trusted" in here.page()
        response = here.post(url(there.device, "trust/"), {"trusted": "0"}, follow=True)
        assert said(response) == "The device is not trusted any more."
        assert there.device.trusted_at is None

    @pytest.mark.parametrize("value", ["", "yes", "true", "2"])
    def test_is_given_by_nothing_but_its_word(self, value, here, there):
        here.post(url(there.device, "trust/"), {"trusted": value})
        assert there.device.trusted_at is None


class TestForget:
    def test_ends_its_sessions_and_leaves_the_others(self, here, there):
        device = there.device
        assert "stop working" in here.page(url(device, "forget/"))
        assert there.who() == "ada"
        response = here.post(url(device, "forget/"), follow=True)
        assert response.redirect_chain == [(DEVICES, 302)]
        assert said(response) == "The device has been forgotten and signed out."
        assert there.row.end_reason == EndReason.DEVICE_FORGOTTEN
        assert (here.who(), there.who()) == ("ada", None)
        device.refresh_from_db()
        assert (device.key_digest, device.trusted_at) == (None, None)

    def test_of_the_device_in_use_signs_out_here(self, here):
        assert "sign in again" in here.page(url(here.device, "forget/"))
        assert here.post(url(here.device, "forget/")).url == "/accounts/login/"
        assert here.row.end_reason == EndReason.DEVICE_FORGOTTEN
        assert here.who() is None

    @pytest.mark.parametrize("verb", ["get", "post"])
    def test_asks_for_a_fresh_proof_where_others_end_by_it(self, verb, here, there):
        stale(here)
        response = getattr(here, verb)(url(there.device, "forget/"))
        assert response.url.startswith("/account/reauthenticate/?")
        assert there.who() == "ada"

    def test_asks_for_none_where_nothing_ends_but_this(self, ada, here):
        stale(here)
        idle = make_device(ada, timezone.now(), name="idle")
        assert here.post(url(idle, "forget/")).url == DEVICES
        assert here.post(url(here.device, "forget/")).url == "/accounts/login/"

    def test_twice_is_as_once(self, here, there):
        device = there.device
        here.post(url(device, "forget/"), follow=True)
        device.refresh_from_db()
        first = device.forgotten_at
        response = here.post(url(device, "forget/"), follow=True)
        assert "forgotten already" in said(response)
        device.refresh_from_db()
        assert device.forgotten_at == first


class TestOne:
    def test_shows_its_live_sessions_of_people(self, ada, here, there):
        now = timezone.now()
        device = there.device
        mine = make_session(ada, now, client_name="Opera")
        hidden = [
            make_session(ada, now, session_type=SessionType.API_KEY),
            make_session(ada, now, reason=EndReason.EXPIRED),
        ]
        for row in (mine, mine, *hidden):
            make_session_device(row, device, now)
        text = here.page(url(device))
        assert text.count(f"{mine.pk}/end/") == 1
        assert f"{there.session_id}/end/" in text
        assert here.session_id not in text
        assert not [row for row in hidden if str(row.pk) in text]

    def test_names_no_more_than_a_page_of_them(self, ada, here):
        now = timezone.now()
        device = make_device(ada, now)
        for _ in range(23):
            make_session_device(make_session(ada, now), device, now)
        text = here.page(url(device))
        assert text.count("/end/") == 20
        assert "There are more" in text

    def test_a_forgotten_one_can_be_seen_and_not_changed(self, ada, here):
        now = timezone.now()
        device = make_device(ada, now, name="Gone", forgotten_at=now)
        text = here.page(url(device))
        assert "Gone" in text
        assert "<form" not in text.partition("sessions-hub-nav")[2]


def test_another_persons_device_lists_none_of_ones_own_sessions(ada, bob, here):
    """A browser two people use is a device of each."""
    other = Person("bob")
    other.cookies = here.cookies
    assert here.get(url(make_device(bob, timezone.now()))).status_code == 404
