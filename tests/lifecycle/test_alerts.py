"""Mails about new devices and countries, from a sign-in over HTTP to the outbox."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections, transaction
from django.urls import path
from django.utils import timezone, translation

from sessions_hub.capture import ClientSnapshot
from sessions_hub.lifecycle import enforce, start_session
from sessions_hub.lifecycle.alerts import send_alert
from sessions_hub.models import Device, EndReason, Session, SessionDevice, SessionType
from sessions_hub.understanding import geoip
from tests.lifecycle.urls import urlpatterns as common
from tests.views import sign_in

from .places import (
    BERLIN,
    BERLIN_2,
    CHROME_ON_LINUX,
    NEW_YORK,
    NOWHERE,
    VIENNA,
    Traveller,
    write_places,
)
from .test_binding import prove, thief_of
from .test_query_counts import Statements
from .threads import at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

LINK = re.compile(r"https?://\S+/account/not-me/\S+/")


def sign_in_abroad(request):
    """A site that serves its visitors in their own time zone and language."""
    timezone.activate(ZoneInfo("Asia/Tokyo"))
    translation.activate("de")
    return sign_in(request)


urlpatterns = [*common, path("sign-in-abroad/", sign_in_abroad)]


class BrokenBackend(EmailBackend):
    """A mail server that is down."""

    def send_messages(self, messages):
        raise OSError("connection refused")


@pytest.fixture(autouse=True)
def site(settings, tmp_path):
    settings.SESSIONS_HUB_GEOIP_PATH = write_places(tmp_path / "places.mmdb")
    settings.SESSIONS_HUB_PROXY_COUNT = 1
    settings.SESSIONS_HUB_ALERTS = ["device", "country"]
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ROOT_URLCONF = __name__
    geoip._file.cache_clear()
    yield
    geoip._file.cache_clear()
    timezone.deactivate()
    translation.activate("en")


@pytest.fixture
def user(make_user):
    return make_user(email="ada@example.com")


@pytest.fixture
def traveller(user) -> Traveller:
    """Signed in at home, on the user's first device."""
    one = Traveller()
    one.sign_in("ada")
    return one


def sign_in_from(address: str = BERLIN, path: str = "/sign-in/?user=ada", **headers) -> Traveller:
    one = Traveller(address, **headers)
    assert one.get(path).status_code == 200
    return one


class TestDevice:
    def test_a_second_device_is_told_of(self, traveller, mailoutbox):
        with time_machine.travel(datetime(2027, 7, 1, 10, 30, tzinfo=UTC), tick=False):
            sign_in_from(BERLIN_2, **{"user-agent": CHROME_ON_LINUX})
        (sent,) = mailoutbox
        assert sent.to == ["ada@example.com"]
        assert sent.subject == "Sign-in from a new device"
        ((html, kind),) = sent.alternatives
        assert kind == "text/html"
        for text in (sent.body, html):
            assert "ada" in text
            assert "Chrome 142 on GNU/Linux" in text
            assert "July 1, 2027, 12:30 p.m. (CEST)" in text
            assert "Berlin, Germany" in text
            assert BERLIN_2 in text
            assert LINK.search(text)

    def test_the_first_device_is_not(self, traveller, mailoutbox):
        assert mailoutbox == []

    def test_a_known_one_is_not(self, traveller, mailoutbox):
        traveller.sign_out()
        traveller.sign_in("ada")
        assert mailoutbox == []

    def test_a_device_without_the_cookie_in_a_session_that_has_it_is(self, traveller, mailoutbox):
        thief = thief_of(traveller, BERLIN_2)
        assert thief.whoami() == "ada"
        (sent,) = mailoutbox
        assert sent.subject == "Your account was used on a new device"

    def test_of_two_new_devices_in_one_session_the_first_is(self, traveller, mailoutbox):
        for address in (BERLIN_2, "203.0.113.55"):
            assert thief_of(traveller, address).whoami() == "ada"
        assert Device.objects.count() == 3
        assert len(mailoutbox) == 1


