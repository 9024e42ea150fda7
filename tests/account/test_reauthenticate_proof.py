"""A right answer to the page that asks again: what it proves, and for which level."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from sessions_hub.models import AssuranceLevel, AuthenticationMethod, Session
from tests.contract.browser import Browser
from tests.lifecycle.stores import cookie_of, with_cookie

from .conftest import PASSWORD, START, URL, fields, row, token

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
HOUR = timedelta(hours=1)


class TestARightAnswer:
    def test_moves_the_times_and_adds_the_proof(self, clock, browser, answer):
        clock.shift(HOUR)
        response = answer(browser, "?next=/whoami/", password=PASSWORD)
        assert (response.status_code, response["Location"]) == (302, "/whoami/")
        session = row()
        assert session.issued_at == START
        assert session.authenticated_at == session.fully_authenticated_at == START + HOUR
        methods = session.authentication_methods.order_by("completed_at")
        assert [(one.method, one.completed_at) for one in methods] == [
            ("password", START),
            ("password", START + HOUR),
        ]
        assert browser.whoami() == "ada"

    def test_asvs_7_2_4_changes_the_key_and_kills_the_old_one(self, engine, ada, answer):
        # By the real clock: a session in a file is as old as its file.
        browser = Browser("sync")
        browser.sign_in("ada")
        stolen = cookie_of(browser)
        answer(browser, password=PASSWORD)
        assert browser.whoami() == "ada"
        assert cookie_of(browser) != stolen
        assert with_cookie(stolen).whoami() is None
        assert browser.whoami() == "ada"

    def test_with_a_code_raises_the_level(self, clock, browser, device, answer):
        clock.shift(HOUR)
        answer(browser, "?level=aal2", code=token(device))
        session = row()
        assert session.assurance_level == AssuranceLevel.AAL2
        assert session.mfa_updated_at == session.authenticated_at == START + HOUR
        # A code alone is no full proof of what the session is now.
        assert session.fully_authenticated_at == START
        proof = session.authentication_methods.get(method="totp")
        assert proof.factor == f"otp:{device.persistent_id}"
        # Recorded once, whatever django-otp has noted as well.
        browser.whoami()
        assert session.authentication_methods.filter(method="totp").count() == 1

    def test_with_both_is_a_full_proof_of_aal2(self, clock, browser, device, answer):
        answer(browser, code=token(device))
        clock.shift(HOUR)
        answer(browser, password=PASSWORD, code=token(device))
        session = row()
        assert session.fully_authenticated_at == session.authenticated_at == START + HOUR

    def test_of_a_password_alone_is_no_full_proof_of_aal2(self, clock, browser, device, answer):
        answer(browser, code=token(device))
        clock.shift(HOUR)
        answer(browser, password=PASSWORD)
        session = row()
        assert (session.fully_authenticated_at, session.authenticated_at) == (START, START + HOUR)
        assert session.assurance_level == AssuranceLevel.AAL2

    def test_ends_a_demand_for_a_proof(self, browser, answer):
        Session.objects.update(proof_required_at=START)
        answer(browser, password="wrong")
        assert row().proof_required_at == START
        answer(browser, password=PASSWORD)
        assert row().proof_required_at is None

    def test_over_asgi(self, clock, ada, answer):
        browser = Browser("async")
        browser.sign_in("ada")
        clock.shift(HOUR)
        assert browser.get("/astrong/").status_code == 302
        assert answer(browser, password=PASSWORD).status_code == 302
        assert row().authenticated_at == START + HOUR
        assert browser.whoami() == "ada"

    def test_of_a_password_whose_hash_is_brought_up_to_date_keeps_the_sign_in(
        self, browser, answer, settings
    ):
        before = get_user_model()._default_manager.get().password
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.ScryptPasswordHasher",
            *settings.PASSWORD_HASHERS,
        ]
        answer(browser, password=PASSWORD)
        assert get_user_model()._default_manager.get().password != before
        assert browser.whoami() == "ada"
        assert row().ended_at is None

    def test_without_the_middleware_changes_the_key_at_once(self, settings, browser, answer):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/account/"]
        stolen = cookie_of(browser)
        answer(browser, password=PASSWORD)
        assert with_cookie(stolen).whoami() is None
        assert browser.whoami() == "ada"


class TestLevels:
    def test_aal2_insists_on_the_code_a_password_session_lacks(self, browser, device, answer):
        response = answer(browser, "?level=aal2", password=PASSWORD)
        assert response.status_code == 200
        assert AuthenticationMethod.objects.count() == 1
        assert answer(browser, "?level=aal2", code=token(device)).status_code == 302

    def test_aal2_insists_on_both_where_nothing_is_known(self, browser, device, answer):
        AuthenticationMethod.objects.update(method="unknown")
        Session.objects.update(assurance_level=0)
        assert answer(browser, "?level=aal2", code=token(device)).status_code == 200
        assert answer(browser, "?level=aal2", password=PASSWORD).status_code == 200
        response = answer(browser, "?level=aal2", password=PASSWORD, code=token(device))
        assert response.status_code == 302
        assert row().assurance_level == AssuranceLevel.AAL2

    @pytest.mark.parametrize("level", ["aal2", "aal3"])
    def test_what_the_user_cannot_reach_is_said_instead_of_asked(self, browser, level):
        response = browser.get(f"{URL}?level={level}")
        assert response.status_code == 403
        assert "Set up another factor" in response.content.decode()
        assert "password" not in fields(response)

    def test_a_level_nobody_knows_is_the_lowest(self, browser, answer):
        assert answer(browser, "?level=aal9", password=PASSWORD).status_code == 302

    def test_a_user_with_nothing_to_ask_for_is_told_so(self, clock, ada):
        ada.set_unusable_password()
        ada.save()
        browser = Browser("sync")
        browser.sign_in("ada")
        assert browser.get(URL).status_code == 403

    def test_an_adopted_session_becomes_a_proven_one(self, browser, answer):
        AuthenticationMethod.objects.update(method="unknown")
        Session.objects.update(assurance_level=0)
        answer(browser, password=PASSWORD)
        assert row().assurance_level == AssuranceLevel.AAL1


def test_a_proof_in_the_future_of_another_clock_is_no_error(browser, answer):
    Session.objects.update(authenticated_at=timezone.now() + HOUR)
    assert answer(browser, password=PASSWORD).status_code == 302
