"""Sessions that show up in another place, over HTTP."""

from __future__ import annotations

import copy
import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from sessions_hub import signals
from sessions_hub.lifecycle import current_session, enforce, moves, start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device, EndReason, Session, SessionDevice, SessionType
from sessions_hub.understanding import geoip
from tests.lifecycle.urls import urlpatterns as common
from tests.views import whoami

from .faults import TABLES, locked
from .places import (
    BERLIN,
    BERLIN_2,
    CHROME_143,
    CHROME_ON_LINUX,
    FIREFOX,
    NEW_YORK,
    NOWHERE,
    POTSDAM,
    VIENNA,
    Traveller,
    write_places,
)
from .test_query_counts import Statements
from .threads import at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SIGN_IN, ACCOUNTS_LOGIN = "/sign-in/?user=ada", "/accounts/login/"
REAUTHENTICATE = "/account/reauthenticate/"


def prove_by(request: HttpRequest) -> HttpResponse:
    """Note a proof by `method`, as a package that calls start_session() itself does."""
    start_session(request.user, request=request, method=request.GET["method"])
    return HttpResponse("noted")


def prove_by_code(request: HttpRequest) -> HttpResponse:
    """A second factor, as django-otp notes it."""
    request.session["otp_device_id"] = "otp_totp.totpdevice/1"
    return HttpResponse("noted")


urlpatterns = [
    *common,
    path("sso/by/", prove_by),
    path("sso/code/", prove_by_code),
    path("prove/", whoami, name="prove"),
    path("sso/callback/", whoami),
    path("static/whoami/", whoami),
]


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.SESSIONS_HUB_GEOIP_PATH = write_places(tmp_path / "places.mmdb")
    settings.SESSIONS_HUB_PROXY_COUNT = 1
    settings.ROOT_URLCONF = __name__
    geoip._file.cache_clear()
    yield
    geoip._file.cache_clear()


@pytest.fixture
def traveller(user) -> Traveller:
    one = Traveller()
    one.sign_in("ada")
    return one


def bind(settings, **rules: str) -> None:
    settings.SESSIONS_HUB_BINDING = rules


def thief_of(owner: Traveller, address: str = NEW_YORK) -> Traveller:
    """Somebody else, with a copy of the owner's session cookie but not of the device's."""
    thief = Traveller(address)
    thief.client.cookies = copy.deepcopy(owner.cookies)
    for name in list(thief.cookies):
        if name != "sessionid":
            del thief.cookies[name]
    return thief


def places_of_session() -> list[str]:
    return list(SessionDevice.objects.order_by("first_seen_at").values_list("ip", flat=True))


def prove(browser: Traveller) -> None:
    """A full sign-in on the site's own page."""
    response = browser.post(ACCOUNTS_LOGIN, {"username": "ada", "password": "right-password"})
    assert response.status_code == 302, response.content


