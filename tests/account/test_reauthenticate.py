"""The page that asks a signed-in user again: what it takes, what it does, whom it refuses."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import attempts, end_session, enforce
from sessions_hub.models import AssuranceLevel, AuthenticationMethod, EndReason, Session
from tests.contract.browser import Browser
from tests.lifecycle.stores import cookie_of, with_cookie
from tests.lifecycle.test_query_counts import Statements

from .conftest import PASSWORD, START, URL, fields, make_user, row, token

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
HOUR = timedelta(hours=1)


class ForeignBackend(ModelBackend):
    """Answers with somebody else, whoever is asked for."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        user = get_user_model()._default_manager.get_by_natural_key("bob")
        return user if password == "anything" else None


class TestThePage:
    def test_asks_for_what_the_user_has(self, browser):
        form = fields(browser.get(URL))
        assert {"password", "challenge"} <= set(form)
        assert not {"code", "factor"} & set(form)

    def test_asks_for_a_code_of_a_confirmed_device(self, browser, device):
        assert {"password", "code"} <= set(fields(browser.get(URL)))
        device.confirmed = False
        device.save()
        assert "code" not in fields(browser.get(URL))

    def test_lets_the_user_choose_among_devices(self, browser, device, ada):
        second = TOTPDevice.objects.create(user=ada, name="tablet", confirmed=True)
        page = browser.get(URL).content.decode()
        assert "factor" in fields(browser.get(URL))
        assert f'value="otp:{second.persistent_id}"' in page
        assert "tablet" in page

    def test_is_accessible_and_fits_a_strict_content_security_policy(self, browser, device):
        response = browser.get(URL)
        page = response.content.decode()
        assert '<html lang="en"' in page
        assert page.count("<label ") == 2
        assert 'autocomplete="current-password"' in page
        assert 'autocomplete="one-time-code"' in page
        for inline in ("<script", "<style", " style=", " onclick", "javascript:"):
            assert inline not in page
        assert response["X-Frame-Options"] == "DENY"
        assert "no-store" in response["Cache-Control"]

    def test_a_get_writes_nothing(self, browser, device):
        browser.get(URL)
        with Statements() as ran:
            assert browser.get(URL + "?next=/whoami/&level=aal2").status_code == 200
        assert ran.writes == []

    def test_a_visitor_is_sent_to_sign_in_and_back(self, db):
        response = Browser("sync").get(URL + "?next=/fresh/")
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=/account/reauthenticate/")

    def test_works_behind_login_required_middleware(self, settings, browser, answer):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        assert answer(browser, password=PASSWORD).status_code == 302

    def test_escapes_the_users_name(self, clock, db):
        user = make_user("x<script>")
        browser = Browser("sync")
        browser.sign_in(user.get_username())
        assert "x&lt;script&gt;" in browser.get(URL).content.decode()


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
        assert any("reauthentication_failed" in one for one in said)
        assert any("reauthenticated" in one for one in said)
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
        assert "reauthentication_foreign_user" in caplog.text

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


class TestItsForm:
    def test_cve_2022_42731_of_another_session_is_refused(self, browser, ada):
        other = Browser("sync")
        other.sign_in("ada")
        form = fields(other.get(URL))
        assert browser.post(URL, {**form, "password": PASSWORD}).status_code == 400
        assert AuthenticationMethod.objects.count() == 2

    def test_is_answered_once(self, clock, browser):
        form = {**fields(browser.get(URL)), "password": PASSWORD}
        clock.shift(HOUR / 2)
        assert browser.post(URL, form).status_code == 302
        assert browser.post(URL, form).status_code == 400
        assert AuthenticationMethod.objects.count() == 2

    @pytest.mark.parametrize("challenge", ["", "x", "a:b:c"])
    def test_made_up_is_refused(self, browser, answer, challenge):
        assert answer(browser, password=PASSWORD, challenge=challenge).status_code == 400

    def test_does_not_stay_open_for_ever(self, clock, browser):
        form = {**fields(browser.get(URL)), "password": PASSWORD}
        clock.shift(HOUR + timedelta(seconds=1))
        assert browser.post(URL, form).status_code == 400

    def test_needs_the_csrf_token(self, clock, ada):
        browser = Browser("sync")
        browser.client = Client(enforce_csrf_checks=True)
        browser.sign_in("ada")
        form = fields(browser.get(URL))
        no_token = {name: value for name, value in form.items() if "csrf" not in name}
        assert browser.post(URL, {**no_token, "password": PASSWORD}).status_code == 403
        assert browser.post(URL, {**form, "password": PASSWORD}).status_code == 302


