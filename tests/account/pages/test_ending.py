"""Ending sessions on the pages: one, all others, and one that was not the user's."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle import end_session, link
from sessions_hub.models import Device, EndReason, Session, SessionType
from tests.factories import make_session

from .conftest import SESSIONS, Person, plain, said, stale, url

pytestmark = pytest.mark.django_db(databases="__all__")


class TestEnd:
    def test_ends_the_other_and_its_next_click_leads_to_the_sign_in(self, here, there):
        response = here.post(url(there.row), follow=True)
        assert response.redirect_chain == [(SESSIONS, 302)]
        assert said(response) == "Signed out there."
        row = there.row
        assert row.end_reason == EndReason.REVOKED_BY_USER
        assert row.ended_by == here.row.user
        assert there.get(SESSIONS)["Location"] == f"/accounts/login/?next={SESSIONS}"
        assert here.who() == "ada"

    def test_of_the_current_one_is_signing_out(self, settings, here):
        settings.LOGOUT_REDIRECT_URL = "/public/"
        response = here.post(url(here.row))
        assert (response.status_code, response["Location"]) == (302, "/public/")
        assert here.row.end_reason == EndReason.SIGNED_OUT
        assert here.who() is None

    def test_leads_to_the_sign_in_where_the_site_says_nothing_else(self, here):
        assert here.post(url(here.row))["Location"] == "/accounts/login/"

    def test_twice_is_as_once(self, here, there):
        here.post(url(there.row), follow=True)
        first = there.row
        response = here.post(url(there.row), follow=True)
        assert said(response) == "That had ended already."
        assert there.row.ended_at == first.ended_at

    def test_a_limit_that_has_passed_is_not_written_over(self, ada, here):
        row = make_session(ada, timezone.now(), expires_at=timezone.now())
        assert "ended already" in here.get(url(row)).content.decode()
        here.post(url(row))
        row.refresh_from_db()
        assert row.ended_at is None

    def test_whoever_has_no_second_factor_yet_may_leave_by_it(self, here):
        Session.objects.filter(pk=here.session_id).update(session_type="temporary")
        assert here.get(url(here.row)).status_code == 200
        assert here.post(url(here.row)).status_code == 302
        assert here.who() is None

    def test_whoever_acts_as_the_user_may_leave_by_it(self, ada, acting):
        row = Session.objects.get(session_type="impersonation")
        assert acting.post(url(row)).status_code == 302
        row.refresh_from_db()
        assert row.end_reason == EndReason.IMPERSONATION_OVER
        assert acting.who() is None

    def test_the_page_that_asks_ends_nothing(self, here, there):
        text = here.page(url(there.row))
        assert "Firefox 145" in text
        assert there.who() == "ada"

    def test_an_old_proof_is_asked_for_again_and_leads_back(self, here, there, ada):
        stale(here)
        response = here.post(url(there.row))
        assert response.status_code == 302
        assert response["Location"] == (
            "/account/reauthenticate/?level=aal1&next=" + url(there.row).replace("/", "%2F")
        )
        assert there.who() == "ada"
        prove(here, response["Location"])
        assert here.post(url(there.row)).url == SESSIONS
        assert there.who() is None

    def test_without_that_policy_nothing_is_asked(self, settings, here, there):
        settings.SESSIONS_HUB_REAUTHENTICATE_FOR = ()
        stale(here)
        assert here.post(url(there.row)).url == SESSIONS

    def test_signing_out_here_never_asks(self, here):
        stale(here)
        assert here.post(url(here.row))["Location"] == "/accounts/login/"


def prove(person: Person, location: str) -> None:
    form = person.get(location).content.decode()
    challenge = re.search(r'name="challenge" value="([^"]+)"', form)[1]
    following = re.search(r'name="next" value="([^"]+)"', form)[1]
    given = {"password": "right-password", "challenge": challenge, "next": following}
    response = person.post(location.partition("?")[0], given)
    assert response.status_code == 302, response.content
    # The page behind the way back asks once more, and does nothing by itself.
    assert person.get(response["Location"]).status_code == 200


class TestEndOthers:
    URL = f"{SESSIONS}end-others/"

    def test_ends_all_others_programs_too_and_says_so_before(self, ada, here, there):
        key = make_session(ada, timezone.now(), session_type=SessionType.API_KEY)
        asked = plain(here.page(self.URL))
        assert "out of 1 other session" in asked
        assert "1 API key stops working" in asked
        response = here.post(self.URL, follow=True)
        assert said(response) == "Signed out everywhere else: 2 sessions ended."
        key.refresh_from_db()
        assert {key.end_reason, there.row.end_reason} == {EndReason.REVOKED_BY_USER}
        assert (here.who(), there.who()) == ("ada", None)

    def test_somebody_elses_go_on(self, here, bob):
        other = Person("bob")
        here.post(self.URL)
        assert other.who() == "bob"

    def test_alone_there_is_nothing_to_confirm(self, here):
        text = here.page(self.URL)
        assert "not signed in anywhere else" in text
        assert 'method="post"' not in text.partition("sessions-hub-nav")[2]
        assert said(here.post(self.URL, follow=True)) == "You were not signed in anywhere else."

    @pytest.mark.parametrize("verb", ["get", "post"])
    def test_asks_for_a_fresh_proof(self, verb, here, there):
        stale(here)
        response = getattr(here, verb)(self.URL)
        assert response["Location"].startswith("/account/reauthenticate/?")
        assert there.who() == "ada"

    def test_where_it_is_not_known_which_is_this_one_none_end(self, settings, ada, here, there):
        # Nobody looks at this path, and the sign-in has no row.
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/account/"]
        other = Client()
        other.force_login(ada)
        kept = other.session
        del kept[link.MARKER_KEY]
        kept.save()
        response = other.post(self.URL)
        assert response.status_code == 409
        assert there.who() == "ada"


class TestNotMe:
    def test_ends_it_as_compromised_forgets_its_device_and_leads_to_the_password(
        self, settings, here, there
    ):
        settings.ROOT_URLCONF = "tests.account.pages.password_site"
        device = there.device
        response = here.post(url(there.row, "not-me"))
        assert (response.status_code, response["Location"]) == (302, "/password-change/")
        assert there.row.end_reason == EndReason.COMPROMISED
        assert there.who() is None
        device.refresh_from_db()
        assert device.forgotten_at is not None
        assert "change your password" in said(here.get(SESSIONS))

    @pytest.mark.parametrize(
        ("setting", "leads_to"), [("/password/", "/password/"), (None, "/accounts/login/")]
    )
    def test_where_the_password_is_changed_is_the_sites_to_say(
        self, setting, leads_to, settings, here, there
    ):
        settings.SESSIONS_HUB_PASSWORD_URL = setting
        assert here.post(url(there.row, "not-me")).url == leads_to

    def test_is_not_said_of_the_session_one_is_in(self, here):
        assert url(here.row, "not-me") not in here.page()
        response = here.post(url(here.row, "not-me"), follow=True)
        assert "using now" in said(response)
        assert here.who() == "ada"

    def test_asks_for_a_fresh_proof(self, here, there):
        stale(here)
        response = here.post(url(there.row, "not-me"))
        assert response["Location"].startswith("/account/reauthenticate/?")
        assert there.who() == "ada"

    def test_of_one_that_has_ended_still_leads_to_the_password(self, here, there):
        end_session(there.row, reason=EndReason.SIGNED_OUT)
        stale(here)
        assert here.post(url(there.row, "not-me")).url == "/accounts/login/"
        assert there.row.end_reason == EndReason.SIGNED_OUT

    def test_asks_in_words_first_when_it_is_opened(self, here, there):
        text = here.page(url(there.row, "not-me"))
        assert "Firefox 145" in text
        assert there.who() == "ada"
        assert Device.objects.filter(forgotten_at__isnull=False).count() == 0
