"""A key is published, signs, retires and goes: nobody's fresh token is refused meanwhile."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from sessions_hub.credentials.jwks_source import JwksSource
from sessions_hub.credentials.jwt import signed
from sessions_hub.credentials.jwt_errors import InvalidToken
from sessions_hub.credentials.jwt_keys import KeyRing, key_ring
from sessions_hub.credentials.jwt_purposes import Purpose
from sessions_hub.credentials.jwt_verify import SessionTokenVerifier

from .conftest import entry
from .forging import AUDIENCE, ISSUER, NOW, NOW_SECONDS, good_claims, kid_of

# Each step is rolled out before the next one begins.
STEPS = [
    [entry()],
    [entry(), entry(which=1, state="published")],
    [entry(state="retired"), entry(which=1)],
    [entry(which=1)],
]


@pytest.fixture
def rings(settings) -> list[KeyRing]:
    def ring(step) -> KeyRing:
        settings.SESSIONS_HUB_JWT_KEYS = step
        return key_ring()

    return [ring(step) for step in STEPS]


def token_of(ring: KeyRing, seconds: int = 0) -> str:
    """A token of five minutes, made that many seconds after NOW."""
    issued = NOW_SECONDS + seconds
    claims = good_claims(iat=issued, nbf=issued, exp=issued + 300)
    return signed(claims, Purpose.SESSION, ring.signing_key())


def is_believed(token: str, ring: KeyRing, seconds: int = 0) -> bool:
    verifier = SessionTokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=ring.jwks())
    try:
        verifier.verify(token, now=NOW + timedelta(seconds=seconds))
    except InvalidToken:
        return False
    return True


@pytest.mark.parametrize("step", [0, 1])
def test_two_nodes_at_neighbouring_steps_believe_each_other(step, rings):
    for made, read in product(rings[step : step + 2], repeat=2):
        assert is_believed(token_of(made), read)


def test_the_node_that_drops_a_key_first_believes_the_one_that_retired_it(rings):
    assert is_believed(token_of(rings[2]), rings[3])
    assert is_believed(token_of(rings[3]), rings[2])


def test_a_token_from_before_is_good_until_it_expires(rings):
    token = token_of(rings[1])
    assert is_believed(token, rings[2], seconds=299)
    assert not is_believed(token, rings[2], seconds=400)


def test_a_token_of_a_removed_key_is_refused(rings):
    assert not is_believed(token_of(rings[0]), rings[3])


def test_signing_before_publishing_is_what_must_not_be_done(rings):
    assert not is_believed(token_of(rings[2]), rings[0])


def test_a_service_that_caches_keys_refuses_none_through_a_whole_rotation(rings):
    clock = [0.0]
    source = JwksSource(
        lambda: rings[int(clock[0] // 400) if clock[0] < 1600 else 3].jwks(),
        clock=lambda: clock[0],
    )
    verifier = SessionTokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=source)
    seen = set()
    for seconds in range(0, 1600, 7):
        clock[0] = float(seconds)
        token = token_of(rings[seconds // 400], seconds)
        seen.add(verifier.verify(token, now=NOW + timedelta(seconds=seconds)).session_id)
    assert len(seen) == 1
    assert source.get(kid_of("ES256", 1))
