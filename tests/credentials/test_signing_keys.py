"""The site's keys: which are used, what is said of the others, and what is published."""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from sessions_hub.credentials.jwt_errors import TokenizeUnavailable
from sessions_hub.credentials.jwt_keys import key_ring

from .conftest import entry
from .forging import b64, kid_of, make_key

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def pem(key: Any, encryption: Any = None) -> str:
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
    ).decode()


def problems(settings, *entries: Any) -> str:
    settings.SESSIONS_HUB_JWT_KEYS = list(entries)
    return "; ".join(key_ring().problems)


ES256 = make_key("ES256")
WEAK = rsa.generate_private_key(65537, 1024)
SHORT = {"kty": "oct", "k": b64(b"s" * 31)}
# What is said, the entry.
WRONG: list[tuple[str, Any]] = [
    ("is no dict", "key"),
    ("is no dict", None),
    ("has members that there are not: kid", entry(kid="x")),
    ("has no state", entry(state="active")),
    ("has no state", {"key": "x"}),
    ("has no state", entry(state=["signing"])),
    ("has an alg that is no text", entry(alg=1)),
    ("has no key", {"state": "signing"}),
    ("has no key", entry(key="")),
    ("has no key", entry(key=b"x")),
    ("is in a file that cannot be read", entry(key="/no/such/file.pem")),
    ("is in a file that cannot be read", entry(key="/")),
    ("is in a file that cannot be read", entry(key="a\x00b")),
    ("cannot be read", entry(key="-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")),
    ("cannot be read", entry(key="-----BEGIN ")),
    ("is no JSON", entry(key="{")),
    ("cannot be read", entry(key={})),
    ("cannot be read", entry(key={"kty": "EC", "crv": "P-256"})),
    ("is a JWK that is no JSON", entry(key={"kty": b"EC"})),
    ("is no private key", entry(key=ES256.as_pem(private=False).decode())),
    ("is no private key", entry(key=ES256.as_dict(private=False))),
    ("needs an alg that fits it (ES256)", entry(alg="RS256")),
    ("needs an alg that fits it (ES256)", entry(alg="none")),
    ("needs an alg that fits it (RS256 or PS256)", entry("RS256", alg=None)),
    ("needs an alg that fits it (RS256 or PS256)", entry("RS256", alg="HS256")),
    ("needs an alg that fits it (HS256)", entry("HS256", alg=None)),
    ("has fewer than 32 bytes", entry("HS256", key=SHORT)),
    (
        "has fewer than 2048 bits",
        entry(key=pem(WEAK), alg="RS256"),
    ),
    ("is of a kind that is not used", entry(key=pem(ec.generate_private_key(ec.SECP384R1())))),
    ("is of a kind that is not used", entry(key=pem(ec.generate_private_key(ec.SECP256K1())))),
    ("is of a kind that is not used", entry(key=pem(x25519.X25519PrivateKey.generate()))),
    ("cannot be read", entry(key=pem(dsa.generate_private_key(1024)))),
    ("cannot be read", entry(key=pem(ES256.private_key, BestAvailableEncryption(b"secret")))),
]


@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize(("said", "wrong"), WRONG)
def test_a_key_that_cannot_be_used_is_named_and_stops_no_other(said, wrong, settings):
    assert f"key 1 {said}" in problems(settings, wrong, entry("EdDSA"))
    assert key_ring().signing_key().algorithm == "EdDSA"


@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize(("said", "wrong"), WRONG)
def test_what_is_said_shows_no_key(said, wrong, settings):
    text = problems(settings, wrong)
    assert "BEGIN" not in text
    assert b64(b"s" * 31) not in text
    assert len(text) < 120


@pytest.mark.parametrize("wrong", [None, "key", {"key": 1}, 7])
def test_a_setting_that_is_no_list_has_no_keys(wrong, settings):
    settings.SESSIONS_HUB_JWT_KEYS = wrong
    assert key_ring().problems == ("it is no list",)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256", "PS256", "HS256"])
def test_a_key_may_be_pem_or_a_jwk_or_a_file_of_either(algorithm, settings, tmp_path):
    jwk = make_key(algorithm).as_dict(private=True)
    ways: list[Any] = [jwk, json.dumps(jwk)]
    (tmp_path / "key.json").write_text(json.dumps(jwk))
    ways += [tmp_path / "key.json", str(tmp_path / "key.json")]
    if algorithm != "HS256":
        text = make_key(algorithm).as_pem(private=True).decode()
        (tmp_path / "key.pem").write_text(text)
        ways += [text, "\n" + text, tmp_path / "key.pem"]
    for way in ways:
        assert problems(settings, entry(algorithm, key=way)) == ""
        ring = key_ring()
        assert ring.signing_key().kid == kid_of(algorithm)
        assert ring.signing_key(algorithm).algorithm == algorithm


def test_a_name_is_the_thumbprint_whatever_the_jwk_says(settings):
    """RFC 7638; a JWK whose public half is another key's is read by its private one."""
    other = make_key("EdDSA", 1).as_dict(private=False)
    jwk = {**make_key("EdDSA").as_dict(private=True), "x": other["x"], "kid": "mine", "use": "enc"}
    assert problems(settings, entry("EdDSA", key=jwk)) == ""
    assert key_ring().signing_key().kid == kid_of("EdDSA")


