"""Asking about a token: yes while its session goes on, and one answer to all else."""

from __future__ import annotations

import logging
import sys
from typing import Any

import jwt
import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.core.signals import got_request_exception
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from django.views.debug import ExceptionReporter
from django.views.decorators.debug import sensitive_variables

from sessions_hub.credentials.jwt import signed
from sessions_hub.credentials.jwt_keys import key_ring
from sessions_hub.credentials.jwt_purposes import Purpose
from sessions_hub.lifecycle import end_sessions
from sessions_hub.models import EndReason, Session
from tests.credentials.conftest import entry
from tests.credentials.forged import FORGED
from tests.credentials.forging import AUDIENCE, ISSUER

from .signing import FORM, INTROSPECT, REVOKE, post, token_of
from .signing import ask as ask
from .signing import site as site
from .signing import staff as staff
from .test_impersonation import acting as acting
from .test_problems import problem

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("site")]


class TestIntrospection:
    def test_tells_what_a_good_token_says(self, browser, ada, ask, site):
        site(claims="tests.credentials.sayings.roles")
        found = ask(token_of(browser))
        assert found["active"] is True
        assert found["token_type"] == "Bearer"
        assert found["sid"] == str(browser.session_id)
        assert (found["sub"], found["aud"], found["iss"]) == (str(ada.pk), AUDIENCE, ISSUER)
        assert found["roles"] == ["buyer"]

    def test_everything_else_is_answered_alike(self, staff):
        answers = {post(staff, INTROSPECT, token).content for _, _, token in FORGED if token}
        assert answers == {b'{"active":false}'}

    @pytest.mark.parametrize(
        "over",
        [
            lambda user, row: Session.objects.filter(pk=row.pk).end("revoked_by_staff"),
            lambda user, row: end_sessions(
                Session.objects.for_user(user), reason=EndReason.COMPROMISED
            ),
            lambda user, row: Session.objects.filter(pk=row.pk).update(
                idle_expires_at=timezone.now()
            ),
            lambda user, row: Session.objects.filter(pk=row.pk).update(
                proof_required_at=timezone.now()
            ),
            lambda user, row: Session.objects.filter(pk=row.pk).delete(),
            lambda user, row: type(user).objects.filter(pk=user.pk).update(is_active=False),
            lambda user, row: (
                type(user).objects.filter(pk=user.pk).update(password=make_password("another"))
            ),
            lambda user, row: user.delete(),
        ],
        ids=["session", "all", "idle", "held", "pruned", "disabled", "password", "deleted"],
    )
    def test_what_ends_a_session_ends_its_token_at_once(self, over, ada, browser, ask):
        """ASVS 7.4.1: although the signature is good, and the time has not come."""
        token = token_of(browser)
        assert ask(token)["active"] is True
        over(ada, Session.objects.get(pk=browser.session_id))
        assert ask(token) == {"active": False}

    def test_an_impersonation_is_over_with_the_permission(self, acting, bob, ask):
        token = token_of(acting)
        assert ask(token)["active"] is True
        bob.user_permissions.remove(Permission.objects.get(codename="impersonate_user"))
        assert ask(token) == {"active": False}

    def test_a_token_expires_without_any_leeway(self, browser, ask):
        token = token_of(browser)
        expires = jwt.decode(token, options={"verify_signature": False})["exp"]
        with time_machine.travel(expires - 1, tick=False):
            assert ask(token)["active"] is True
        with time_machine.travel(expires, tick=False):
            assert ask(token) == {"active": False}

    def test_a_token_of_a_removed_key_is_none(self, browser, ask, site):
        token = token_of(browser)
        site(entry(state="retired"), entry(which=1))
        assert ask(token)["active"] is True
        site(entry(which=1))
        assert ask(token) == {"active": False}

    def test_a_token_for_another_purpose_is_none(self, browser, ask):
        claims = jwt.decode(token_of(browser), options={"verify_signature": False})
        key = key_ring().signing_key()
        assert ask(signed(claims, Purpose.SESSION, key))["active"] is True
        for purpose in set(Purpose) - {Purpose.SESSION}:
            assert ask(signed(claims, purpose, key)) == {"active": False}

    def test_a_site_that_makes_no_tokens_knows_none(self, browser, ask, settings):
        token = token_of(browser)
        for name, empty in [("JWT_KEYS", []), ("JWT_ISSUER", None), ("TOKENIZE_TEMPLATES", {})]:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(settings, f"SESSIONS_HUB_{name}", empty)
                assert ask(token) == {"active": False}

    @pytest.mark.parametrize("sid", ["7", "\x00", "../x", "0" * 36])
    def test_a_session_id_that_is_none_is_no_fault(self, sid, browser, ask):
        claims = jwt.decode(token_of(browser), options={"verify_signature": False})
        token = signed({**claims, "sid": sid}, Purpose.SESSION, key_ring().signing_key())
        assert ask(token) == {"active": False}

    def test_a_database_that_is_away_is_not_answered_no(self, browser, staff, monkeypatch):
        token = token_of(browser)

        def away(*args: object, **kwargs: object) -> bool:
            raise DatabaseError("away")

        monkeypatch.setattr("sessions_hub.lifecycle.signed.verify", away)
        assert problem(post(staff, INTROSPECT, token)) == (503, "unavailable")

    @pytest.mark.parametrize(
        "broken",
        ["lifecycle.signed.verify", "lifecycle.signed.key_ring", "api.introspect.active_token"],
    )
    @pytest.mark.parametrize("fault", [DatabaseError, RuntimeError])
    def test_no_error_report_shows_the_token(
        self, broken, fault, browser, staff, monkeypatch, settings, caplog
    ):
        """CWE-532: neither the form nor the variables of our functions, with DEBUG off."""
        settings.DEBUG = False
        token = token_of(browser)
        reports: list[str] = []

        @sensitive_variables()
        def fail(*args: object, **kwargs: object) -> None:
            raise fault("away")

        def report(sender: object, request: Any, **kwargs: object) -> None:
            reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

        monkeypatch.setattr(f"sessions_hub.{broken}", fail)
        staff.raise_request_exception = False
        with caplog.at_level(logging.DEBUG):
            got_request_exception.connect(report)
            try:
                assert post(staff, INTROSPECT, token).status_code in (500, 503)
            finally:
                got_request_exception.disconnect(report)
        for record in caplog.records:
            if record.exc_info:
                reports.append(ExceptionReporter(None, *record.exc_info).get_traceback_html())
        assert reports
        for part in (token, *token.split(".")[1:]):
            assert all(part not in text for text in (*reports, caplog.text))

    def test_nothing_is_kept_or_written(self, browser, staff):
        token = token_of(browser)
        before = list(Session.objects.order_by("pk").values())
        response = post(staff, INTROSPECT, token)
        assert response["Cache-Control"] == "no-store"
        assert list(Session.objects.order_by("pk").values()) == before

    def test_only_staff_may_ask(self, ada, bob, browser, sign_in):
        token = token_of(browser)
        assert problem(post(Client(), INTROSPECT, token)) == (401, "not_authenticated")
        assert problem(post(browser, INTROSPECT, token))[0] == 403
        bob.is_staff = True
        bob.save()
        assert problem(post(sign_in(bob), INTROSPECT, token)) == (
            403,
            "permission_denied",
        )


@pytest.mark.parametrize("url", [INTROSPECT, REVOKE])
class TestForm:
    def test_without_a_token_is_400(self, url, staff):
        for form in ("", "token=", "token_type_hint=access_token"):
            response = staff.post(url, form, FORM)
            assert response.status_code == 400
            assert response.json()["errors"] == {"token": ["This field is required."]}

    def test_json_is_415(self, url, staff):
        response = staff.post(url, {"token": "x"}, "application/json")
        assert response.status_code == 415

    def test_reading_is_405(self, url, staff):
        assert staff.get(url, {"token": "x"}).status_code == 405

    def test_csrf_is_asked_of_a_cookie(self, url, ada, sign_in):
        client = sign_in(ada, enforce_csrf_checks=True)
        assert problem(post(client, url, "x")) == (403, "csrf_failed")

    @pytest.mark.parametrize("body", [b"token=%ff%fe", b"token=\xff", b"token=a&token=b", b"%&=="])
    def test_odd_bytes_are_no_fault(self, url, body, staff):
        assert staff.post(url, body, FORM).status_code in (200, 400)