class TestWhatIsAMove:
    @pytest.mark.parametrize(
        ("cause", "address", "agent"),
        [
            ("country", VIENNA, None),
            ("autonomous_system", POTSDAM, None),
            ("travel", NEW_YORK, None),
            ("os", BERLIN, CHROME_ON_LINUX),
            ("client", BERLIN, FIREFOX),
        ],
    )
    def test_each_cause_is_seen_where_it_is_bound(
        self, settings, traveller, heard, cause, address, agent
    ):
        traveller.be_at(address)
        if agent:
            traveller.use(agent)
        others = {"country", "autonomous_system", "travel", "os", "client"} - {cause}
        bind(settings, **dict.fromkeys(others, "ignore"), **{cause: "end"})
        assert traveller.whoami() is None
        assert Session.objects.get().end_reason == EndReason.COMPROMISED
        (said,) = heard["session_moved"]
        assert (said["action"], said["causes"]) == ("end", (cause,))

    @pytest.mark.parametrize(
        ("address", "agent"),
        [
            pytest.param(BERLIN_2, None, id="another-address-of-the-network"),
            pytest.param(BERLIN, CHROME_143, id="a-newer-version"),
            pytest.param(NOWHERE, None, id="an-address-without-a-place"),
            pytest.param(BERLIN, "", id="no-agent"),
        ],
    )
    def test_no_move(self, settings, traveller, heard, address, agent):
        everything = ("country", "autonomous_system", "travel", "os", "client")
        bind(settings, **dict.fromkeys(everything, "end"))
        traveller.be_at(address)
        if agent is not None:
            traveller.use(agent)
        assert traveller.whoami() == "ada"
        assert heard["session_moved"] == []

    def test_hints_that_come_later_are_no_move(self, settings, traveller):
        bind(settings, os="end", client="end")
        traveller.be_at(BERLIN_2)
        traveller.use(
            traveller.headers["user-agent"],
            sec_ch_ua='"Brave";v="142", "Chromium";v="142", "Not_A Brand";v="99"',
            sec_ch_ua_platform='"Windows"',
            sec_ch_ua_platform_version='"15.0.0"',
        )
        assert traveller.whoami() == "ada"
        # And going without them again, at a third address.
        latest = SessionDevice.objects.get(ip=BERLIN_2)
        assert (latest.client_name, latest.os_version) == ("Brave", "11")
        for name in [name for name in traveller.headers if name.startswith("sec-")]:
            del traveller.headers[name]
        traveller.be_at("203.0.113.55")
        assert traveller.whoami() == "ada"

    def test_without_a_database_of_places_nothing_moves(self, settings, traveller):
        bind(settings, country="end", travel="end", autonomous_system="end")
        settings.SESSIONS_HUB_GEOIP_PATH = "/no/such/file.mmdb"
        traveller.be_at(NEW_YORK)
        assert traveller.whoami() == "ada"

    def test_a_session_that_began_without_a_client_takes_the_first(self, settings, traveller):
        bind(settings, country="end")
        SessionDevice.objects.all().delete()
        Session.objects.update(current_fingerprint="", country_code="")
        traveller.be_at(NEW_YORK)
        assert traveller.whoami() == "ada"
        assert Session.objects.get().country_code == "US"

    def test_travel_counts_from_the_last_use_not_from_the_first(self, settings, traveller):
        bind(settings, travel="end")
        long_ago = timezone.now() - timedelta(days=2)
        SessionDevice.objects.update(first_seen_at=long_ago, last_seen_at=long_ago)
        traveller.be_at(NEW_YORK)
        assert traveller.whoami() is None

    def test_travel_that_takes_its_time_is_none(self, settings, traveller):
        bind(settings, travel="end")
        long_ago = timezone.now() - timedelta(hours=9)
        SessionDevice.objects.update(last_seen_at=long_ago)
        Session.objects.update(last_used_at=long_ago)
        traveller.be_at(NEW_YORK)
        assert traveller.whoami() == "ada"


class TestRecord:
    def test_is_told_once_and_refuses_nothing(self, settings, traveller, heard, caplog):
        bind(settings, country="record")
        traveller.be_at(VIENNA)
        with caplog.at_level(logging.WARNING, "sessions_hub.lifecycle"):
            assert [traveller.whoami() for _ in range(3)] == ["ada"] * 3
        (said,) = heard["session_moved"]
        assert said.keys() == {"sender", "endpoint", "action", "causes", "request"}
        assert said["sender"] is Session
        assert said["endpoint"].country_code == "AT"
        assert said["endpoint"].session == Session.objects.get()
        (line,) = [one for one in caplog.records if "session_moved" in one.message]
        assert f"causes=country action=record address={VIENNA}" in line.message
        assert line.action == "record"

    def test_flapping_between_two_countries_is_one_move(self, settings, traveller, heard):
        bind(settings, country="record", autonomous_system="record")
        for address in (VIENNA, BERLIN, VIENNA, BERLIN_2, "198.51.100.99"):
            traveller.be_at(address)
            assert traveller.whoami() == "ada"
        assert len(heard["session_moved"]) == 1

    def test_is_all_there_is_where_nothing_is_enforced(self, settings, traveller, heard):
        settings.SESSIONS_HUB_ENFORCE = False
        bind(settings, country="end", os="step_up")
        traveller.be_at(VIENNA)
        assert traveller.whoami() == "ada"
        assert heard["session_moved"][0]["action"] == "record"
        row = Session.objects.get()
        assert (row.ended_at, row.proof_required_at) == (None, None)


