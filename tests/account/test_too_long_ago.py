"""A factor whose level the session is too old for: the page asks for a full proof instead.

No proof moves the cap but a full one (NIST SP 800-63B-4 §2.2.3, §5.2).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sessions_hub.account import forms
from sessions_hub.lifecycle import extend_session
from sessions_hub.lifecycle.prove import Prospect
from sessions_hub.models import AssuranceLevel, AuthenticationMethod, Session

from .conftest import PASSWORD, START, URL, fields, row, token

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


@pytest.fixture(autouse=True)
def nist(settings) -> None:
    settings.SESSIONS_HUB_LIMITS = "nist"
    settings.SESSION_COOKIE_AGE = 86400 * 60


@pytest.mark.parametrize("level", ["aal1", "aal2"])
class TestALoneCode:
    def test_too_late_is_not_taken_and_ends_nothing(self, clock, browser, device, answer, level):
        before = Session.objects.values().get()
        clock.move_to(START + DAY)
        response = answer(browser, f"?level={level}", code=token(device))
        assert response.status_code == 200
        assert Session.objects.values().get()["expires_at"] == before["expires_at"]
        assert row().fully_authenticated_at == row().authenticated_at == START
        assert row().assurance_level == AssuranceLevel.AAL1
        assert AuthenticationMethod.objects.count() == 1
        assert browser.whoami() == "ada"
        # Nor is the code used up: it is good beside the password.
        response = answer(browser, f"?level={level}", code=token(device), password=PASSWORD)
        assert response.status_code == 302
        assert row().assurance_level == AssuranceLevel.AAL2
        assert row().fully_authenticated_at == START + DAY
        assert row().expires_at == START + 2 * DAY
        assert browser.whoami() == "ada"

    def test_in_time_is_taken_as_before(self, clock, browser, device, answer, level):
        clock.move_to(START + DAY - SECOND)
        assert answer(browser, f"?level={level}", code=token(device)).status_code == 302
        assert row().fully_authenticated_at == START
        assert row().expires_at == START + DAY
        clock.shift(SECOND)
        assert browser.whoami() is None


def test_the_page_insists_on_both(clock, browser, device):
    url = URL + "?level=aal2"
    assert browser.get(url).content.decode().count(" required") == 1
    clock.move_to(START + DAY)
    assert browser.get(url).content.decode().count(" required") == 2
    assert {"password", "code"} <= set(fields(browser.get(url)))


def test_a_password_alone_still_proves_what_it_did(clock, browser, device, answer):
    clock.move_to(START + DAY)
    assert answer(browser, password=PASSWORD).status_code == 302
    assert row().assurance_level == AssuranceLevel.AAL1
    assert row().expires_at == START + 31 * DAY


@pytest.mark.parametrize("level", ["aal1", "aal2"])
def test_who_cannot_be_asked_for_a_password_is_sent_to_sign_in(
    clock, browser, device, answer, monkeypatch, level
):
    # As of a directory's user, whose password is none of this site's.
    monkeypatch.setattr(forms, "has_password", lambda user: False)
    clock.move_to(START + DAY)
    response = browser.get(f"{URL}?level={level}")
    assert response.status_code == 403
    assert "sign in anew" in response.content.decode()
    assert browser.whoami() == "ada"


def test_no_lone_code_moves_the_cap_however_the_session_is_used(clock, browser, device, answer):
    step = timedelta(minutes=50)
    while datetime.now(UTC) < START + DAY - step:
        clock.shift(step)
        assert answer(browser, "?level=aal2", code=token(device)).status_code == 302
        extend_session(row(), lifetime=timedelta(days=400))
        assert browser.whoami() == "ada"
        assert row().fully_authenticated_at == START
        assert row().expires_at <= START + DAY
    clock.move_to(START + DAY)
    assert browser.whoami() is None


def test_is_judged_once_more_under_the_lock(clock, browser, device, answer, monkeypatch):
    # As if another proof had raised the session after the form was judged.
    clock.move_to(START + DAY)
    browser.whoami()
    before = Session.objects.values().get()
    lenient = Prospect(AssuranceLevel.AAL2, True)
    monkeypatch.setattr(forms, "prospects", lambda *args: lambda claims: lenient)
    monkeypatch.setattr(
        "sessions_hub.account.views.prove_by_code",
        lambda request, user, factor, code: factor.claim,
    )
    response = answer(browser, code="000000")
    assert response.status_code == 200
    assert "too long" in response.content.decode()
    assert Session.objects.values().get() == before
    assert AuthenticationMethod.objects.count() == 1
    assert browser.whoami() == "ada"


class TestAWeakerProofInBetween:
    """A code by mail is a full proof of aal1, and no part of aal2: the password stays old."""

    @pytest.fixture(autouse=True)
    def code_by_mail(self, clock, browser, device):
        clock.move_to(START + 20 * DAY)
        browser.get("/sign-in-through-allauth/?user=ada&methods=code")
        assert row().assurance_level == AssuranceLevel.AAL1
        assert row().fully_authenticated_at == START + 20 * DAY

    @pytest.mark.parametrize("level", ["aal1", "aal2"])
    def test_makes_no_lone_code_a_full_one(self, browser, device, answer, level):
        response = answer(browser, f"?level={level}", code=token(device))
        assert response.status_code == 200
        assert row().assurance_level == AssuranceLevel.AAL1
        assert browser.whoami() == "ada"
        response = answer(browser, f"?level={level}", code=token(device), password=PASSWORD)
        assert response.status_code == 302
        assert row().fully_authenticated_at == START + 20 * DAY
        assert row().assurance_level == AssuranceLevel.AAL2

    def test_nor_one_that_another_packages_page_has_taken(self, browser):
        browser.get("/add-code/")
        assert browser.whoami() is None

    def test_a_password_in_between_is_part_of_it(self, clock, browser, device, answer):
        assert answer(browser, password=PASSWORD).status_code == 302
        clock.shift(23 * HOUR)
        assert answer(browser, "?level=aal2", code=token(device)).status_code == 302
        assert row().expires_at == START + 21 * DAY
