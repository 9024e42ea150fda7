"""API keys: made by whoever is signed in, and never worth more than what made them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_hub.lifecycle.bearer import find_bearer
from sessions_hub.lifecycle.minting import excess, lifetime_within
from sessions_hub.models import AuthenticationMethod, Session, SessionToken
from tests.api.conftest import URL

from .conftest import Program

pytestmark = pytest.mark.django_db(databases="__all__")

WRITE = "sessions:write"


def make(browser, **data):
    return browser.post(URL, data, content_type="application/json")


class TestByABrowser:
    def test_is_shown_once(self, ada, browser):
        response = make(browser, name="backup script", scopes=["sessions:read"], lifetime=86400)
        assert response.status_code == 201
        body = response.json()
        assert (body["session_type"], body["name"]) == ("api_key", "backup script")
        assert body["current"] is False
        assert body["auth_method"] == "token"
        listed = browser.get(URL).json()["results"]
        assert len(listed) == 2
        assert "secret" not in str(listed)
        program = Program(body["secret"])
        assert program.whoami().json()["id"] == body["id"]
        assert len(program.call("get", URL).json()["results"]) == 2

    def test_needs_a_fresh_proof(self, ada, browser):
        then = timezone.now() - timedelta(hours=1)
        AuthenticationMethod.objects.update(completed_at=then)
        response = make(browser)
        assert response.status_code == 403
        assert response.json()["code"] == "reauthentication_required"
        assert not SessionToken.objects.exists()

    @pytest.mark.parametrize("kind", ["temporary", "account_recovery", "credential_recovery"])
    def test_is_refused_until_the_sign_in_is_complete(self, ada, browser, kind):
        """A key would be the account by a password, or by a mail, alone."""
        Session.objects.update(session_type=kind)
        response = make(browser)
        assert (response.status_code, response.json()["code"]) == (403, "sign_in_incomplete")
        assert not SessionToken.objects.exists()

    def test_is_refused_in_a_session_that_has_ended(self, ada, browser, settings):
        """A trial run refuses nobody, but keys are good or not whatever it is."""
        settings.SESSIONS_HUB_ENFORCE = False
        Session.objects.all().end("revoked_by_user")
        response = make(browser)
        assert (response.status_code, response.json()["code"]) == (409, "no_current_session")
        assert not SessionToken.objects.exists()

    def test_is_refused_while_acting_as_another_user(self, ada, bob, sign_in):
        bob.user_permissions.add(Permission.objects.get(codename="impersonate_user"))
        browser = sign_in(bob)
        browser.post(f"/account/impersonate/{ada.pk}/", {"reason": "ticket 7"})
        assert browser.get(f"{URL}current/").json()["session_type"] == "impersonation"
        response = make(browser)
        assert (response.status_code, response.json()["code"]) == (403, "impersonation")
        assert not SessionToken.objects.exists()

    def test_goes_on_when_the_browser_s_session_ends(self, browser):
        secret = make(browser).json()["secret"]
        browser.get("/sign-out/")
        assert Program(secret).whoami().status_code == 200

    def test_takes_no_credentials(self, browser):
        assert make(browser, username="bob", password="right-password").status_code == 400

    def test_is_csrf_protected(self, ada, sign_in):
        browser = sign_in(ada, enforce_csrf_checks=True)
        response = make(browser)
        assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")


class TestByAToken:
    def test_never_outlives_it(self, issue):
        parent = issue(WRITE, lifetime=timedelta(hours=1))
        program = Program(parent.secret)
        for data in ({}, {"lifetime": 86400}):
            body = program.call("post", URL, data).json()
            child = Session.objects.get(pk=body["id"])
            assert child.expires_at <= parent.session.expires_at

    def test_has_no_scope_that_it_has_not(self, issue):
        program = Program(issue(WRITE, "devices:read").secret)
        assert program.call("post", URL, {"scopes": ["devices:read"]}).status_code == 201
        refused = program.call("post", URL, {"scopes": ["sessions:read"]})
        assert refused.status_code == 403
        assert refused.json()["scopes"] == ["sessions:read"]

    def test_is_for_nobody_else_than_it_is(self, issue):
        """Or a token for one service would get itself a signed token for another."""
        program = Program(issue(WRITE, audience="shop").secret)
        for data in ({}, {"audience": "shop"}):
            assert program.call("post", URL, data).json()["audience"] == "shop"
        count = Session.objects.count()
        refused = program.call("post", URL, {"audience": "bank"})
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["audience"])
        assert Session.objects.count() == count

    def test_has_proven_possession_and_no_more(self, issue):
        program = Program(issue(WRITE).secret)
        body = program.call("post", URL, {}).json()
        assert (body["assurance_level"], body["factors"]) == ("aal1", ["token"])

    def test_of_nothing_proven_proves_nothing(self, issue):
        Session.objects.filter(pk=issue(WRITE).session.pk).update(assurance_level=0)
        issued = issue(WRITE)
        Session.objects.filter(pk=issued.session.pk).update(assurance_level=0)
        body = Program(issued.secret).call("post", URL, {}).json()
        assert body["assurance_level"] == "aal0"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    asked=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
    left=st.timedeltas(timedelta(seconds=2), timedelta(days=400)),
)
def test_no_lifetime_reaches_past_the_token_s(issue, asked, left):
    now = timezone.now()
    issued = issue(lifetime=left, now=now)
    bearer = find_bearer(issued.secret, now)
    lifetime = lifetime_within(asked, bearer, now)
    assert lifetime is not None
    assert now + lifetime <= bearer.row.expires_at


def test_without_a_token_the_user_decides():
    assert lifetime_within(None, None, timezone.now()) is None
    assert excess(["x"], object(), None) == ["x"]
