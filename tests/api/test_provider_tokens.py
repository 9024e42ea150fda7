"""The route that hands out what providers gave: to whom, and what nobody else sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from sessions_hub.lifecycle import end_session, record_provider
from sessions_hub.models import AuthenticationMethod, EndReason
from tests.credentials.keys import FIRST, SECOND

from .conftest import URL
from .tokens.conftest import issue as issue
from .tokens.conftest import program as program

pytestmark = pytest.mark.django_db(databases="__all__")

ACCESS, REFRESH = "access-s3cr3t", "refresh-s3cr3t"
EXPIRES = timezone.now().replace(microsecond=0) + timedelta(hours=1)


@pytest.fixture(autouse=True)
def exposed(settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]
    settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = True


@pytest.fixture
def session(ada, other_session):
    session = other_session(ada)
    record_provider(
        session,
        "company",
        "4711",
        access_token=ACCESS,
        refresh_token=REFRESH,
        expires_at=EXPIRES,
        issuer="https://company.example",
    )
    return session


def path_of(session) -> str:
    return f"{URL}{session.pk}/provider-tokens/"


def ask(client, session):
    return client.post(path_of(session), {}, content_type="application/json")


def test_the_owner_gets_them(session, browser):
    response = ask(browser, session)
    assert response.status_code == 200
    (proof,) = AuthenticationMethod.objects.exclude(provider_access_token="")
    assert response.json() == {
        "provider_tokens": [
            {
                "authentication_method": str(proof.pk),
                "provider": "company",
                "provider_uid": "4711",
                "issuer": "https://company.example",
                "provider_access_token": ACCESS,
                "provider_refresh_token": REFRESH,
                "provider_access_token_expires_at": EXPIRES.isoformat().replace("+00:00", "Z"),
            }
        ]
    }
    assert response["Cache-Control"] == "no-store"


def test_no_other_route_shows_them(session, browser):
    for path in (URL, f"{URL}{session.pk}/", f"{URL}{session.pk}/authentication-methods/"):
        shown = browser.get(path).content.decode()
        assert ACCESS not in shown
        assert "v1." not in shown


def test_another_user_s_session_is_unknown(session, bob, sign_in):
    assert ask(sign_in(bob), session).status_code == 404


def test_a_site_that_does_not_say_so_keeps_them(session, browser, settings):
    settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = False
    response = ask(browser, session)
    assert (response.status_code, response.json()["code"]) == (403, "disabled")


def test_an_old_proof_is_not_enough(session, browser):
    AuthenticationMethod.objects.update(completed_at=F("completed_at") - timedelta(hours=1))
    response = ask(browser, session)
    assert (response.status_code, response.json()["code"]) == (403, "reauthentication_required")
    assert ACCESS not in response.content.decode()


def test_an_ended_session_has_none(session, browser):
    end_session(session, reason=EndReason.REVOKED_BY_USER)
    response = ask(browser, session)
    assert (response.status_code, response.json()["code"]) == (403, "ended")


@pytest.mark.parametrize("scopes", [(), ("sessions:read", "sessions:write", "staff")])
def test_no_token_opens_it(session, program, scopes):
    assert program(*scopes).call("post", path_of(session), {}).status_code == 403


def test_what_cannot_be_read_is_not_shown(session, browser, settings, caplog):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND]
    response = ask(browser, session)
    assert (response.status_code, response.json()["code"]) == (503, "provider_token_unreadable")
    assert "v1." not in response.content.decode()
    assert "provider_tokens.unreadable" in caplog.text


def test_a_get_shows_nothing(session, browser):
    assert browser.get(path_of(session)).status_code == 405
