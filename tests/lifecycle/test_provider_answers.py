"""What packages were given goes to the session of that very user, and costs no sign-in."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError
from django.test import RequestFactory

from sessions_hub import providers
from sessions_hub.lifecycle import Unavailable, provider_answers
from sessions_hub.lifecycle.factors import ProviderGrant
from sessions_hub.lifecycle.state import state_of
from sessions_hub.models import AuthenticationMethod, Session
from tests.credentials.keys import FIRST

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ISSUER = "https://company.example"
BACKEND = "django.contrib.auth.backends.ModelBackend"
GRANT = ProviderGrant(provider="company", uid="4711", access_token="s3cr3t", issuer=ISSUER)
EXPIRES = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]


@pytest.fixture
def request_():
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    return request


def sign_in(request, user) -> Session:
    login(request, user, backend=BACKEND)
    return Session.objects.latest("pk")


def holders() -> list[tuple[Any, str]]:
    """Whose sessions hold a token, by which issuer."""
    rows = AuthenticationMethod.objects.exclude(provider_access_token="")
    return list(rows.values_list("session__user__username", "issuer"))


class TestBeforeTheSignIn:
    def test_it_waits_for_it(self, request_, user):
        provider_answers.take(request_, user.pk, GRANT)
        assert holders() == []
        sign_in(request_, user)
        assert holders() == [("ada", ISSUER)]
        assert state_of(request_).grant is None

    def test_nobody_else_who_signs_in_gets_it(self, request_, user, make_user):
        provider_answers.take(request_, user.pk, GRANT)
        sign_in(request_, make_user("bob"))
        assert holders() == []
        # Nor does anybody later in the same request.
        sign_in(request_, user)
        assert holders() == []

    def test_somebody_who_is_signed_in_already_does_not_get_another_s(
        self, request_, user, make_user
    ):
        sign_in(request_, make_user("bob"))
        provider_answers.take(request_, user.pk, GRANT)
        assert holders() == []
        sign_in(request_, user)
        assert holders() == [("ada", ISSUER)]

    def test_a_fault_costs_no_sign_in(self, request_, user, monkeypatch, caplog):
        def broken(*args, **options):
            raise DatabaseError("gone away")

        monkeypatch.setattr(provider_answers, "record_grant", broken)
        provider_answers.take(request_, user.pk, GRANT)
        sign_in(request_, user)
        assert request_.user == user
        (line,) = [one for one in caplog.records if one.levelname == "ERROR"]
        assert line.getMessage() == "What a provider gave for a user could not be recorded."


def test_after_the_sign_in_it_is_recorded_at_once(request_, user):
    sign_in(request_, user)
    provider_answers.take(request_, user.pk, GRANT)
    assert holders() == [("ada", ISSUER)]


@pytest.mark.parametrize("named", [{}, {"provider": "company"}])
def test_a_connected_account_does_not_become_who_has_signed_in(request_, user, named):
    session = sign_in(request_, user)
    AuthenticationMethod.objects.update(method="oidc", **named)
    provider_answers.take(request_, user.pk, GRANT)
    rows = session.authentication_methods.order_by("completed_at", "pk")
    assert [(row.provider_uid, row.revoked_at is None) for row in rows] == [
        ("", True),
        ("4711", False),
    ]


@pytest.mark.parametrize("request_of_none", [None, SimpleNamespace(_request=None)])
def test_without_a_request_there_is_no_session(request_of_none, user):
    provider_answers.take(request_of_none, user.pk, GRANT)
    assert holders() == []


def answer(user, *, process="login", data=None, **token) -> SimpleNamespace:
    """A SocialLogin of allauth, as far as it is looked at."""
    given = {"token": "s3cr3t", "token_secret": "", "expires_at": None, **token}
    return SimpleNamespace(
        user=user,
        state={"process": process},
        token=None if token.get("token", "") is None else SimpleNamespace(**given),
        account=SimpleNamespace(
            provider="company",
            uid="4711",
            extra_data={"id_token": {"iss": ISSUER}} if data is None else data,
        ),
    )


class TestAllauth:
    def test_a_sign_in_is_told_with_its_user(self, request_, user):
        sign_in(request_, user)
        providers.on_provider_grant(None, request_, sociallogin=answer(user), user=user)
        assert holders() == [("ada", ISSUER)]

    def test_a_sign_in_by_a_password_is_told_without_an_answer(self, request_, user):
        sign_in(request_, user)
        providers.on_provider_grant(None, request_, user=user)
        assert holders() == []

    def test_a_connected_account_is_told_of_whoever_is_signed_in(self, request_, user):
        sign_in(request_, user)
        providers.on_provider_grant(None, request_, sociallogin=answer(user, process="connect"))
        assert holders() == [("ada", ISSUER)]

    def test_an_account_that_is_looked_up_before_a_sign_in_is_not_taken(self, request_, user):
        sign_in(request_, user)
        providers.on_provider_grant(None, request_, sociallogin=answer(user))
        assert holders() == []
        assert state_of(request_).grant is None

    @pytest.mark.parametrize("process", ["login", "connect"])
    def test_an_account_of_somebody_else_is_not_taken(self, request_, user, make_user, process):
        sign_in(request_, user)
        theirs = answer(make_user("bob"), process=process)
        told = {"user": user} if process == "login" else {}
        providers.on_provider_grant(None, request_, sociallogin=theirs, **told)
        assert holders() == []
        assert state_of(request_).grant is None

    @pytest.mark.parametrize(
        ("given", "issuer", "held"),
        [
            ({}, ISSUER, True),
            ({"expires_at": EXPIRES}, ISSUER, True),
            ({"token": None}, ISSUER, False),
            ({"data": {}}, "", True),
            ({"data": None, "token_secret": None}, ISSUER, True),
            ({"data": {"id_token": {"iss": 7, "acr": ["x"], "amr": "x"}}}, "", True),
            ({"data": "nothing"}, "", True),
        ],
    )
    def test_what_it_gives_is_taken_as_it_is(self, request_, user, given, issuer, held):
        sign_in(request_, user)
        providers.on_provider_grant(None, request_, sociallogin=answer(user, **given), user=user)
        row = AuthenticationMethod.objects.get(provider="company")
        assert (row.issuer, bool(row.provider_access_token)) == (issuer, held)
        assert row.provider_access_token_expires_at == given.get("expires_at")

    def test_where_there_is_nothing_to_tell_nothing_is_written(self, request_, user):
        sign_in(request_, user)
        nothing = answer(user, token=None, data={})
        providers.on_provider_grant(None, request_, sociallogin=nothing, user=user)
        assert AuthenticationMethod.objects.count() == 1

    def test_without_keys_it_tells_who_and_warns_nobody(self, request_, user, settings, caplog):
        settings.SESSIONS_HUB_ENCRYPTION_KEYS = []
        sign_in(request_, user)
        providers.on_provider_grant(None, request_, sociallogin=answer(user), user=user)
        assert AuthenticationMethod.objects.get(provider="company").issuer == ISSUER
        assert [one for one in caplog.records if one.levelname != "INFO"] == []

    def test_what_cannot_be_stored_is_logged_without_its_value(self, request_, user, caplog):
        sign_in(request_, user)
        odd = answer(user, token="s3cr3t" * 10_000)
        providers.on_provider_grant(None, request_, sociallogin=odd, user=user)
        assert holders() == []
        assert "could not be recorded" in caplog.text
        assert "s3cr3t" not in caplog.text


class TestRemovedAccounts:
    def account(self, user) -> SimpleNamespace:
        return SimpleNamespace(user_id=user.pk, provider="company", uid="4711")

    def test_take_their_tokens_along(self, request_, user):
        sign_in(request_, user)
        provider_answers.take(request_, user.pk, GRANT)
        providers.on_account_removed(None, self.account(user))
        assert holders() == []

    def test_stay_where_the_tokens_cannot_be_deleted(self, user, monkeypatch):
        def broken(*args):
            raise DatabaseError("gone away")

        monkeypatch.setattr(providers, "forget_provider", broken)
        with pytest.raises(Unavailable):
            providers.on_account_removed(None, self.account(user))