class TestNext:
    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "http:///evil.example",
            "\t//evil.example",
        ],
    )
    def test_somewhere_else_is_not_followed(self, browser, answer, url):
        response = answer(browser, next=url, password=PASSWORD)
        assert response["Location"] == "/whoami/"
        assert "evil" not in browser.get(f"{URL}?next={url}").content.decode()

    def test_on_this_site_is_followed(self, browser, answer):
        assert (
            answer(browser, "?next=/fresh/%3Fa=1", password=PASSWORD)["Location"] == "/fresh/?a=1"
        )


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


def test_a_proof_in_the_future_of_another_clock_is_no_error(browser, answer):
    Session.objects.update(authenticated_at=timezone.now() + HOUR)
    assert answer(browser, password=PASSWORD).status_code == 302


class TestADeviceThatSendsItsCode:
    """As by mail or text message: bound to the session that asked (ASVS 6.6.3)."""

    @pytest.fixture
    def sent(self, monkeypatch) -> list[str]:
        """The devices that have sent a code."""
        sent: list[str] = []

        def generate_challenge(self):
            sent.append(self.persistent_id)
            return "sent"

        monkeypatch.setattr(TOTPDevice, "generate_challenge", generate_challenge)
        return sent

    def test_sends_it_when_asked_and_takes_it(self, browser, device, answer, sent):
        page = browser.get(URL).content.decode()
        key = f"otp:{device.persistent_id}"
        assert f'name="send" value="{key}"' in page
        response = answer(browser, send=key)
        assert response.status_code == 200
        assert "on its way" in response.content.decode()
        assert sent == [device.persistent_id]
        assert AuthenticationMethod.objects.count() == 1
        assert answer(browser, code=token(device)).status_code == 302
        assert row().assurance_level == AssuranceLevel.AAL2

    def test_a_code_another_session_asked_for_does_nothing(self, browser, device, answer, sent):
        other = Browser("sync")
        other.sign_in("ada")
        answer(other, send=f"otp:{device.persistent_id}")
        assert answer(browser, code=token(device)).status_code == 200
        assert AuthenticationMethod.objects.count() == 2

    def test_a_code_is_asked_for_anew_each_time(self, clock, browser, device, answer, sent):
        answer(browser, send=f"otp:{device.persistent_id}")
        answer(browser, code=token(device))
        clock.shift(HOUR / 2)
        assert answer(browser, code=token(device)).status_code == 200

    def test_nobody_elses_and_no_other_device_sends(self, browser, device, bob, answer, sent):
        theirs = TOTPDevice.objects.create(user=bob, confirmed=True)
        for key in (f"otp:{theirs.persistent_id}", "otp:x", ""):
            assert answer(browser, send=key).status_code == 429
        assert sent == []

    def test_needs_a_form_of_this_session(self, browser, device, answer, sent):
        response = answer(browser, send=f"otp:{device.persistent_id}", challenge="x")
        assert response.status_code == 400
        assert sent == []

    def test_is_limited(self, settings, browser, device, answer, sent):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 2
        key = f"otp:{device.persistent_id}"
        assert [answer(browser, send=key).status_code for _ in range(3)] == [200, 200, 429]
        assert len(sent) == 2
        # Asking for codes uses up no answers.
        assert answer(browser, password=PASSWORD).status_code == 302

    @pytest.mark.parametrize("fault", ["cooldown", "mail"])
    def test_that_cannot_send_now_says_so(self, browser, device, answer, monkeypatch, sent, fault):
        def fail(self):
            raise OSError("the mail server is down")

        if fault == "mail":
            monkeypatch.setattr(TOTPDevice, "generate_challenge", fail)
        else:
            monkeypatch.setattr(TOTPDevice, "generate_is_allowed", lambda self: (False, {}))
        assert answer(browser, send=f"otp:{device.persistent_id}").status_code == 429
        assert sent == []
        assert answer(browser, code=token(device)).status_code == 200
