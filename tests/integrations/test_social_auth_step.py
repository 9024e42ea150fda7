"""The pipeline step takes what a backend was given, whatever that looks like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from sessions_hub.integrations import social_auth

NOW = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def taken(monkeypatch) -> list:
    found = []
    monkeypatch.setattr(social_auth, "take", lambda *args: found.append(args))
    return found


def backend(**values) -> SimpleNamespace:
    values = {"name": "company", "strategy": SimpleNamespace(request="request"), **values}
    return SimpleNamespace(**values)


USER = SimpleNamespace(pk=7)
OAUTH1 = {"access_token": {"oauth_token": "one", "oauth_token_secret": "two", "user_id": "1"}}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"access_token": "one", "refresh_token": "two"}, ("one", "two", None)),
        (OAUTH1, ("one", "two", None)),
        ({"access_token": "one", "expires_in": 60}, ("one", "", timedelta(seconds=60))),
        ({"access_token": "one", "expires_in": "60"}, ("one", "", timedelta(seconds=60))),
        ({"access_token": "one", "expires_in": 0}, ("one", "", None)),
        ({"access_token": "one", "expires_in": -60}, ("one", "", None)),
        ({"access_token": "one", "expires_in": 10**30}, ("one", "", None)),
        ({"access_token": "one", "expires_in": "soon"}, ("one", "", None)),
        ({"access_token": "one", "refresh_token": None}, ("one", "", None)),
        ({"access_token": 7, "refresh_token": ["two"]}, ("", "", None)),
        ({}, ("", "", None)),
        # SAML and OpenID answer with objects of their own.
        (object(), ("", "", None)),
        (None, ("", "", None)),
    ],
)
def test_tokens_and_their_life_are_read_from_the_answer(taken, response, expected):
    with time_machine.travel(NOW, tick=False):
        social_auth.record_provider(backend(), user=USER, response=response, uid=4711)
    ((request, user_id, grant),) = taken
    access, refresh, life = expected
    assert (request, user_id) == ("request", 7)
    assert (grant.provider, grant.uid) == ("company", "4711")
    assert (grant.access_token, grant.refresh_token) == (access, refresh)
    assert grant.expires_at == (None if life is None else NOW + life)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (None, ("", "", ())),
        ("eyJ…", ("", "", ())),
        (
            {"iss": "https://a", "acr": "urn:mfa", "amr": ["pwd", 7]},
            ("https://a", "urn:mfa", ("pwd",)),
        ),
        ({"iss": 7, "acr": ["urn:mfa"], "amr": "pwd"}, ("", "", ())),
    ],
)
def test_issuer_and_context_are_those_the_backend_has_verified(taken, claims, expected):
    # Never those of the answer, which may carry an ID token nobody has looked at.
    response = {"iss": "https://evil", "acr": "urn:mfa", "id_token": "eyJ…"}
    social_auth.record_provider(backend(id_token=claims), user=USER, response=response, uid="1")
    ((_request, _user_id, grant),) = taken
    assert (grant.issuer, grant.acr, grant.amr) == expected


@pytest.mark.parametrize(
    ("values", "arguments"),
    [
        ({"strategy": SimpleNamespace(request=None)}, {}),
        ({"strategy": SimpleNamespace()}, {}),
        ({}, {"user": None}),
        ({}, {"uid": None}),
        ({}, {"uid": ""}),
    ],
)
def test_without_request_user_or_id_there_is_nothing_to_record(taken, values, arguments):
    given = {"user": USER, "uid": "4711", "response": {"access_token": "one"}, **arguments}
    assert social_auth.record_provider(backend(**values), **given) is None
    assert taken == []


def test_a_fault_is_logged_without_the_token_and_the_pipeline_goes_on(taken, caplog):
    response = {"access_token": "s3cr3t" * 10_000}
    social_auth.record_provider(backend(), user=USER, response=response, uid="4711")
    assert taken == []
    assert "could not be recorded" in caplog.text
    assert "s3cr3t" not in caplog.text