class TestCountry:
    @pytest.fixture(autouse=True)
    def country_only(self, settings):
        settings.SESSIONS_HUB_ALERTS = ["country"]

    def test_a_second_country_is_told_of(self, traveller, mailoutbox):
        sign_in_from(VIENNA)
        (sent,) = mailoutbox
        assert sent.subject == "Sign-in from a new country"
        assert "Vienna, Austria" in sent.body

    @pytest.mark.parametrize("address", [BERLIN_2, NOWHERE])
    def test_the_same_or_an_unknown_one_is_not(self, traveller, mailoutbox, address):
        sign_in_from(address)
        assert mailoutbox == []

    def test_the_first_country_is_not_even_after_a_session_without_one(self, user, mailoutbox):
        sign_in_from(NOWHERE)
        sign_in_from(BERLIN)
        assert mailoutbox == []
        sign_in_from(VIENNA)
        assert len(mailoutbox) == 1

    def test_one_seen_before_is_not_wherever_it_was_seen(self, traveller, mailoutbox):
        traveller.be_at(VIENNA)
        traveller.whoami()
        assert len(mailoutbox) == 1
        sign_in_from(VIENNA)
        assert len(mailoutbox) == 1

    def test_one_of_another_user_is_new(self, traveller, make_user, mailoutbox):
        make_user("bob", email="bob@example.com")
        sign_in_from(VIENNA, "/sign-in/?user=bob")
        assert mailoutbox == []
        sign_in_from(VIENNA)
        assert [one.to for one in mailoutbox] == [["ada@example.com"]]

    def test_a_session_that_moves_is_told_of_once(self, traveller, mailoutbox):
        for address in (VIENNA, BERLIN, BERLIN_2, VIENNA, NEW_YORK):
            traveller.be_at(address)
            assert traveller.whoami() == "ada"
        (sent,) = mailoutbox
        assert sent.subject == "Your account was used in a new country"
        assert "Vienna" in sent.body

    def test_a_session_that_began_abroad_is_told_of_once(self, traveller, mailoutbox):
        abroad = sign_in_from(VIENNA)
        abroad.be_at(NEW_YORK)
        abroad.whoami()
        assert len(mailoutbox) == 1

    def test_the_country_of_an_impersonator_is_no_country_of_the_user(self, traveller, mailoutbox):
        staff = sign_in_from(VIENNA)
        mailoutbox.clear()
        Session.objects.filter(pk=staff.session_id()).update(session_type=SessionType.IMPERSONATION)
        sign_in_from(VIENNA)
        assert len(mailoutbox) == 1

    def test_the_signal_says_what_was_known(self, traveller, heard):
        traveller.be_at(VIENNA)
        traveller.whoami()
        sign_in_from(VIENNA)
        sign_in_from(NEW_YORK)
        abroad, overseas = heard["country_first_seen"]
        assert abroad.keys() == {"sender", "endpoint", "known", "request"}
        assert (abroad["endpoint"].country_code, abroad["known"]) == ("AT", {"DE"})
        assert (overseas["endpoint"].country_code, overseas["known"]) == ("US", {"DE", "AT"})

    def test_the_signal_tells_the_first_country_too(self, settings, heard, user):
        settings.SESSIONS_HUB_ALERTS = []
        sign_in_from(BERLIN)
        (said,) = heard["country_first_seen"]
        assert said["known"] == frozenset()


class TestMoves:
    """With SESSIONS_HUB_BINDING the mail says what was done about it."""

    def test_a_held_session(self, settings, traveller, mailoutbox):
        settings.SESSIONS_HUB_BINDING = {"country": "step_up"}
        thief_of(traveller).get("/whoami/")
        (sent,) = mailoutbox
        assert "can do nothing until you prove again who you are" in sent.body
        prove(traveller)
        thief_of(traveller).get("/whoami/")
        assert Session.objects.get().proof_required_at is not None
        assert len(mailoutbox) == 1

    def test_an_ended_session(self, settings, traveller, mailoutbox):
        settings.SESSIONS_HUB_BINDING = {"country": "end"}
        thief_of(traveller).get("/whoami/")
        (sent,) = mailoutbox
        assert "The session has been ended." in sent.body


class TestWho:
    def test_nobody_where_alerts_are_off(self, settings, traveller, mailoutbox):
        settings.SESSIONS_HUB_ALERTS = []
        sign_in_from(VIENNA)
        assert mailoutbox == []

    @pytest.mark.parametrize(("alerts", "count"), [(["device"], 0), (["country"], 1)])
    def test_only_for_what_the_setting_names(self, settings, traveller, mailoutbox, alerts, count):
        settings.SESSIONS_HUB_ALERTS = alerts
        traveller.be_at(VIENNA)
        traveller.whoami()
        assert len(mailoutbox) == count

    def test_one_mail_for_a_new_device_in_a_new_country(self, traveller, mailoutbox):
        sign_in_from(VIENNA)
        assert len(mailoutbox) == 1

    def test_nobody_without_an_address(self, traveller, user, mailoutbox):
        type(user).objects.update(email="")
        sign_in_from(VIENNA)
        assert mailoutbox == []

    def test_not_the_victim_of_an_impersonation(self, traveller, mailoutbox, monkeypatch):
        # As if somebody who may were acting as the user.
        monkeypatch.setattr(enforce, "_may_go_on", lambda *args: True)
        Session.objects.update(session_type=SessionType.IMPERSONATION)
        thief_of(traveller, VIENNA).whoami()
        assert SessionDevice.objects.count() == 2
        assert mailoutbox == []

    def test_a_sign_in_that_is_rolled_back_is_not_told_of(
        self, traveller, user, mailoutbox, alias, rf
    ):
        with transaction.atomic(using=alias):
            sign_in_from(VIENNA)
            transaction.set_rollback(True, using=alias)
        assert mailoutbox == []

    def test_a_program_without_a_request_has_no_host_for_a_link(self, settings, traveller, user):
        start_session(user, snapshot=ClientSnapshot(address=VIENNA, user_agent="curl/8"))
        assert LINK.search(mail.outbox[0].body) is None
        settings.SESSIONS_HUB_BASE_URL = "https://hub.example.com/"
        start_session(user, snapshot=ClientSnapshot(address=NEW_YORK, user_agent="curl/8"))
        assert "https://hub.example.com/account/not-me/" in mail.outbox[1].body


