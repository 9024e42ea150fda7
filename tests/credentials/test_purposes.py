"""No token passes for another: what is good for one purpose is refused for every other."""

from __future__ import annotations

import pytest

from sessions_hub.credentials.jwt_errors import InvalidToken
from sessions_hub.credentials.jwt_purposes import Purpose
from sessions_hub.credentials.jwt_verify import SessionTokenVerifier

from .forging import AUDIENCE, ISSUER, NOW, forge, good_header, jwk, jwks


def verifier(purpose: Purpose) -> SessionTokenVerifier:
    return SessionTokenVerifier(
        issuer=ISSUER, audience=AUDIENCE, keys=jwks(jwk("ES256")), purpose=purpose
    )


@pytest.mark.parametrize("asked", Purpose)
@pytest.mark.parametrize("made", Purpose)
def test_a_token_serves_its_own_purpose_alone(made, asked):
    token = forge(good_header(typ=made.value))
    if made is asked:
        assert verifier(asked).verify(token, now=NOW)
        return
    with pytest.raises(InvalidToken) as raised:
        verifier(asked).verify(token, now=NOW)
    assert raised.value.code == "type"


def test_each_purpose_has_a_type_of_its_own():
    types = [purpose.value for purpose in Purpose]
    assert len(set(types)) == len(types) == 4
    assert not {"jwt", "at+jwt", "JWT", "application/jwt"}.intersection(types)
