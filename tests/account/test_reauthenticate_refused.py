"""Answers to the page that asks again that prove nothing: wrong, another's, too many."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.db import DatabaseError
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import attempts, end_session, enforce
from sessions_hub.models import (
    AssuranceLevel,
    AuthenticationMethod,
    EndReason,
    FailedSignIns,
    Session,
)
from tests.contract.browser import Browser
from tests.lifecycle.stores import cookie_of

from .conftest import PASSWORD, URL, fields, row, token

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class ForeignBackend(ModelBackend):
    """Answers with somebody else, whoever is asked for."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        user = get_user_model()._default_manager.get_by_natural_key("bob")
        return user if password == "anything" else None


class TestAWrongAnswer:
    @pytest.mark.parametrize("given", [{"password": "wrong"}, {"code": "000000"}, {}])
    def test_changes_nothing(self, clock, browser, device, answer, given):
        before = Session.objects.values().get()
        stolen = cookie_of(browser)
        clock.shift(timedelta(seconds=30))
        response = answer(browser, **given)
        assert response.status_code == 200
        assert 'role="alert"' in response.content.decode() or "errorlist" in str(response.content)
        assert Session.objects.values().get() == before
        assert AuthenticationMethod.objects.count() == 1
        assert cookie_of(browser) == stolen

    def test_beside_a_right_one_proves_nothing(self, browser, device, answer):
        code = token(device)
        answer(browser, password="wrong", code=code)
        answer(browser, password=PASSWORD, code="000000")
        assert AuthenticationMethod.objects.count() == 1
        assert row().assurance_level == AssuranceLevel.AAL1

    def test_is_told_to_whoever_counts_failed_sign_ins(self, browser, answer):
        heard = []

        def listen(sender, credentials, **kwargs):
            heard.append(credentials["username"])

        user_login_failed.connect(listen)
        try:
            answer(browser, password="wrong")
        finally:
            user_login_failed.disconnect(listen)
        assert heard == ["ada"]

    def test_is_no_failed_sign_in_that_the_overview_counts(self, browser, answer):
        answer(browser, password="wrong")
        assert not FailedSignIns.objects.exists()
        other = Browser("sync")
        other.post("/accounts/login/", {"username": "ada", "password": "wrong"})
        assert FailedSignIns.objects.get().count == 1

    def test_is_throttled_by_its_device(self, clock, browser, device, answer):
        answer(browser, code="000000")
        device.refresh_from_db()
        assert device.throttling_failure_count == 1
        # Not even looked at before the device's own wait is over.
        answer(browser, code=token(device))
        assert row().assurance_level == AssuranceLevel.AAL1

    def test_a_token_is_taken_once(self, clock, browser, device, answer):
        code = token(device)
        assert answer(browser, code=code).status_code == 302
        assert answer(browser, code=code).status_code == 200

    def test_another_users_device_is_no_choice(self, browser, device, bob, answer):
        theirs = TOTPDevice.objects.create(user=bob, confirmed=True)
        key = f"otp:{theirs.persistent_id}"
        response = answer(browser, factor=key, code=token(theirs))
        assert response.status_code == 200
        assert row().assurance_level == AssuranceLevel.AAL1

    def test_what_was_typed_is_in_no_log(self, browser, device, answer, caplog):
        caplog.set_level(logging.DEBUG)
        answer(browser, password="a-wrong-secret")
        code = token(device)
        answer(browser, password=PASSWORD, code=code)
        said = [str(vars(record)) for record in caplog.records if "sessions_hub" in record.name]
        assert any("proof.failed" in one for one in said)
        assert any("session.proven" in one for one in said)
        assert not any(secret in one for one in said for secret in ("a-wrong-secret", PASSWORD))

    def test_nul_and_long_answers_are_no_error(self, browser, device, answer):
        for given in ({"password": "a\0b"}, {"code": "1\0"}, {"code": "9" * 9999}):
            assert answer(browser, **given).status_code == 200


