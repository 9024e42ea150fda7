"""Django's sign-in signals as other packages send them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth import user_logged_in, user_logged_out, user_login_failed
from django.test import Client
from rest_framework.request import Request

from sessions_hub.models import EndReason, Session
from tests.users.models import Customer

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class TestOddRequests:
    @pytest.mark.parametrize("signal", [user_logged_in, user_logged_out, user_login_failed])
    @pytest.mark.parametrize(
        "make",
        [
            lambda rf: None,
            lambda rf: rf.get("/"),
            lambda rf: Request(rf.get("/")),
            lambda rf: SimpleNamespace(),
            lambda rf: SimpleNamespace(session=None, META=None),
            lambda rf: object(),
        ],
        ids=["none", "no_session", "rest", "no_meta", "nothing", "no_attributes"],
    )
    def test_are_left_alone(self, signal, make, rf, user):
        signal.send(sender=type(user), request=make(rf), user=user, credentials={})
        assert Session.objects.count() == 0

    def test_a_failed_sign_in_is_noted_without_what_was_typed(self, user, browser, caplog):
        caplog.set_level("INFO", "sessions_hub")
        browser.post("/accounts/login/", {"username": "ada", "password": "wrong-secret"})
        assert "sign_in.failed" in caplog.text
        assert "wrong-secret" not in caplog.text


class TestTokens:
    def test_a_token_sign_in_leaves_somebody_elses_browser_session_alone(
        self, signed_in, make_user
    ):
        make_user("bob")
        before = Session.objects.values().get()
        signed_in.get("/token-sign-in/", authorization="Bearer bob")
        assert Session.objects.values().get() == before
        assert signed_in.whoami() == "ada"

    def test_a_token_sign_in_of_the_same_user_proves_nothing(self, signed_in):
        before = Session.objects.values().get()
        signed_in.get("/token-sign-in/", authorization="Bearer ada")
        assert Session.objects.values().get() == before
        assert Session.objects.get().authentication_methods.count() == 1

    def test_a_token_sign_in_without_a_browser_session_makes_none(self, user, browser):
        assert browser.get("/token-sign-in/", authorization="Bearer ada").status_code == 200
        assert Session.objects.count() == 0
        assert not browser.cookies

    @pytest.mark.parametrize("name", ["ada", "bob"])
    def test_a_token_sign_out_leaves_the_browser_session_alone(self, signed_in, make_user, name):
        make_user("bob")
        response = signed_in.get("/token-sign-out/", authorization=f"Bearer {name}")
        assert response.status_code == 204
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().ended_at is None


class TestUsersOfAnotherModel:
    @pytest.fixture
    def customer(self, settings):
        if settings.AUTH_USER_MODEL == "users.UuidUser":
            pytest.skip("Django reads every key in a session as one of AUTH_USER_MODEL")
        settings.AUTHENTICATION_BACKENDS = [
            "django.contrib.auth.backends.ModelBackend",
            "tests.users.models.CustomerBackend",
        ]
        customer = Customer(email="c@example.com")
        customer.set_password("secret")
        customer.save()
        return customer

    def test_are_neither_recorded_nor_enforced_and_said_once_a_minute(
        self, customer, caplog, settings
    ):
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
        client = Client()
        client.force_login(customer, backend="tests.users.models.CustomerBackend")
        for _ in range(3):
            assert client.get("/read-user/").content == b"c@example.com"
        assert client.get("/sign-out/").status_code == 200
        assert Session.objects.count() == 0
        said = [one for one in caplog.records if "Customer" in one.getMessage()]
        assert len(said) == 1

    def test_with_the_key_of_one_of_ours_get_nothing_of_it(self, customer, signed_in):
        # Django's login() does not flush where the keys are equal, only where the
        # password hashes differ.
        signed_in.client.force_login(customer, backend="tests.users.models.CustomerBackend")
        assert signed_in.get("/read-user/").text == "c@example.com"
        assert Session.objects.get().user.get_username() == "ada"
        assert Session.objects.get().end_reason in ("", EndReason.REPLACED)
        assert signed_in.session_id() is None
