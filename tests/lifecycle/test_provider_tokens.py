"""The one way to a provider's tokens: for the session's own user, freshly proven, and alone."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import OperationalError, connections
from django.test import RequestFactory

from sessions_hub.lifecycle import (
    ProviderTokens,
    ProviderTokensDenied,
    ProviderTokenUnreadable,
    end_session,
    provider_tokens,
    record_provider,
    start_session,
)
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AuthenticationMethod, Session
from tests.contract.browser import Browser
from tests.credentials.keys import FIRST, SECOND

from .impersonating import impersonate, make_staff, the_impersonation

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
AGE = timedelta(minutes=15)
GIVEN = ["s3cr3t-access-token", "s3cr3t-refresh-token"]


@pytest.fixture(autouse=True)
def site(settings):
    settings.ROOT_URLCONF = "tests.lifecycle.token_site"
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]
    settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = True


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def give(session_id, provider: str = "company") -> None:
    pk = UUID(str(session_id))
    record_provider(pk, provider, "4711", access_token=GIVEN[0], refresh_token=GIVEN[1])


@pytest.fixture(params=["sync", "async"])
def ada(request, clock, user) -> Browser:
    """Somebody who is signed in and has connected an account."""
    browser = Browser(request.param)
    browser.sign_in("ada")
    give(browser.session_id())
    return browser


def ask(browser: Browser, session=None, **query: str) -> dict:
    pairs = {"session": str(session or browser.session_id()), **query}
    text = "&".join(f"{name}={value}" for name, value in pairs.items())
    return browser.get(f"{browser.twin('/tokens/')}?{text}").json()


def test_the_owner_reads_them_with_a_fresh_proof(ada, caplog):
    caplog.set_level(logging.INFO, "sessions_hub")
    assert ask(ada) == {"tokens": [GIVEN]}
    (line,) = [one for one in caplog.records if "provider_tokens" in one.getMessage()]
    assert line.getMessage().startswith("provider_tokens.read session_id=")
    assert line.session_id == ada.session_id()
    assert (line.address, line.providers) == ("127.0.0.1", ["company"])
    assert line.user_id == str(Session.objects.get(pk=ada.session_id()).user_id)
    assert not any(token in str(vars(line)) for token in GIVEN)


def test_also_of_another_session_of_their_own(ada, user):
    other = start_session(user, method="password")
    assert ask(ada, other.pk) == {"tokens": []}
    give(other.pk)
    assert ask(ada, other.pk) == {"tokens": [GIVEN]}


def test_nobody_does_unless_the_site_says_so(ada, settings):
    del settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS
    assert ask(ada)["code"] == "disabled"
    for not_quite in (1, "True", [True]):
        settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = not_quite
        assert ask(ada)["code"] == "disabled"


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_else_does_not_even_a_superuser(ada, make_user, superuser):
    make_user("root", is_superuser=superuser, is_staff=superuser)
    browser = Browser(ada.mode)
    browser.sign_in("root")
    assert ask(browser, ada.session_id())["code"] == "owner"


def test_saying_that_one_is_the_owner_does_not_help(make_user, clock, user):
    make_user("bob")
    ada, bob = Browser("sync"), Browser("sync")
    ada.sign_in("ada")
    bob.sign_in("bob")
    give(ada.session_id())
    assert ask(bob, ada.session_id(), by="ada")["code"] == "owner"
    assert ask(ada, ada.session_id(), by="bob")["code"] == "owner"
    assert ask(ada, bob.session_id())["code"] == "owner"


def test_a_session_that_is_not_there_is_as_somebody_else_s(ada):
    assert ask(ada, "01980000-0000-7000-8000-000000000000")["code"] == "owner"


def test_a_visitor_does_not(ada):
    session_id = ada.session_id()
    visitor = Browser("sync")
    assert ask(visitor, session_id, by="ada")["code"] == "not_signed_in"


@pytest.mark.parametrize("kind", ["temporary", "account_recovery", "credential_recovery"])
def test_nor_does_somebody_whose_sign_in_lacks_something_still(ada, kind):
    Session.objects.update(session_type=kind)
    assert ask(ada, ada.session_id())["code"] == "not_signed_in"


def test_nor_does_a_request_that_has_no_session(user):
    session = start_session(user, method="password")
    request = RequestFactory().get("/")
    request.user = user
    with pytest.raises(ProviderTokensDenied) as raised:
        provider_tokens(session, by=user, request=request)
    assert raised.value.code == "not_signed_in"


def test_an_old_proof_is_asked_for_again(ada, clock, caplog):
    clock.shift(AGE - timedelta(seconds=1))
    assert ask(ada) == {"tokens": [GIVEN]}
    clock.shift(timedelta(seconds=1))
    denied = ask(ada)
    assert denied["code"] == "stale"
    assert 'max_age="900"' in denied["challenge"]
    (line,) = [one for one in caplog.records if "denied" in one.getMessage()]
    assert (line.reason, line.levelno) == ("stale", logging.WARNING)
    ada.sign_in("ada")
    assert ask(ada) == {"tokens": [GIVEN]}


def test_connecting_an_account_makes_no_proof_fresh(ada, clock):
    clock.shift(AGE)
    give(ada.session_id())
    give(ada.session_id(), "other")
    assert ask(ada)["code"] == "stale"


def test_the_age_is_the_setting_s(ada, clock, settings):
    settings.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE = timedelta(minutes=1)
    # What else asks for a fresh proof is another matter.
    settings.SESSIONS_HUB_REAUTHENTICATE_FOR = ()
    clock.shift(timedelta(minutes=1))
    assert ask(ada)["code"] == "stale"


def test_a_user_who_can_prove_nothing_here_does_not_get_past_it(ada, clock, user):
    user.set_unusable_password()
    user.save()
    ada.sign_in("ada")
    clock.shift(AGE)
    assert ask(ada)["code"] == "stale"


def test_of_a_session_that_is_over_nobody_reads_them(ada, user):
    other = start_session(user, method="password")
    give(other.pk)
    end_session(other, reason="signed_out")
    assert ask(ada, other.pk)["code"] == "ended"


def test_whoever_acts_as_the_owner_does_not(clock, user):
    ada, grace = Browser("sync"), Browser("sync")
    make_staff("grace")
    ada.sign_in("ada")
    give(ada.session_id())
    grace.sign_in("grace")
    impersonate(grace)
    for session_id in (ada.session_id(), the_impersonation().pk):
        assert ask(grace, session_id)["code"] == "impersonation"
    # Nor does the owner see what was done in their name.
    assert ask(ada, the_impersonation().pk)["code"] == "impersonation"


def flipped(text: str) -> str:
    head, _, last = text.rpartition(".")
    value = bytearray(urlsafe_b64decode(last + "=" * (-len(last) % 4)))
    value[0] ^= 1
    return f"{head}.{urlsafe_b64encode(value).rstrip(b'=').decode()}"


def by_another(row: AuthenticationMethod) -> str:
    """The same token as it is stored for another session."""
    session = start_session(row.session.user, method="password")
    pk = record_provider(session, "company", "4711", access_token=GIVEN[0])
    return AuthenticationMethod.objects.get(pk=pk).provider_access_token


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda row: {"provider_access_token": flipped(row.provider_access_token)}, "tampered"),
        (lambda row: {"provider_access_token": by_another(row)}, "tampered"),
        (lambda row: {"provider_access_token": row.provider_refresh_token}, "tampered"),
        (lambda row: {"provider_refresh_token": row.provider_access_token}, "tampered"),
        (lambda row: {"provider_access_token": GIVEN[0]}, "not_a_ciphertext"),
        (lambda row: {"provider_refresh_token": "v1.a.b.c"}, "not_a_ciphertext"),
        (lambda row: {"provider_refresh_token": row.provider_refresh_token[:-1]}, None),
    ],
)
def test_what_was_changed_in_the_database_is_never_returned(clock, user, change, code, caplog):
    browser = Browser("sync")
    browser.client.raise_request_exception = True
    browser.sign_in("ada")
    give(browser.session_id())
    session_id = browser.session_id()
    row = AuthenticationMethod.objects.exclude(provider_access_token="").get()
    values = change(row)
    AuthenticationMethod.objects.filter(pk=row.pk).update(**values)
    with pytest.raises(ProviderTokenUnreadable) as raised:
        ask(browser, session_id)
    assert code is None or raised.value.code == code
    line = next(one for one in caplog.records if "unreadable" in one.getMessage())
    assert line.event == "provider_tokens.unreadable"
    assert line.reason == raised.value.code
    assert line.levelno == logging.ERROR
    told = f"{raised.value!r} {vars(line)}"
    assert not any(secret in told for secret in (*GIVEN, *values.values()))
    # It stays: evidence, or readable again once its key is back.
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in values} == values


def test_a_key_that_comes_back_makes_it_readable_again(ada, settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND]
    session_id = ada.session_id()
    assert ada.get(f"{ada.twin('/tokens/')}?session={session_id}").status_code == 500
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND, FIRST]
    assert ask(ada) == {"tokens": [GIVEN]}


def test_a_database_that_does_not_tell_is_no_answer(clock, user):
    ada = Browser("sync")
    ada.sign_in("ada")
    give(ada.session_id())
    session_id = ada.session_id()

    def broken(execute, sql, params, many, context):
        if "provider_access_token" in sql:
            raise OperationalError("gone away")
        return execute(sql, params, many, context)

    with connections[database()].execute_wrapper(broken):
        assert ada.get(f"/tokens/?session={session_id}").status_code == 503


def test_the_answer_shows_no_token_when_it_is_printed():
    found = ProviderTokens(
        method_id=uuid4(),
        provider="company",
        uid="4711",
        issuer="",
        access_token=GIVEN[0],
        refresh_token=GIVEN[1],
        expires_at=None,
    )
    assert not any(token in f"{found!r} {found!s}" for token in GIVEN)
