"""The page behind the link of an alert."""

from __future__ import annotations

import copy
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.disown import LINK_AGE, disown, make_token, read_token
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device, EndReason, Session
from tests.contract.browser import Browser
from tests.factories import make_session, make_user
from tests.lifecycle.faults import locked

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def user():
    return make_user("ada", email="ada@example.com")


@pytest.fixture
def thief(user) -> Browser:
    """Signed in, and not the user."""
    browser = Browser("sync")
    browser.sign_in("ada")
    return browser


@pytest.fixture
def session(thief) -> Session:
    return Session.objects.get(pk=thief.session_id())


@pytest.fixture
def link(session) -> str:
    return f"/account/not-me/{make_token(session.pk)}/"


@pytest.fixture
def owner() -> Client:
    """Whoever opens the mail: not signed in."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def press(client: Client, link: str):
    """What the form of the page sends."""
    page = client.get(link).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    return client.post(link, {"csrfmiddlewaretoken": token})


class TestAsk:
    def test_the_page_shows_the_session_and_ends_nothing(self, owner, link, thief, session):
        for ask in (owner.get, owner.head, owner.get):
            response = ask(link)
            assert response.status_code == 200
        text = response.content.decode()
        assert session.client_label in text
        assert str(session.pk) not in text
        # As a word: the token of the form may spell it.
        assert not re.search(r"\bada\b", text)
        assert thief.whoami() == "ada"

    def test_the_address_of_the_page_stays_here(self, owner, link):
        response = owner.get(link)
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Robots-Tag"] == "noindex"

    def test_a_session_that_has_ended_needs_no_button(self, owner, link, session):
        Session.objects.update(end_reason=EndReason.SIGNED_OUT, ended_at=timezone.now())
        text = owner.get(link).content.decode()
        assert "has ended already" in text
        assert "<form" not in text

    def test_a_site_that_wants_everybody_signed_in_lets_the_link_through(
        self, settings, owner, link
    ):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        assert owner.get(link).status_code == 200


class TestEnd:
    def test_the_button_ends_the_session_and_leads_to_the_password(self, owner, link, thief, user):
        response = press(owner, link)
        assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
        assert thief.whoami() is None
        row = Session.objects.get()
        assert row.end_reason == EndReason.COMPROMISED
        assert row.ended_by == user

    def test_without_its_token_a_form_of_another_site_ends_nothing(self, owner, link, thief):
        assert owner.post(link).status_code == 403
        assert thief.whoami() == "ada"

    @pytest.mark.parametrize(
        ("setting", "leads_to"), [("/password/", "/password/"), ("admin:index", "/admin/")]
    )
    def test_a_site_says_where_the_password_is_changed(
        self, settings, owner, link, setting, leads_to
    ):
        settings.SESSIONS_HUB_PASSWORD_URL = setting
        assert press(owner, link)["Location"] == leads_to

    def test_djangos_own_page_for_it_is_found(self, settings, owner, link):
        settings.ROOT_URLCONF = "tests.account.urls"
        assert press(owner, link)["Location"] == "/password-reset/"

    def test_twice_is_as_once(self, owner, link, thief):
        twin = copy.copy(owner)
        press(owner, link)
        first = Session.objects.get()
        token = twin.cookies["csrftoken"].value
        assert twin.post(link, {"csrfmiddlewaretoken": token}).status_code == 302
        assert Session.objects.get().ended_at == first.ended_at

    def test_an_end_before_it_stays(self, link, owner, session):
        assert disown(session.pk, now=timezone.now())
        assert not disown(session.pk, now=timezone.now())

    def test_other_sessions_go_on(self, owner, link, user):
        other = start_session(user)
        press(owner, link)
        other.refresh_from_db()
        assert other.ended_at is None

    def test_the_device_that_came_with_it_is_new_again(self, owner, link, thief):
        press(owner, link)
        assert Device.objects.get().forgotten_at is not None
        thief.sign_in("ada")
        assert Device.objects.count() == 2

    def test_a_device_the_user_had_before_stays_known(self, owner, thief, user):
        thief.sign_out()
        thief.sign_in("ada")
        second = Session.objects.get(pk=thief.session_id())
        press(owner, f"/account/not-me/{make_token(second.pk)}/")
        assert Device.objects.get().forgotten_at is None

    def test_an_end_that_cannot_be_stored_is_503(self, settings, owner, link, thief):
        owner.get(link)
        token = owner.cookies["csrftoken"].value
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(milliseconds=200)
        with locked(Session._meta.db_table):
            assert owner.post(link, {"csrfmiddlewaretoken": token}).status_code == 503
        assert thief.whoami() == "ada"

    def test_in_the_browser_of_a_held_session_too(self, settings, link, thief):
        Session.objects.update(proof_required_at=timezone.now())
        assert thief.get("/whoami/").status_code == 401
        assert thief.get(link).status_code == 200


class TestNoSuchLink:
    @staticmethod
    def spoilt(session) -> dict[str, str]:
        token = make_token(session.pk)
        return {
            "cut": token[:-1],
            "swapped": token.swapcase(),
            "another session": make_session(session.user).pk.hex + token[32:],
            "the id": session.pk.hex,
            "another purpose": signing.TimestampSigner(salt="other", sep=".").sign(session.pk.hex),
            "no id": signing.TimestampSigner(salt="sessions_hub.not_me", sep=".").sign("7"),
            "long": token * 20,
            "odd": "é\u2028 %00",
        }

    @pytest.mark.parametrize(
        "kind",
        ["cut", "swapped", "another session", "the id", "another purpose", "no id", "long", "odd"],
    )
    def test_shows_nothing_and_ends_nothing(self, owner, session, thief, kind):
        token = self.spoilt(session)[kind]
        assert read_token(token) is None
        client = Client()
        for ask in (client.get, client.post):
            response = ask(f"/account/not-me/{token}/")
            assert response.status_code == 404
            text = response.content.decode()
            assert "not valid" in text
            assert session.client_label not in text
        assert thief.whoami() == "ada"

    def test_a_link_is_good_for_a_week(self, owner, link, session):
        with time_machine.travel(timezone.now() + LINK_AGE - timedelta(minutes=1)):
            assert owner.get(link).status_code == 200
        with time_machine.travel(timezone.now() + LINK_AGE + timedelta(minutes=1)):
            assert owner.get(link).status_code == 404
            assert Client().post(link).status_code == 404
        assert Session.objects.get().ended_at is None

    def test_a_session_that_is_gone_looks_like_a_link_that_never_was(self, owner, link, session):
        never = owner.get("/account/not-me/never/").content
        Session.objects.using(database()).filter(pk=session.pk).delete()
        assert owner.get(link).status_code == 404
        assert owner.get(link).content == never

    def test_is_read_with_an_older_key(self, settings, owner, link):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ"
        assert owner.get(link).status_code == 200

    def test_other_verbs_are_none(self, owner, link):
        assert Client().put(link).status_code == 405
