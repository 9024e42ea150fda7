"""Whatever it is given, the verifier says a token or InvalidToken, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sessions_hub.credentials.jwks_source import JwksSource
from sessions_hub.credentials.jwt_errors import InvalidToken
from sessions_hub.credentials.jwt_key_set import key_set
from sessions_hub.credentials.jwt_verify import SessionTokenVerifier

from .forging import AUDIENCE, ISSUER, NOW, forge, good_claims, good_header, jwk, jwks

OURS = SessionTokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=jwks(jwk("ES256")))
GOOD = forge()

# A machine that is busy says nothing of a token.
PATIENT = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def judge(token: object) -> Any:
    """What the verifier says; None for InvalidToken, which alone it may raise."""
    try:
        return OURS.verify(token, now=NOW)
    except InvalidToken:
        return None


@PATIENT
@given(st.text() | st.binary() | st.from_regex(r"[A-Za-z0-9_.\-]{0,200}"))
@example("\ud800.\udfff.x")
@example(b"\x00.\x00.\x00")
def test_any_text(token):
    assert judge(token) is None


@PATIENT
@given(st.from_type(object) | json_values)
def test_any_object(token):
    assert judge(token) is None


@PATIENT
@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=80))
def test_any_three_parts(header, claims, signature):
    assert judge(forge(header, claims, signature=signature)) is None


@PATIENT
@given(st.dictionaries(st.sampled_from([*good_header(), "crit", "jwk", "b64"]), json_values))
def test_any_header_with_a_good_signature(changes):
    header = {**good_header(), **changes}
    found = judge(forge(json.dumps(header).encode()))
    assert found is None or header["kid"] == good_header()["kid"]


@PATIENT
@given(st.dictionaries(st.sampled_from([*good_claims(), "act", "scope", "x"]), json_values))
def test_any_claims_with_a_good_signature(changes):
    found = judge(forge(claims=json.dumps({**good_claims(), **changes}).encode()))
    if found is not None:
        # Believed for what it says, and a service can use it.
        assert type(found.claims["exp"]) is int
        assert found.user_id
        assert found.session_id
        assert found.expires_at > NOW.replace(year=2000)
        json.dumps(dict(found.claims)).encode()


@PATIENT
@given(st.integers(0, len(GOOD) - 1), st.characters())
def test_any_letter_of_a_good_token_changed(place, letter):
    token = GOOD[:place] + letter + GOOD[place + 1 :]
    assert (judge(token) is not None) == (token == GOOD)


@PATIENT
@given(json_values)
def test_any_key_set_that_is_fetched(document):
    source = JwksSource(lambda: document)
    ours = SessionTokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=source)
    with pytest.raises(InvalidToken) as raised:
        ours.verify(GOOD, now=NOW)
    assert raised.value.code == "keys_unavailable"


@PATIENT
@given(st.dictionaries(st.sampled_from(list(jwk("ES256"))), json_values))
def test_any_key(changes):
    found = key_set(jwks({**jwk("EdDSA"), **changes}), may_be_secret=False)
    assert len(found) <= 1
