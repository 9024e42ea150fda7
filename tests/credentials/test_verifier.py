"""What the verifier believes, of which keys, and how it is made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from joserfc.jwk import OctKey

from sessions_hub.credentials.jwt_errors import InvalidToken

from .forging import (
    ALGORITHMS,
    AUDIENCE,
    NOW,
    NOW_SECONDS,
    b64,
    changed,
    forge,
    good_claims,
    good_header,
    headed,
    jwk,
    jwks,
    kid_of,
    part,
    refusal,
    sign,
    verifier,
)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("kind", [str, str.encode])
def test_a_good_token_of_each_algorithm_is_believed(algorithm, kind):
    token = verifier().verify(kind(forge(algorithm=algorithm)), now=NOW)
    assert token.claims == good_claims()
    assert (token.user_id, token.actor_id) == ("7", None)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["https://other.example.com", AUDIENCE]},
        {"exp": NOW_SECONDS - 29},
        {"nbf": NOW_SECONDS + 30, "iat": NOW_SECONDS + 30},
        {"act": {"sub": "1"}, "scope": "orders:read"},
        {"scope": ""},
        {"amr": [], "acr": "aal0"},
        {"name": "Zoë 🦉", "deep": {"a": [1, 2.5, None, True]}},
    ],
)
def test_what_a_token_may_say(claims):
    assert verifier().verify(changed(**claims), now=NOW).claims == good_claims(**claims)


def test_an_unknown_header_member_is_passed_over():
    """RFC 7515 §4: what is not critical is ignored."""
    assert verifier().verify(headed(note="x"), now=NOW).session_id


@pytest.mark.parametrize("last", [0, 30, 60])
def test_the_leeway_is_the_only_allowance(last):
    leeway = timedelta(seconds=last)
    ours = verifier(leeway=leeway)
    assert ours.verify(changed(exp=NOW_SECONDS - last + 1), now=NOW)
    with pytest.raises(InvalidToken, match="expired"):
        ours.verify(changed(exp=NOW_SECONDS - last), now=NOW)


class TestSecrets:
    """HS256: for a single service, and never beside a key that is public."""

    def test_is_believed_where_it_is_asked_for(self):
        ours = verifier(keys=jwks(jwk("HS256")), algorithms=["HS256"])
        assert ours.verify(forge(algorithm="HS256"), now=NOW)

    def test_is_not_believed_unless_asked_for(self):
        assert refusal(forge(algorithm="HS256"), keys=jwks(jwk("HS256"))) == "algorithm"

    def test_a_key_that_names_no_algorithm_is_none(self):
        keys = jwks({name: value for name, value in jwk("HS256").items() if name != "alg"})
        token = forge(algorithm="HS256")
        assert refusal(token, keys=keys, algorithms=["HS256"]) == "unknown_key"

    def test_a_short_secret_is_no_key(self):
        short = OctKey.import_key({"kty": "oct", "k": b64(b"s" * 31)})
        keys = jwks({**short.as_dict(), "kid": "short", "alg": "HS256"})
        header = good_header("HS256", kid="short")
        token = forge(header, algorithm="HS256", key=short)
        assert refusal(token, keys=keys, algorithms=["HS256"]) == "unknown_key"

    def test_secret_and_public_keys_do_not_go_together(self):
        with pytest.raises(ValueError, match="together"):
            verifier(keys=jwks(jwk("HS256"), jwk("ES256")))
        with pytest.raises(ValueError, match="together"):
            verifier(keys=jwks(jwk("HS256")), algorithms=["HS256", "ES256"])


class TestKeys:
    """Which members of a JWK Set are keys at all."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"use": "enc"},
            {"key_ops": ["encrypt"]},
            {"key_ops": "verify"},
            {"kid": None},
            {"kid": ""},
            {"alg": "ES384"},
            {"alg": "none"},
            {"alg": ["ES256"]},
            {"crv": "P-384"},
            {"crv": "secp256k1"},
            {"kty": "RSA"},
            {"kty": "lattice"},
            {"x": "AAAA"},
            {"x": 7},
            {"y": "é"},
        ],
    )
    def test_what_is_no_signing_key_is_left_out(self, changes):
        keys = jwks(jwk("ES256", **changes), jwk("EdDSA"))
        assert refusal(forge(), keys=keys) == "unknown_key"
        assert verifier(keys=keys).verify(forge(algorithm="EdDSA"), now=NOW)

    @pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
    def test_a_curve_says_its_algorithm(self, algorithm):
        key = {name: value for name, value in jwk(algorithm).items() if name not in ("alg", "use")}
        assert verifier(keys=jwks(key)).verify(forge(algorithm=algorithm), now=NOW)

    def test_an_rsa_key_has_to_say_its_algorithm(self):
        key = {name: value for name, value in jwk("RS256").items() if name != "alg"}
        assert refusal(forge(algorithm="RS256"), keys=jwks(key)) == "unknown_key"

    def test_two_keys_of_one_name_are_none(self):
        keys = jwks(jwk("ES256"), jwk("ES256", 1, kid=kid_of("ES256")))
        assert refusal(forge(), keys=keys) == "unknown_key"

    def test_a_removed_key_verifies_no_longer(self):
        assert refusal(forge(), keys=jwks(jwk("ES256", 1))) == "unknown_key"

    @pytest.mark.parametrize(
        "document", [{"keys": None}, {"keys": {}}, {"keys": [{}] * 65}, {"kid": "x"}, {"a": 1}]
    )
    def test_what_is_no_key_set_is_refused_at_once(self, document):
        with pytest.raises(ValueError, match=r"JWK Set|names with their keys"):
            verifier(keys=document)

    @pytest.mark.parametrize("junk", [None, 7, "key", [], {}, {"kty": "EC"}, {"kty": None}])
    def test_junk_beside_a_key_does_no_harm(self, junk):
        assert verifier(keys=jwks(junk, jwk("ES256"))).verify(forge(), now=NOW)


