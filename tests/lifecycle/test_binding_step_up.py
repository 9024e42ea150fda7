"""A session that moved is held until it is proven again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.lifecycle import current_session, enforce
from sessions_hub.models import Device, EndReason, Session, SessionDevice, SessionType

from .moving import ACCOUNTS_LOGIN, bind, places_of_session, prove, thief_of
from .places import BERLIN, NEW_YORK, VIENNA, Traveller
from .test_query_counts import Statements

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("moving_site"),
]

REAUTHENTICATE = "/account/reauthenticate/"


class TestStepUp:
    @pytest.fixture
    def thief(self, settings, traveller) -> Traveller:
        bind(settings, country="step_up")
        thief = thief_of(traveller)
        assert thief.get("/whoami/").status_code == 401
        return thief

    def test_holds_the_session_everywhere(self, traveller, thief, heard):
        assert Session.objects.get().proof_required_at is not None
        assert traveller.get("/whoami/").status_code == 401
        assert thief.get("/whoami/").status_code == 401
        assert places_of_session() == [BERLIN, NEW_YORK]
        assert Device.objects.count() == 1

    def test_later_refusals_cost_the_verdict_alone(self, traveller, thief):
        for browser in (traveller, thief):
            browser.get("/whoami/")
            with Statements() as ran:
                assert browser.get("/whoami/").status_code == 401
            assert ran.writes == []
            assert len(ran.ours) <= (1 if browser is traveller else 2)

    def test_is_told_once(self, settings, traveller, heard):
        bind(settings, country="step_up")
        thief = thief_of(traveller)
        for browser in (thief, traveller, thief):
            browser.get("/whoami/")
        (said,) = heard["session_moved"]
        assert (said["action"], said["causes"]) == ("step_up", ("country",))

    def test_an_api_is_told_why(self, thief):
        response = thief.get("/whoami/", accept="application/json")
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "reauthentication_required"
        assert response.json()["reauthenticate_url"] == REAUTHENTICATE
        assert "insufficient_user_authentication" in response["WWW-Authenticate"]
        assert "no-store" in response["Cache-Control"]
        assert "Cookie" in response["Vary"]

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"accept": "text/html,*/*"}, 302),
            ({"sec_fetch_mode": "navigate"}, 302),
            ({"sec_fetch_mode": "cors", "accept": "text/html"}, 401),
            ({"accept": "text/html", "x_requested_with": "XMLHttpRequest"}, 401),
            ({"accept": "*/*"}, 401),
        ],
    )
    def test_a_page_is_led_to_where_it_is_proven(self, settings, thief, headers, status):
        settings.SESSIONS_HUB_REAUTHENTICATE_URL = "prove"
        response = thief.get("/whoami/?a=1", **headers)
        assert response.status_code == status
        if status == 302:
            assert response["Location"] == "/prove/?next=%2Fwhoami%2F%3Fa%3D1"
            assert "no-store" in response["Cache-Control"]

    def test_what_was_to_be_written_is_not_asked_for_again(self, thief):
        response = thief.post("/save/", accept="text/html")
        assert (response.status_code, response["Location"]) == (302, REAUTHENTICATE)

    def test_without_a_view_for_it_it_is_the_page_to_sign_in(self, settings, thief):
        settings.SESSIONS_HUB_REAUTHENTICATE_URL = "no-such-view"
        response = thief.get("/whoami/", accept="text/html")
        assert response["Location"].startswith(f"{ACCOUNTS_LOGIN}?next=")

    @pytest.mark.parametrize(
        "path",
        ["/prove/", "/sso/callback/", "/static/whoami/"],
    )
    def test_open_paths(self, settings, thief, path):
        settings.SESSIONS_HUB_REAUTHENTICATE_URL = "/prove/"
        settings.SESSIONS_HUB_PROOF_PATHS = ["/sso/"]
        response = thief.get(path)
        assert (response.status_code, response.json()["user"]) == (200, "ada")

    @pytest.mark.parametrize("path", ["/prove/", "/sso/callback/", "/no-such-page/", "/public/"])
    def test_all_others_are_closed(self, settings, thief, path):
        settings.SESSIONS_HUB_REAUTHENTICATE_URL = "/elsewhere/"
        assert thief.get(path).status_code == 401

    @pytest.mark.parametrize("path", ["/accounts/logout/", "/admin/logout/"])
    def test_one_can_sign_out(self, traveller, thief, user, path):
        type(user).objects.update(is_staff=True)
        assert traveller.post(path).status_code in {200, 302}
        assert Session.objects.get().end_reason == EndReason.SIGNED_OUT

    def test_a_page_to_sign_in_that_sends_users_away_shows_its_form(self, traveller, thief):
        response = traveller.get("/admin/login/", accept="text/html")
        assert response.status_code == 302
        assert traveller.get(ACCOUNTS_LOGIN, accept="text/html").status_code == 200

    def test_a_held_session_is_not_used(self, settings, traveller, thief):
        settings.SESSIONS_HUB_REAUTHENTICATE_URL = "/prove/"
        long_ago = timezone.now() - timedelta(hours=1)
        Session.objects.update(last_used_at=long_ago)
        assert thief.get("/prove/").status_code == 200
        assert Session.objects.get().last_used_at == long_ago
        assert SessionDevice.objects.filter(fingerprint__startswith="!").count() == 1

    def test_the_owner_at_home_proves_it_and_the_thief_stays_out(self, traveller, thief):
        prove(traveller)
        assert traveller.whoami() == "ada"
        row = Session.objects.get()
        assert (row.proof_required_at, row.ended_at) == (None, None)
        # The proof has changed the key.
        assert thief.whoami() is None

    def test_the_thief_stays_out_with_the_new_cookie_too(self, traveller, thief):
        prove(traveller)
        again = thief_of(traveller)
        assert again.get("/whoami/").status_code == 401
        assert Session.objects.get().proof_required_at is not None

    def test_the_owner_abroad_proves_it_and_is_not_asked_again(self, settings, traveller, heard):
        bind(settings, country="step_up")
        traveller.be_at(VIENNA)
        assert traveller.get("/whoami/").status_code == 401
        prove(traveller)
        assert traveller.whoami() == "ada"
        traveller.be_at("198.51.100.99")
        assert traveller.whoami() == "ada"
        traveller.be_at(BERLIN)
        assert traveller.whoami() == "ada"
        assert len(heard["session_moved"]) == 1
        place = SessionDevice.objects.get(ip=VIENNA)
        assert place.device == Device.objects.get()
        assert not place.fingerprint.startswith("!")
        assert Session.objects.count() == 1

    def test_a_sign_in_on_the_very_request_of_the_move_proves_it(self, settings, traveller):
        bind(settings, country="step_up")
        traveller.be_at(VIENNA)
        prove(traveller)
        assert traveller.whoami() == "ada"
        assert Session.objects.count() == 1

    def test_a_sign_in_of_somebody_else_is_their_session(self, traveller, thief, make_user):
        make_user("bob")
        thief.post(ACCOUNTS_LOGIN, {"username": "bob", "password": "right-password"})
        assert thief.whoami() == "bob"
        assert Session.objects.get(user__username="ada").end_reason == EndReason.REPLACED

    @pytest.mark.parametrize("path", ["/sso/by/?method=passkey", "/sso/code/"])
    def test_any_proof_will_do_and_accepts_the_place(self, settings, traveller, path):
        bind(settings, country="step_up")
        settings.SESSIONS_HUB_PROOF_PATHS = ["/sso/"]
        traveller.be_at(VIENNA)
        assert traveller.get(path).content == b"noted"
        assert traveller.whoami() == "ada"
        assert not SessionDevice.objects.filter(fingerprint__startswith="!").exists()

    def test_what_proves_nothing_clears_nothing_and_accepts_nothing(self, settings, thief):
        settings.SESSIONS_HUB_PROOF_PATHS = ["/sso/"]
        assert thief.get("/sso/by/?method=unknown").content == b"noted"
        assert thief.get("/whoami/").status_code == 401
        assert SessionDevice.objects.filter(fingerprint__startswith="!").count() == 1

    def test_a_wrong_password_proves_nothing(self, traveller, thief):
        thief.post(ACCOUNTS_LOGIN, {"username": "ada", "password": "wrong"})
        assert thief.get("/whoami/").status_code == 401
        assert Session.objects.get().proof_required_at is not None

    def test_holds_while_its_settings_are_taken_away_and_not_without_enforcement(
        self, settings, thief
    ):
        bind(settings)
        assert thief.get("/whoami/").status_code == 401
        settings.SESSIONS_HUB_ENFORCE = False
        assert thief.whoami() == "ada"

    def test_an_impersonation_ends_since_nobody_can_prove_it(
        self, settings, traveller, monkeypatch
    ):
        # As if somebody who may were acting as the user.
        monkeypatch.setattr(enforce, "_may_go_on", lambda *args: True)
        bind(settings, country="step_up")
        Session.objects.update(session_type=SessionType.IMPERSONATION)
        assert thief_of(traveller).whoami() is None
        assert Session.objects.get().end_reason == EndReason.COMPROMISED

    def test_exempt_paths_are_left_alone(self, settings, thief):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/public/"]
        assert thief.get("/public/").status_code == 200


class TestAsync:
    @pytest.fixture
    def traveller(self, user) -> Traveller:
        one = Traveller(mode="async")
        one.sign_in("ada")
        return one

    def test_an_end_refuses_the_very_request(self, settings, traveller):
        bind(settings, country="end")
        traveller.be_at(VIENNA)
        assert traveller.whoami() is None

    def test_a_held_session_is_refused_until_it_is_proven(self, settings, traveller):
        bind(settings, country="step_up")
        traveller.be_at(VIENNA)
        assert traveller.get("/awhoami/").status_code == 401
        assert traveller.get(ACCOUNTS_LOGIN).status_code == 200
        prove(traveller)
        assert traveller.whoami() == "ada"


class TestWithoutTheMiddleware:
    """A held session is none where nobody can be asked to prove it."""

    @pytest.mark.parametrize(("held", "enforces", "found"), [(0, 1, 1), (1, 1, 0), (1, 0, 1)])
    def test_current_session(self, settings, traveller, user, rf, held, enforces, found):
        settings.SESSIONS_HUB_ENFORCE = bool(enforces)
        if held:
            Session.objects.update(proof_required_at=timezone.now())
        request = rf.get("/")
        request.session, request.user = traveller.client.session, user
        assert (current_session(request) is not None) == bool(found)