def test_a_replaced_file_counts(settings, tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(make_key("ES256").as_pem(private=True))
    assert problems(settings, entry(key=path)) == ""
    new = tmp_path / "new.pem"
    new.write_bytes(make_key("ES256", 1).as_pem(private=True))
    os.replace(new, path)
    assert key_ring().signing_key().kid == kid_of("ES256", 1)


def test_a_key_is_parsed_once(settings, monkeypatch):
    assert problems(settings, entry()) == ""
    monkeypatch.setattr("sessions_hub.credentials.jwt_keys.read_key", None)
    assert key_ring().signing_key()


class TestWhoSigns:
    @pytest.mark.parametrize("algorithm", [None, "ES256"])
    @pytest.mark.parametrize(
        "entries",
        [[], [entry(state="published")], [entry(state="retired")], [entry(), entry(which=1)]],
    )
    def test_not_exactly_one_is_nobody(self, algorithm, entries, settings):
        problems(settings, *entries)
        with pytest.raises(TokenizeUnavailable, match="SESSIONS_HUB_JWT_KEYS"):
            key_ring().signing_key(algorithm)

    def test_one_of_each_algorithm(self, settings):
        assert problems(settings, entry(), entry("EdDSA"), entry("PS256", state="retired")) == ""
        assert key_ring().signing_key("ES256").kid == kid_of("ES256")
        assert key_ring().signing_key("EdDSA").kid == kid_of("EdDSA")
        for ambiguous_or_none in (None, "PS256", "HS256"):
            with pytest.raises(TokenizeUnavailable):
                key_ring().signing_key(ambiguous_or_none)

    def test_two_of_one_algorithm_are_named(self, settings):
        assert problems(settings, entry(), entry(which=1)) == "more than one key signs ES256"

    def test_one_key_twice_is_named(self, settings):
        assert problems(settings, entry(), entry(state="retired")) == "key 2 stands twice"

    def test_a_secret_beside_public_keys_is_not_used(self, settings):
        """ASVS 9.1.2: symmetric and asymmetric are not mixed."""
        assert "HS256 does not go together" in problems(settings, entry("HS256"), entry())
        assert key_ring().signing_key().algorithm == "ES256"
        assert kid_of("HS256") not in key_ring().verification_keys()


class TestPublished:
    def test_every_state_is_published(self, settings):
        entries = (entry(state="published"), entry(which=1), entry("PS256", state="retired"))
        assert problems(settings, *entries) == ""
        assert [key["kid"] for key in key_ring().jwks()["keys"]] == [
            kid_of("ES256"),
            kid_of("ES256", 1),
            kid_of("PS256"),
        ]

    @pytest.mark.parametrize(
        ("algorithm", "members"),
        [
            ("ES256", {"crv", "x", "y"}),
            ("EdDSA", {"crv", "x"}),
            ("RS256", {"n", "e"}),
            ("PS256", {"n", "e"}),
        ],
    )
    @pytest.mark.parametrize("kind", ["pem", "jwk"])
    def test_nothing_but_public_members(self, algorithm, members, kind, settings):
        key: Any = entry(algorithm)
        if kind == "jwk":
            jwk = make_key(algorithm).as_dict(private=True)
            key["key"] = {**jwk, "x5c": ["AAAA"], "note": "private"}
        assert problems(settings, key) == ""
        (published,) = key_ring().jwks()["keys"]
        assert published.keys() == {"kty", "kid", "use", "alg", *members}
        assert not PRIVATE.intersection(published)
        assert published["alg"] == algorithm
        assert published["use"] == "sig"
        assert json.loads(json.dumps(published)) == published

    def test_a_secret_is_not_published(self, settings):
        assert problems(settings, entry("HS256")) == ""
        assert key_ring().jwks() == {"keys": []}


def test_a_key_shows_in_no_repr(settings):
    problems(settings, entry())
    shown = repr(key_ring())
    assert kid_of("ES256") in shown
    for secret in ("BEGIN", "Key object", str(make_key("ES256").as_dict(private=True)["d"])):
        assert secret not in shown


def test_a_key_shows_in_no_error_report(settings, rf, monkeypatch):
    """CWE-532: what fails while a key is read is reported without it, with DEBUG off."""
    import sys

    from django.views.debug import ExceptionReporter

    settings.DEBUG = False
    secret = "-----BEGIN PRIVATE KEY-----hush-hush" + datetime.now().isoformat()
    settings.SESSIONS_HUB_JWT_KEYS = [entry(key=secret)]
    monkeypatch.setattr("sessions_hub.credentials.jwt_keys.read_key", lambda text: 1 / 0)
    try:
        key_ring()
    except ZeroDivisionError:
        reporter = ExceptionReporter(rf.get("/"), *sys.exc_info())
    ours = [
        frame for frame in reporter.get_traceback_frames() if "jwt_keys" in str(frame["filename"])
    ]
    assert len(ours) >= 3
    assert "hush-hush" not in str([frame["vars"] for frame in ours])
