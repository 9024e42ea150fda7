"""Views that ask for a level: decorator, mixin, DRF permission, template tag."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

from sessions_hub.decorators import require_assurance
from sessions_hub.lifecycle import requirement
from sessions_hub.models import AuthenticationMethod, Session
from tests.contract.browser import Browser
from tests.lifecycle.test_query_counts import Statements

from . import site
from .conftest import PASSWORD, START, URL, row, token

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

FRESH = timedelta(minutes=15)
INSTANT = timedelta(milliseconds=1)
CHALLENGE = 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="900"'
VIEWS = ["/strong/", "/astrong/", "/class-strong/", "/aclass-strong/"]
JSON = {"accept": "application/json"}


@pytest.fixture
def strong(browser, device, answer) -> Browser:
    """A browser whose session is aal2, just now."""
    answer(browser, code=token(device))
    return browser


def problem(response, code: str, status: int = 401) -> dict:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["status"], body["code"]) == ("about:blank", status, code)
    assert body["title"] == response.reason_phrase
    assert body["detail"]
    return body


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("path", VIEWS)
class TestEveryView:
    def test_lets_a_strong_and_fresh_session_in(self, path, mode, strong):
        browser = Browser(mode)
        browser.client.cookies = strong.cookies
        assert browser.get(path).status_code == 200

    def test_asvs_7_5_3_sends_a_weak_one_to_prove_more_and_does_nothing_else(
        self, path, mode, clock, ada
    ):
        browser = Browser(mode)
        browser.sign_in("ada")
        browser.get(path)
        with Statements() as ran:
            response = browser.get(f"{path}?a=1&b=/x")
        assert response.status_code == 302
        assert ran.writes == []
        assert not response.cookies
        url = urlsplit(response["Location"])
        assert url.path == URL
        assert parse_qs(url.query) == {"level": ["aal2"], "next": [f"{path}?a=1&b=/x"]}
        assert response["Cache-Control"] == "no-store"

    def test_rfc_9470_challenges_a_program(self, path, mode, clock, ada):
        browser = Browser(mode)
        browser.sign_in("ada")
        response = browser.get(path, **JSON)
        body = problem(response, "insufficient_user_authentication")
        assert response["WWW-Authenticate"] == CHALLENGE
        assert (body["acr_values"], body["max_age"]) == ("aal2", 900)
        assert body["reauthenticate_url"] == f"{URL}?level=aal2"
        assert {"Accept", "Authorization", "Cookie"} <= set(response["Vary"].split(", "))

    def test_sends_a_visitor_to_sign_in(self, path, mode, db):
        response = Browser(mode).get(path)
        assert response["Location"] == f"/accounts/login/?next={path}"
        response = Browser(mode).get(path, **JSON)
        problem(response, "not_authenticated")
        assert response["WWW-Authenticate"] == 'Cookie realm="site"'


class TestAge:
    """RFC 9470 §4: since the last active authentication, with what counts towards the level."""

    def test_is_over_at_the_very_instant(self, clock, strong):
        clock.shift(FRESH - INSTANT)
        assert strong.get("/strong/").status_code == 200
        clock.shift(INSTANT)
        assert strong.get("/strong/").status_code == 302

    @pytest.mark.parametrize("method", ["password", "totp"])
    def test_counts_from_any_proof_that_makes_up_the_level(
        self, clock, strong, device, answer, method
    ):
        clock.shift(timedelta(hours=1))
        given = {"password": PASSWORD} if method == "password" else {"code": token(device)}
        answer(strong, **given)
        assert strong.get("/strong/").status_code == 200

    def test_a_code_by_mail_does_not_make_aal2_fresh(self, clock, strong):
        clock.shift(timedelta(hours=1))
        AuthenticationMethod.objects.create(session=row(), method="code", completed_at=START)
        AuthenticationMethod.objects.filter(method="code").update(
            completed_at=START + timedelta(hours=1)
        )
        Session.objects.update(authenticated_at=START + timedelta(hours=1))
        assert strong.get("/strong/").status_code == 302
        assert strong.get("/fresh/").status_code == 200

    def test_a_revoked_proof_is_not_fresh(self, clock, strong):
        clock.shift(timedelta(minutes=10))
        AuthenticationMethod.objects.filter(method="totp").update(revoked_at=START)
        Session.objects.update(assurance_level=2)
        # The row may say what it likes: its proofs do not give it.
        assert strong.get("/strong/").status_code == 302

    def test_use_does_not_renew_it(self, clock, browser):
        for _ in range(3):
            clock.shift(timedelta(minutes=5))
            browser.whoami()
        assert browser.get("/fresh/").status_code == 302

    def test_the_browser_comes_back_after_the_proof(self, clock, browser, answer):
        clock.shift(FRESH)
        refused = browser.get("/fresh/?a=1")
        query = "?" + urlsplit(refused["Location"]).query
        returned = answer(browser, query, password=PASSWORD)
        assert returned["Location"] == "/fresh/?a=1"
        assert browser.get("/fresh/?a=1").content == b"let in"


class TestLevel:
    def test_a_row_cannot_claim_more_than_its_proofs_give(self, browser):
        Session.objects.update(assurance_level=3)
        assert browser.get("/strong/").status_code == 302

    def test_its_proofs_cannot_give_more_than_the_row_says(self, strong):
        Session.objects.update(assurance_level=1)
        assert strong.get("/strong/").status_code == 302

    def test_available_is_the_highest_the_user_can_prove_now(
        self, clock, browser, ada, device, answer
    ):
        assert browser.get("/available/").status_code == 302
        refused = browser.get("/available/", **JSON)
        assert 'acr_values="aal2"' in refused["WWW-Authenticate"]
        assert "max_age" not in refused["WWW-Authenticate"]
        answer(browser, code=token(device))
        assert browser.get("/available/").status_code == 200
        device.delete()
        assert browser.get("/available/").status_code == 200

    def test_ghsa_wc43_available_follows_a_factor_at_once(self, browser, ada):
        from django_otp.plugins.otp_totp.models import TOTPDevice

        assert browser.get("/available/").status_code == 200
        TOTPDevice.objects.create(user=ada, confirmed=True)
        assert browser.get("/available/").status_code == 302

    def test_available_is_never_less_than_being_proven(self, clock, ada):
        ada.set_unusable_password()
        ada.save()
        browser = Browser("sync")
        browser.sign_in("ada")
        assert browser.get("/available/").status_code == 200
        Session.objects.update(assurance_level=0)
        assert browser.get("/available/").status_code == 302

    def test_a_level_there_is_not_is_refused_at_once(self):
        with pytest.raises(ValueError, match="assurance level"):
            require_assurance("aal7")

    def test_a_session_nobody_knows_is_aal0(self, settings, browser):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/fresh/"]
        session = browser.client.session
        del session["_sessions_hub"]
        session.save()
        assert browser.get("/fresh/").status_code == 302


class TestFaults:
    @pytest.mark.parametrize("name", ["current_session", "available_level"])
    @pytest.mark.parametrize("fault", [RuntimeError("odd"), RecursionError()])
    def test_what_cannot_be_evaluated_is_aal0(self, strong, monkeypatch, name, fault, caplog):
        def fail(*args):
            raise fault

        monkeypatch.setattr(requirement, name, fail)
        response = strong.get("/available/", **JSON)
        problem(response, "insufficient_user_authentication")
        assert "counts as aal0" in caplog.text
        page = strong.get("/page/").content.decode()
        # Its levels have names, and need not be worked out from what the user has.
        assert page == ("" if name == "current_session" else "strong fresh")


class TestWhereToGo:
    def test_a_post_comes_back_to_the_page_it_was_sent_from(self, browser):
        response = browser.post("/class-strong/", referer="http://testserver/fresh/?a=1#x")
        assert parse_qs(urlsplit(response["Location"]).query)["next"] == ["/fresh/?a=1"]

    def test_a_page_comes_back_to_itself_and_not_to_where_its_link_was(self, browser):
        response = browser.get("/class-strong/", referer="http://testserver/fresh/")
        assert parse_qs(urlsplit(response["Location"]).query)["next"] == ["/class-strong/"]

    def test_a_post_from_elsewhere_comes_back_to_itself(self, browser):
        response = browser.post("/class-strong/", referer="http://evil.example/")
        assert parse_qs(urlsplit(response["Location"]).query)["next"] == ["/class-strong/"]

    def test_without_our_page_the_sign_in_page_stands_in(self, clock, ada, settings):
        settings.ROOT_URLCONF = "tests.account.bare_site"
        browser = Browser("sync")
        browser.sign_in("ada")
        response = browser.get("/strong/")
        assert response["Location"] == "/accounts/login/?level=aal2&next=%2Fstrong%2F"

    @pytest.mark.parametrize(
        ("headers", "is_program"),
        [
            ({"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, False),
            ({}, False),
            ({"accept": "*/*"}, False),
            ({"accept": "application/json"}, True),
            ({"accept": "application/problem+json"}, True),
            ({"accept": "application/json, text/plain, */*"}, True),
            ({"accept": "text/html, application/json;q=0.5"}, False),
            ({"authorization": "Bearer x"}, True),
        ],
    )
    def test_a_program_is_whoever_names_json(self, browser, headers, is_program):
        assert browser.get("/strong/", **headers).status_code == (401 if is_program else 302)


class TestRest:
    def test_lets_a_strong_session_in(self, strong):
        assert strong.get("/rest-strong/", **JSON).json() == {"let": "in"}

    def test_challenges_a_weak_one_with_a_problem(self, browser):
        with Statements() as ran:
            response = browser.get("/rest-strong/", **JSON)
        body = problem(response, "insufficient_user_authentication")
        assert response["WWW-Authenticate"] == CHALLENGE
        assert (body["acr_values"], body["max_age"]) == ("aal2", 900)
        assert ran.writes == []

    def test_an_age_that_has_passed_is_challenged(self, clock, strong):
        clock.shift(FRESH)
        response = strong.get("/rest-strong/", **JSON)
        assert "too long ago" in problem(response, "insufficient_user_authentication")["detail"]

    def test_leaves_other_errors_to_the_site(self, strong, browser):
        response = strong.client.delete("/rest-strong/", headers=JSON)
        assert response.status_code == 405
        assert response["Content-Type"] == "application/json"

    def test_a_browser_gets_a_page_and_no_json_that_is_html(self, browser):
        response = browser.get("/rest-strong/", accept="text/html")
        assert response.status_code == 401
        assert response["Content-Type"].startswith("text/html")
        assert response["WWW-Authenticate"] == CHALLENGE

    def test_a_visitor_gets_the_views_usual_answer(self, db):
        response = Browser("sync").get("/rest-strong/", **JSON)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == 'Cookie realm="site"'

    def test_a_token_has_proven_nothing_by_the_cookie_beside_it(self, strong):
        response = strong.get("/token-strong/", **JSON)
        problem(response, "insufficient_user_authentication")

    def test_a_level_there_is_not_is_refused_at_once(self):
        with pytest.raises(ValueError, match="assurance level"):
            site.assurance_required("aal")


class TestTemplateTag:
    def test_tells_what_the_visitor_has(self, clock, browser, device, answer):
        assert browser.get("/page/").content == b"fresh"
        answer(browser, code=token(device))
        assert browser.get("/page/").content == b"strong fresh"
        clock.shift(FRESH)
        assert browser.get("/page/").content == b"strong "

    def test_nobody_has_anything(self, db):
        assert Browser("sync").get("/page/").content == b""

    def test_without_a_request_nobody_has_anything(self):
        from django.template import engines

        assert engines["django"].from_string(site.PAGE).render({}) == ""

    def test_a_level_there_is_not_raises(self, browser):
        from django.template import engines

        page = engines["django"].from_string('{% load sessions_hub %}{% has_assurance "x" %}')
        with pytest.raises(ValueError, match="assurance level"):
            page.render({})


@override_settings(LOGIN_URL="/accounts/login/?theme=dark")
def test_a_login_url_with_a_query_keeps_it(browser, settings):
    settings.ROOT_URLCONF = "tests.account.bare_site"
    response = browser.get("/strong/")
    assert response["Location"] == "/accounts/login/?theme=dark&level=aal2&next=%2Fstrong%2F"


@pytest.mark.parametrize("path", VIEWS)
def test_asvs_14_3_2_a_guarded_page_is_for_no_shared_cache(strong, path):
    assert "private" in strong.get(path)["Cache-Control"]
