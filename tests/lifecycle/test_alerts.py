"""Mails about new devices and countries, from a sign-in over HTTP to the outbox."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.db import transaction

from sessions_hub.capture import ClientSnapshot
from sessions_hub.lifecycle import enforce, start_session
from sessions_hub.models import Device, Session, SessionDevice, SessionType

from .alerting import LINK, sign_in_from
from .moving import prove, thief_of
from .places import BERLIN, BERLIN_2, CHROME_ON_LINUX, NEW_YORK, NOWHERE, VIENNA
from .test_query_counts import Statements

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("alert_site"),
]


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
    def country_only(self, alert_site, settings):
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