class TestText:
    def test_speaks_the_language_of_the_request_in_the_time_of_the_site(
        self, traveller, mailoutbox
    ):
        with time_machine.travel(datetime(2027, 7, 1, 10, 30, tzinfo=UTC), tick=False):
            sign_in_from(VIENNA, "/sign-in-abroad/?user=ada")
        (sent,) = mailoutbox
        assert "Österreich" in sent.body
        assert "1. Juli 2027 12:30 (CEST)" in sent.body

    @pytest.mark.parametrize(
        ("attribute", "value", "country"),
        [
            ("first_name", "fr", "Autriche"),
            ("first_name", "fr-ca", "Autriche"),
            # Unknown to the site, or to the user: as without the setting.
            ("first_name", "xx", "Österreich"),
            ("first_name", "", "Österreich"),
            ("profile.language", "fr", "Österreich"),
        ],
    )
    def test_or_the_users_own(
        self, settings, traveller, user, mailoutbox, attribute, value, country
    ):
        settings.SESSIONS_HUB_ALERT_LANGUAGE = attribute
        type(user).objects.update(first_name=value)
        sign_in_from(VIENNA, "/sign-in-abroad/?user=ada")
        assert country in mailoutbox[0].body

    def test_the_link_leads_to_the_host_of_the_request(self, traveller, mailoutbox):
        sign_in_from(VIENNA)
        assert "http://testserver/account/not-me/" in mailoutbox[0].body

    def test_but_not_where_any_host_is_accepted(self, settings, traveller, mailoutbox):
        # GHSA-3529-5m8x-rpv3
        settings.ALLOWED_HOSTS = ["*"]
        sign_in_from(VIENNA, host="evil.example")
        assert LINK.search(mailoutbox[0].body) is None
        assert "evil.example" not in mailoutbox[0].body
        assert "change your password" in mailoutbox[0].body

    def test_nor_where_the_page_is_not_mounted(self, settings, traveller, mailoutbox, monkeypatch):
        bare = ModuleType("bare_urls")
        bare.urlpatterns = [path("sign-in/", sign_in)]
        monkeypatch.setitem(sys.modules, bare.__name__, bare)
        settings.ROOT_URLCONF = bare.__name__
        sign_in_from(VIENNA)
        assert "http" not in mailoutbox[0].body

    @pytest.mark.parametrize(
        "agent",
        ["evil.example/1.0", "http://evil.example/x", "www.evil.example/2", "a@evil.example/1"],
    )
    def test_a_client_puts_no_address_of_its_own_into_the_mail(self, traveller, mailoutbox, agent):
        sign_in_from(VIENNA, **{"user-agent": agent})
        (sent,) = mailoutbox
        assert "evil" not in sent.body + sent.alternatives[0][0] + sent.subject

    def test_a_name_is_escaped_in_html_and_as_it_is_in_text(self, traveller, user, mailoutbox):
        type(user).objects.update(username="a<b>&c")
        sign_in_from(VIENNA, "/sign-in/?user=a<b>%26c")
        (sent,) = mailoutbox
        assert "a<b>&c" in sent.body
        assert "a&lt;b&gt;&amp;c" in sent.alternatives[0][0]
        assert "<b>" not in sent.alternatives[0][0]

    def test_a_site_writes_its_own_and_a_subject_is_one_line(self, settings, traveller, mailoutbox):
        own = {"sessions_hub/mail/alert_subject.txt": "New\r\nBcc: evil@example.com\n{{ place }}\n"}
        settings.TEMPLATES = [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", own),
                        "django.template.loaders.app_directories.Loader",
                    ]
                },
            }
        ]
        sign_in_from(VIENNA)
        (sent,) = mailoutbox
        assert sent.subject == "NewBcc: evil@example.comVienna, Austria"
        assert sent.message()["Bcc"] is None


