"""ASVS 7.5.2: ending one's other sessions asks for a fresh proof, of whoever can give one."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.models import EndReason, Session
from tests.lifecycle.test_query_counts import Statements

from .conftest import URL, link
from .test_problems import problem

pytestmark = pytest.mark.django_db(databases="__all__")

START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
AGE = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def site(settings):
    settings.ROOT_URLCONF = "tests.account.site"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def stale(clock, browser, other_session, ada):
    """A browser that signed in too long ago, and one more session of its user."""
    other = other_session(ada)
    clock.shift(AGE)
    browser.other = other
    # Its use is recorded, so that what is measured next is not that.
    browser.get(URL)
    return browser


def delete_other(browser):
    return browser.delete(link(browser.other))


def end_others(browser):
    return browser.post(f"{URL}end-others/")


CALLS = pytest.mark.parametrize("call", [delete_other, end_others])


@CALLS
class TestEndingOthers:
    def test_is_refused_and_nothing_ends(self, call, stale):
        before = list(Session.objects.order_by("pk").values())
        with Statements() as ran:
            response = call(stale)
        assert problem(response) == (403, "reauthentication_required")
        body = response.json()
        assert body["reauthenticate_url"] == "/account/reauthenticate/?level=aal1"
        assert (body["acr_values"], body["max_age"]) == ("aal1", 900)
        assert ran.writes == []
        assert list(Session.objects.order_by("pk").values()) == before

    def test_is_done_within_the_age(self, call, clock, browser, other_session, ada):
        browser.other = other_session(ada)
        clock.shift(AGE - timedelta(milliseconds=1))
        assert call(browser).status_code in (200, 204)
        browser.other.refresh_from_db()
        assert browser.other.end_reason == EndReason.REVOKED_BY_USER

    def test_is_done_after_a_proof(self, call, stale):
        stale.get("/sign-in/", {"user": "ada"})
        assert call(stale).status_code in (200, 204)

    def test_asks_nobody_where_the_site_asks_for_nothing(self, call, stale, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_FOR = ()
        assert call(stale).status_code in (200, 204)

    def test_asks_later_where_the_site_says_so(self, call, stale, clock, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE = 2 * AGE
        assert call(stale).status_code in (200, 204)

    def test_lets_a_user_through_who_has_nothing_to_be_asked_for(self, call, stale, ada, caplog):
        caplog.set_level(logging.INFO, "sessions_hub")
        ada.set_unusable_password()
        ada.save()
        session = stale.session
        session["_auth_user_hash"] = ada.get_session_auth_hash()
        session.save()
        assert call(stale).status_code in (200, 204)
        (event,) = [one for one in caplog.records if "proof.not_possible" in one.getMessage()]
        assert event.action in ("end_session", "end_other_sessions")
        assert (event.session_id, event.user_id) == (str(stale.session_id), str(ada.pk))

    def test_asks_a_user_without_a_password_for_a_code(self, call, stale, ada):
        TOTPDevice.objects.create(user=ada, confirmed=True)
        ada.set_unusable_password()
        ada.save()
        session = stale.session
        session["_auth_user_hash"] = ada.get_session_auth_hash()
        session.save()
        assert problem(call(stale)) == (403, "reauthentication_required")

    def test_asks_whoever_has_proven_nothing_that_counts(self, call, browser, other_session, ada):
        browser.other = other_session(ada)
        Session.objects.filter(pk=browser.session_id).update(assurance_level=0)
        assert problem(call(browser)) == (403, "reauthentication_required")


def test_each_action_is_named_by_itself(stale, settings):
    settings.SESSIONS_HUB_REAUTHENTICATE_FOR = ["end_other_sessions"]
    assert delete_other(stale).status_code == 204
    settings.SESSIONS_HUB_REAUTHENTICATE_FOR = ["end_session"]
    assert end_others(stale).status_code == 200


def test_signing_oneself_out_needs_no_proof(stale):
    assert stale.delete(link(stale.session_id)).status_code == 204
    assert Session.objects.get(pk=stale.session_id).end_reason == EndReason.SIGNED_OUT


def test_one_that_has_ended_already_is_204_without_a_proof(stale):
    Session.objects.filter(pk=stale.other.pk).end("revoked_by_staff")
    assert delete_other(stale).status_code == 204


def test_somebody_elses_session_is_404_before_anything_is_asked(stale, bob, other_session):
    assert problem(stale.delete(link(other_session(bob)))) == (404, "not_found")
