"""Another library believes our tokens, with our JWK Set alone."""

from __future__ import annotations

import json

import jwt
import pytest

from sessions_hub.credentials.jwt import tokenize
from sessions_hub.credentials.jwt_keys import key_ring
from tests.factories import NOW, make_method, make_session, make_user

from .conftest import entry
from .forging import AUDIENCE, ISSUER, make_key

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("site")]


def read(token: str, key: object, algorithm: str) -> dict[str, object]:
    return jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        audience=AUDIENCE,
        issuer=ISSUER,
        # Judged at another time than it was made for.
        options={
            "require": ["exp", "iat", "nbf", "jti", "sub", "sid"],
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        },
    )


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256", "PS256"])
def test_pyjwt_believes_it(algorithm, site):
    site(entry(which=5, state="published"), entry(algorithm))
    session = make_session(make_user())
    make_method(session)
    token = tokenize(session, "orders", now=NOW)
    published = jwt.PyJWKSet.from_json(json.dumps(key_ring().jwks()))
    header = jwt.get_unverified_header(token)
    claims = read(token, published[header["kid"]].key, header["alg"])
    assert claims["sid"] == str(session.pk)
    assert claims["amr"] == ["pwd"]
    assert header["typ"] == "session+jwt"


def test_pyjwt_believes_a_shared_secret(site):
    site(entry("HS256"))
    token = tokenize(make_session(make_user()), "orders", now=NOW)
    assert read(token, make_key("HS256").raw_value, "HS256")["iss"] == ISSUER