class TestFaults:
    def test_a_mail_server_that_is_down_breaks_no_sign_in(self, settings, traveller, caplog):
        broken = f"{__name__}.BrokenBackend"
        if hasattr(settings, "MAILERS"):
            settings.MAILERS = {"default": {"BACKEND": broken}}
        else:
            settings.EMAIL_BACKEND = broken
        assert sign_in_from(VIENNA).whoami() == "ada"
        assert "An alert about a sign-in could not be sent." in caplog.text
        assert traveller.whoami() == "ada"

    def test_a_template_that_is_broken_breaks_no_sign_in(self, traveller, monkeypatch, caplog):
        def fail(*args, **kwargs):
            raise ValueError("no such tag")

        monkeypatch.setattr("sessions_hub.lifecycle.alerts.render_to_string", fail)
        assert sign_in_from(VIENNA).whoami() == "ada"
        assert "could not be sent" in caplog.text

    def test_countries_that_cannot_be_compared_break_no_sign_in(
        self, settings, traveller, mailoutbox, monkeypatch, caplog
    ):
        settings.SESSIONS_HUB_ALERTS = ["country"]

        def fail(user_id, endpoint, alias):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT no_such_column FROM sessions_hub_session")

        monkeypatch.setattr("sessions_hub.lifecycle.arrivals._countries_before", fail)
        assert sign_in_from(VIENNA).whoami() == "ada"
        assert Session.objects.count() == 2
        assert "A country was not compared." in caplog.text
        assert mailoutbox == []

    def test_without_places_devices_are_still_told_of(self, settings, traveller, mailoutbox):
        settings.SESSIONS_HUB_GEOIP_PATH = "/no/such/file.mmdb"
        sign_in_from(VIENNA)
        (sent,) = mailoutbox
        assert "Place" not in sent.body

    def test_what_is_gone_when_a_worker_comes_to_it_is_not_told_of(self, traveller, user):
        (endpoint,) = SessionDevice.objects.all()
        arguments = (["country"], "en", "")
        assert send_alert(str(endpoint.pk), *arguments)
        user.delete()
        assert not send_alert(str(endpoint.pk), *arguments)


class TestCost:
    def test_without_alerts_and_listeners_nothing_is_asked(self, settings, traveller):
        settings.SESSIONS_HUB_ALERTS = []
        with Statements() as off:
            sign_in_from(VIENNA)
        settings.SESSIONS_HUB_ALERTS = ["country"]
        with Statements() as on:
            sign_in_from(NEW_YORK)
        assert len(off.ours) <= 6
        assert len(on.ours) > len(off.ours)

    def test_a_known_country_costs_one_select(self, settings, traveller):
        settings.SESSIONS_HUB_ALERTS = []
        with Statements() as off:
            sign_in_from(BERLIN_2)
        settings.SESSIONS_HUB_ALERTS = ["country"]
        with Statements() as on:
            sign_in_from(BERLIN_2)
        assert len(on.ours) == len(off.ours) + 1


@pytest.mark.locks
@pytest.mark.race
class TestRaces:
    def test_parallel_requests_from_a_new_place_make_one_mail(
        self, settings, user, mailoutbox, race_rounds
    ):
        settings.SESSIONS_HUB_ALERTS = ["country"]
        for number in range(race_rounds):
            Session.objects.all().delete()
            owner = Traveller()
            owner.sign_in("ada")
            mailoutbox.clear()
            # One address, or four of one country.
            ends = (7, 7, 7, 7) if number % 2 else (7, 8, 9, 10)
            twins = [thief_of(owner, f"198.51.100.{end}") for end in ends]
            assert at_once(*(twin.whoami for twin in twins)) == ["ada"] * 4
            assert len(mailoutbox) == 1

    def test_a_held_place_makes_one_mail(self, settings, user, mailoutbox, race_rounds):
        settings.SESSIONS_HUB_BINDING = {"country": "end"}
        for _ in range(race_rounds):
            Session.objects.all().delete()
            owner = Traveller()
            owner.sign_in("ada")
            mailoutbox.clear()
            twins = [thief_of(owner, f"198.51.100.{end}") for end in (7, 8, 9, 10)]
            assert at_once(*(twin.whoami for twin in twins)) == [None] * 4
            assert len(mailoutbox) == 1
            assert Session.objects.get().end_reason == EndReason.COMPROMISED


def test_a_day_later_the_mail_tells_the_time_of_the_sign_in(traveller):
    (endpoint,) = SessionDevice.objects.all()
    then = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    SessionDevice.objects.update(first_seen_at=then, last_seen_at=then + timedelta(days=1))
    assert send_alert(str(endpoint.pk), ["country"], "en", "")
    assert "Jan. 2, 2026, 4:04 a.m. (CET)" in mail.outbox[-1].body