class TestOtherIdentities:
    def test_another_users_password_does_nothing(self, browser, bob, answer):
        get_user_model()._default_manager.filter(pk=bob.pk).update(password="")
        bob.set_password("bobs-password")
        bob.save()
        assert answer(browser, password="bobs-password", username="bob").status_code == 200
        assert AuthenticationMethod.objects.count() == 1

    def test_a_backend_that_answers_with_somebody_else_is_refused(
        self, settings, browser, bob, answer, caplog
    ):
        settings.AUTHENTICATION_BACKENDS = [
            "django.contrib.auth.backends.ModelBackend",
            f"{__name__}.ForeignBackend",
        ]
        assert answer(browser, password="anything").status_code == 200
        assert AuthenticationMethod.objects.count() == 1
        assert browser.whoami() == "ada"
        assert "proof.other_user" in caplog.text

    @pytest.mark.parametrize("change", ["type", "impersonator"])
    def test_an_impersonator_may_not_even_look(self, browser, bob, change, monkeypatch):
        # As if somebody who may were acting as the user.
        monkeypatch.setattr(enforce, "_may_go_on", lambda *args: True)
        form = fields(browser.get(URL))
        if change == "type":
            Session.objects.update(session_type="impersonation")
        else:
            Session.objects.update(impersonator=bob)
        assert browser.get(URL).status_code == 403
        response = browser.post(URL, {**form, "password": PASSWORD})
        assert response.status_code == 403
        assert "password" not in fields(response)
        assert AuthenticationMethod.objects.count() == 1

    @pytest.mark.parametrize("change", ["type", "impersonator"])
    def test_a_session_that_became_an_impersonation_meanwhile_is_not_proven(
        self, browser, bob, answer, monkeypatch, change
    ):
        values = {"session_type": "impersonation"} if change == "type" else {"impersonator": bob}

        from sessions_hub.account import views

        real = views.prove_again

        def late(request, claims, *, now):
            Session.objects.update(**values)
            return real(request, claims, now=now)

        monkeypatch.setattr(views, "prove_again", late)
        assert answer(browser, password=PASSWORD).status_code == 403
        assert AuthenticationMethod.objects.count() == 1

    def test_a_session_that_ended_meanwhile_is_not_proven(self, browser, answer, monkeypatch):
        from sessions_hub.account import views

        real = views.prove_again

        def late(request, claims, *, now):
            end_session(row(), reason=EndReason.COMPROMISED)
            return real(request, claims, now=now)

        monkeypatch.setattr(views, "prove_again", late)
        assert answer(browser, password=PASSWORD).status_code == 403
        assert row().end_reason == EndReason.COMPROMISED


class TestAttempts:
    """NIST SP 800-63B-4 §3.2.2: failures in a row are limited per account."""

    @pytest.fixture(autouse=True)
    def few(self, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 3

    def test_are_refused_after_the_last_even_if_right(self, browser, answer):
        for _ in range(3):
            assert answer(browser, password="wrong").status_code == 200
        response = answer(browser, password=PASSWORD)
        assert (response.status_code, response["Retry-After"]) == (429, "900")
        assert AuthenticationMethod.objects.count() == 1

    def test_count_for_the_account_in_whatever_session(self, browser, answer):
        other = Browser("sync")
        other.sign_in("ada")
        for _ in range(3):
            answer(browser, password="wrong")
        assert answer(other, password=PASSWORD).status_code == 429

    def test_of_others_are_not_counted(self, browser, bob, answer):
        for _ in range(3):
            answer(browser, password="wrong")
        other = Browser("sync")
        other.sign_in("bob")
        assert answer(other, password=PASSWORD).status_code == 302

    def test_begin_anew_after_a_success(self, browser, answer):
        for _ in range(3):
            for _ in range(2):
                answer(browser, password="wrong")
            assert answer(browser, password=PASSWORD).status_code == 302

    def test_at_a_code_are_not_forgotten_for_a_right_password(self, clock, browser, device, answer):
        # Whoever knows the password could guess codes for ever.
        for _ in range(3):
            assert answer(browser, code="000000").status_code == 200
            assert answer(browser, password=PASSWORD).status_code == 302
        clock.shift(timedelta(minutes=1))
        assert answer(browser, code=token(device)).status_code == 429
        assert answer(browser, password=PASSWORD, code=token(device)).status_code == 429
        assert AuthenticationMethod.objects.filter(method="totp").count() == 0

    def test_at_a_password_are_not_forgotten_for_a_right_code(self, clock, browser, device, answer):
        for _ in range(3):
            clock.shift(timedelta(seconds=90))
            assert answer(browser, password="wrong").status_code == 200
            assert answer(browser, code=token(device)).status_code == 302
        assert answer(browser, password=PASSWORD).status_code == 429

    def test_at_both_together_are_forgotten_together(self, clock, browser, device, answer):
        for _ in range(3):
            clock.shift(timedelta(seconds=90))
            assert answer(browser, password="wrong", code=token(device)).status_code == 200
            assert answer(browser, password=PASSWORD, code=token(device)).status_code == 302

    def test_an_empty_form_is_none(self, browser, answer):
        for _ in range(4):
            answer(browser)
        assert answer(browser, password=PASSWORD).status_code == 302

    @pytest.mark.parametrize("method", ["add", "incr"])
    def test_are_fewer_while_the_cache_fails(self, browser, answer, monkeypatch, settings, method):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 100

        def fail(*args, **kwargs):
            raise ConnectionError("the cache is down")

        monkeypatch.setattr(type(cache._connections["default"]), method, fail)
        for _ in range(attempts.WITHOUT_A_CACHE):
            assert answer(browser, password="wrong").status_code == 200
        assert answer(browser, password=PASSWORD).status_code == 429


class TestFaults:
    def test_a_proof_that_cannot_be_stored_is_503_and_changes_nothing(
        self, browser, answer, monkeypatch
    ):
        from sessions_hub.account import views

        def fail(*args, **kwargs):
            raise DatabaseError("gone")

        stolen = cookie_of(browser)
        monkeypatch.setattr(views, "prove_again", fail)
        assert answer(browser, password=PASSWORD).status_code == 503
        assert cookie_of(browser) == stolen
        assert browser.whoami() == "ada"

    def test_a_session_nobody_knows_is_not_proven(self, settings, browser):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/account/"]
        session = browser.client.session
        del session["_sessions_hub"]
        session.save()
        assert browser.get(URL).status_code == 403