@pytest.mark.parametrize(
    "options",
    [
        {"issuer": ""},
        {"audience": ""},
        {"audience": []},
        {"audience": ["a", ""]},
        {"algorithms": []},
        {"algorithms": ["none"]},
        {"algorithms": ["ES256", "none"]},
        {"purpose": "JWT"},
        {"keys": "http://keys.example.com/jwks.json"},
        {"keys": "file:///etc/passwd"},
        {"keys": "https://"},
    ],
)
def test_a_verifier_that_would_believe_anybody_cannot_be_made(options):
    with pytest.raises(ValueError, match=r"\w"):
        verifier(**options)


@pytest.mark.parametrize("seconds", [-1, 61, 3600])
def test_a_leeway_beyond_a_minute_cannot_be_had(seconds):
    with pytest.raises(ValueError, match="60 seconds"):
        verifier(leeway=timedelta(seconds=seconds))


class TestActivity:
    """Asked last: only of a token that is good, and only "yes" is a yes."""

    @pytest.mark.parametrize("answer", [False, None, 1, "yes"])
    def test_anything_but_true_is_no(self, answer):
        assert refusal(forge(), is_active=lambda sid: answer) == "inactive"

    def test_is_asked_with_the_session(self):
        asked = []
        ours = verifier(is_active=lambda sid: asked.append(sid) is None)
        ours.verify(forge(), now=NOW)
        assert asked == [good_claims()["sid"]]

    def test_a_question_that_fails_is_not_answered_yes(self):
        def fail(sid: str) -> bool:
            raise OSError("away")

        with pytest.raises(InvalidToken) as raised:
            verifier(is_active=fail).verify(forge(), now=NOW)
        assert raised.value.code == "activity_unknown"
        assert raised.value.is_unjudged

    @pytest.mark.parametrize(
        "token", [forge(signature=bytes(64)), changed(exp=1), changed(aud="x")]
    )
    def test_is_not_asked_of_a_bad_token(self, token):
        refusal(token, is_active=lambda sid: pytest.fail("asked"))


def test_the_signature_covers_what_is_read():
    message = f"{part(good_header())}.{part(good_claims(sub='8'))}"
    token = f"{message}.{b64(sign(message))}"
    assert verifier().verify(token, now=NOW).user_id == "8"