class TestEnd:
    def test_refuses_the_very_request(self, settings, traveller, heard):
        bind(settings, country="end")
        thief = thief_of(traveller)
        assert thief.whoami() is None
        assert traveller.whoami() is None
        row = Session.objects.get()
        assert (row.end_reason, row.ended_by_id) == (EndReason.COMPROMISED, None)
        assert len(heard["session_ended"]) == 1

    def test_keeps_the_place_in_the_history_and_makes_no_device(self, settings, traveller):
        bind(settings, country="end")
        thief_of(traveller).whoami()
        assert places_of_session() == [BERLIN, NEW_YORK]
        assert Device.objects.count() == 1

    def test_that_cannot_be_stored_is_no_sign_in(self, settings, traveller, monkeypatch):
        bind(settings, country="end")

        def fail(*args, **kwargs):
            raise DatabaseError("the disk is full")

        monkeypatch.setattr(moves, "end_row", fail)
        thief = thief_of(traveller)
        assert thief.get("/whoami/").status_code == 503
        assert traveller.whoami() == "ada"

    @pytest.mark.parametrize("table", [SessionDevice._meta.db_table])
    def test_a_locked_table_of_places_is_503(self, settings, traveller, table):
        assert table in TABLES
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(milliseconds=200)
        bind(settings, country="end")
        traveller.be_at(BERLIN_2)
        with locked(table):
            assert traveller.get("/whoami/").status_code == 503
        assert traveller.whoami() == "ada"


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


class TestReceiversThatRaise:
    def test_change_nothing(self, settings, traveller):
        def grumble(**kwargs):
            raise RuntimeError("not today")

        told = (signals.session_moved, signals.country_first_seen)
        for signal in told:
            signal.connect(grumble, weak=False)
        try:
            bind(settings, country="record", os="end")
            traveller.be_at(VIENNA)
            assert traveller.whoami() == "ada"
            traveller.use(CHROME_ON_LINUX)
            assert traveller.whoami() is None
        finally:
            for signal in told:
                signal.disconnect(grumble)
        assert Session.objects.get().end_reason == EndReason.COMPROMISED
        assert places_of_session() == [BERLIN, VIENNA, VIENNA]


class TestCost:
    EVERYTHING = dict.fromkeys(
        ("country", "autonomous_system", "travel", "os", "client"), "step_up"
    )

    def test_from_where_the_session_is_nothing_is_added(self, settings, traveller):
        traveller.get("/public/")
        with Statements() as before:
            traveller.get("/public/")
        bind(settings, **self.EVERYTHING)
        with Statements() as bound:
            traveller.get("/public/")
        assert len(bound.all) == len(before.all)

    def test_from_another_address_it_is_one_select(self, settings, traveller):
        def ran_at(address: str) -> Statements:
            traveller.be_at(address)
            with Statements() as ran:
                traveller.get("/public/")
            return ran

        ran_at(BERLIN_2)
        before = ran_at(BERLIN)
        bind(settings, **self.EVERYTHING)
        assert len(ran_at(BERLIN_2).ours) == len(before.ours) + 1


@pytest.mark.locks
@pytest.mark.race
class TestRaces:
    def test_parallel_requests_from_a_new_place_tell_it_once(
        self, settings, user, heard, race_rounds
    ):
        bind(settings, country="step_up")
        for _ in range(race_rounds):
            heard["session_moved"].clear()
            owner = Traveller()
            owner.sign_in("ada")
            thieves = [thief_of(owner) for _ in range(4)]
            answers = at_once(*(lambda one=one: one.get("/whoami/").status_code for one in thieves))
            assert answers == [401] * 4
            assert len(heard["session_moved"]) == 1

    def test_a_proof_at_home_never_accepts_the_thief(self, settings, user, race_rounds):
        bind(settings, country="step_up")
        settings.SESSIONS_HUB_REAUTHENTICATE_URL = "/prove/"
        for _ in range(race_rounds):
            owner = Traveller()
            owner.sign_in("ada")
            thief = thief_of(owner)
            assert thief.get("/whoami/").status_code == 401
            at_once(lambda owner=owner: prove(owner), *(lambda t=thief: t.get("/prove/"),) * 3)
            assert thief_of(owner).get("/whoami/").status_code == 401
            rows = SessionDevice.objects.using(database()).filter(ip=NEW_YORK)
            assert not rows.exclude(fingerprint__startswith="!").exists()
