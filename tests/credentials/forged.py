"""A corpus of forged and broken tokens.

Beside each stands what it is known from: a CVE, or what ASVS 5.0 or an RFC asks for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from .forging import (
    AUDIENCE,
    ISSUER,
    NOW_SECONDS,
    b64,
    changed,
    forge,
    good_claims,
    good_header,
    headed,
    kid_of,
    make_key,
    part,
)


def raw(claims: str) -> str:
    """Claims as JSON text: the good ones, with more put in front."""
    rest = json.dumps(good_claims()).removeprefix("{")
    return forge(claims=f"{{{claims},{rest}".encode())


def without(name: str, text: str) -> str:
    """Claims with one of them as JSON text of one's own."""
    rest = json.dumps(good_claims(**{name: ...})).removeprefix("{")
    return forge(claims=f'{{"{name}":{text},{rest}'.encode())


def none(spelling: str, signature: bytes = b"") -> str:
    return forge(good_header(alg=spelling), signature=signature)


def with_public_key_as_secret() -> str:
    secret = make_key("RS256").as_pem(private=False)
    message = f"{part(good_header('RS256', alg='HS256'))}.{part(good_claims())}"
    digest = hmac.new(secret, message.encode(), hashlib.sha256).digest()
    return f"{message}.{b64(digest)}"


def with_own_key() -> str:
    own = make_key("ES256", 9)
    return forge(good_header(jwk=own.as_dict(private=False)), key=own)


def respelled() -> str:
    """The same bytes, with other spare bits in the last letter of the signature."""
    token = forge()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 64 bytes end in a letter of which four bits are spare.
    return token[:-1] + letters[letters.index(token[-1]) + 1]


HEADER, CLAIMS, SIGNATURE = forge().split(".")
ORDER = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
DEEP = "[" * 2000 + "]" * 2000

# What it is known from, how it is refused, the token.
FORGED: list[tuple[str, str, Any]] = [
    # -- No signature, or not by the key (ASVS 9.1.1, 9.1.2) --------------------
    *(
        ("CVE-2015-9235 none", "algorithm", none(spelling))
        for spelling in ("none", "None", "NONE", "nOnE", "noNe", "NonE", "NoNe", "nONE")
    ),
    ("CVE-2015-9235 none, signed", "algorithm", none("none", b"x")),
    ("RFC 7515 §4.1.1 alg missing", "algorithm", headed(alg=...)),
    ("RFC 7515 §4.1.1 alg empty", "algorithm", headed(alg="")),
    ("RFC 7515 §4.1.1 alg null", "algorithm", headed(alg=None)),
    ("RFC 7515 §4.1.1 alg a list", "algorithm", headed(alg=["ES256"])),
    ("RFC 7515 §4.1.1 alg in small letters", "algorithm", headed(alg="es256")),
    ("RFC 7515 §4.1.1 alg with a space", "algorithm", headed(alg="ES256 ")),
    ("ASVS 9.1.1 alg of a longer hash", "algorithm", headed(alg="ES512")),
    ("ASVS 9.1.1 alg of encryption", "algorithm", headed(alg="dir")),
    ("CVE-2022-29217 public key as HMAC secret", "algorithm", with_public_key_as_secret()),
    ("CVE-2024-33663 alg of another key", "algorithm", headed(alg="EdDSA")),
    (
        "CVE-2026-48523 RS256 key used as PS256",
        "algorithm",
        headed(alg="PS256", kid=kid_of("RS256")),
    ),
    ("ASVS 9.1.1 signed by another key", "signature", forge(key=make_key("ES256", 9))),
    ("ASVS 9.1.1 signature empty", "signature", f"{HEADER}.{CLAIMS}."),
    ("ASVS 9.1.1 signature cut short", "signature", forge(signature=b"\x01" * 63)),
    ("ASVS 9.1.1 signature too long", "signature", forge(signature=b"\x01" * 65)),
    ("CVE-2022-21449 r = s = 0", "signature", forge(signature=bytes(64))),
    ("CVE-2022-21449 r = s = n", "signature", forge(signature=ORDER.to_bytes(32, "big") * 2)),
    ("CVE-2022-21449 r = 0", "signature", forge(signature=bytes(32) + b"\x01" * 32)),
    (
        "RFC 7518 §3.4 signature as DER",
        "signature",
        forge(signature=b"\x30\x06\x02\x01\x01\x02\x01\x01"),
    ),
    (
        "RFC 8032 §5.1.7 Ed25519, all zero",
        "signature",
        forge(algorithm="EdDSA", signature=bytes(64)),
    ),
    ("RFC 8017 §8.2.2 RSA, all zero", "signature", forge(algorithm="RS256", signature=bytes(256))),
    (
        "ASVS 9.1.1 claims of another token",
        "signature",
        f"{HEADER}.{part(good_claims(sub='1'))}.{SIGNATURE}",
    ),
    (
        "ASVS 9.1.1 header of another token",
        "signature",
        f"{part(good_header(note='x'))}.{CLAIMS}.{SIGNATURE}",
    ),
    # -- Keys of the sender's own (ASVS 9.1.3) ----------------------------------
    ("CVE-2018-0114 jwk in the header", "foreign_key", with_own_key()),
    ("CVE-2026-27962 jwk without a name", "foreign_key", headed(jwk={}, kid=...)),
    ("ASVS 9.1.3 jku", "foreign_key", headed(jku="https://evil.example/jwks.json")),
    ("ASVS 9.1.3 x5u", "foreign_key", headed(x5u="https://evil.example/cert.pem")),
    ("ASVS 9.1.3 x5c", "foreign_key", headed(x5c=["MIIB"])),
    ("ASVS 9.1.3 x5t", "foreign_key", headed(x5t="AAAA")),
    ("RFC 7515 §4.1.4 kid missing", "key_id", headed(kid=...)),
    ("RFC 7515 §4.1.4 kid empty", "key_id", headed(kid="")),
    ("RFC 7515 §4.1.4 kid null", "key_id", headed(kid=None)),
    ("RFC 7515 §4.1.4 kid a number", "key_id", headed(kid=0)),
    ("RFC 7515 §4.1.4 kid a list", "key_id", headed(kid=[kid_of("ES256")])),
    ("RFC 7515 §4.1.4 kid an object", "key_id", headed(kid={"a": 1})),
    ("ASVS 9.1.3 kid a path", "unknown_key", headed(kid="../../../../dev/null")),
    ("ASVS 9.1.3 kid SQL", "unknown_key", headed(kid="x' UNION SELECT 'secret")),
    ("ASVS 9.1.3 kid a command", "unknown_key", headed(kid="|cat /etc/passwd")),
    ("ASVS 9.1.3 kid with NUL", "unknown_key", headed(kid=kid_of("ES256") + "\x00")),
    ("ASVS 9.1.3 kid a dunder", "unknown_key", headed(kid="__class__")),
    ("ASVS 9.1.3 kid of no key, 2 KB", "unknown_key", headed(kid="k" * 2000)),
    # -- Extensions nobody understands ------------------------------------------
    ("CVE-2026-32597 crit unknown", "critical_header", headed(crit=["x"], x=1)),
    ("CVE-2025-59420 crit unknown, named twice", "critical_header", headed(crit=["x", "x"], x=1)),
    ("RFC 7515 §4.1.11 crit empty", "critical_header", headed(crit=[])),
    ("RFC 7515 §4.1.11 crit null", "critical_header", headed(crit=None)),
    ("RFC 7515 §4.1.11 crit of a registered name", "critical_header", headed(crit=["exp"])),
    ("RFC 7797 §6 b64", "critical_header", headed(b64=False, crit=["b64"])),
    ("RFC 7797 §6 b64 without crit", "critical_header", headed(b64=False)),
    # -- Another purpose (ASVS 9.2.2, RFC 8725 §3.11) ---------------------------
    ("ASVS 9.2.2 typ missing", "type", headed(typ=...)),
    ("ASVS 9.2.2 typ JWT", "type", headed(typ="JWT")),
    ("ASVS 9.2.2 typ of access tokens", "type", headed(typ="at+jwt")),
    ("ASVS 9.2.2 typ in capitals", "type", headed(typ="SESSION+JWT")),
    ("ASVS 9.2.2 typ with a space", "type", headed(typ="session+jwt ")),
    ("ASVS 9.2.2 typ a list", "type", headed(typ=["session+jwt"])),
    # -- Time (ASVS 9.2.1) ------------------------------------------------------
    ("ASVS 9.2.1 exp missing", "missing_claim", changed(exp=...)),
    ("ASVS 9.2.1 exp text", "claim_type", changed(exp=str(NOW_SECONDS + 300))),
    ("ASVS 9.2.1 exp float", "claim_type", changed(exp=NOW_SECONDS + 300.0)),
    ("ASVS 9.2.1 exp 1e400", "json", without("exp", "1e400")),
    ("ASVS 9.2.1 exp Infinity", "json", without("exp", "Infinity")),
    ("ASVS 9.2.1 exp NaN", "json", without("exp", "NaN")),
    ("ASVS 9.2.1 exp of 5000 digits", "json", without("exp", "9" * 5000)),
    ("ASVS 9.2.1 exp of 300 digits", "claim_type", without("exp", "9" * 300)),
    ("ASVS 9.2.1 exp after the year 9999", "claim_type", changed(exp=253402300800)),
    ("ASVS 9.2.1 exp true", "claim_type", changed(exp=True)),
    ("ASVS 9.2.1 exp null", "claim_type", changed(exp=None)),
    ("ASVS 9.2.1 exp a list", "claim_type", changed(exp=[NOW_SECONDS + 300])),
    ("ASVS 9.2.1 exp negative", "claim_type", changed(exp=-1)),
    ("ASVS 9.2.1 exp 0", "expired", changed(exp=0)),
    ("ASVS 9.2.1 expired", "expired", changed(exp=NOW_SECONDS - 30)),
    ("ASVS 9.2.1 nbf to come", "not_yet_valid", changed(nbf=NOW_SECONDS + 31)),
    ("ASVS 9.2.1 nbf text", "claim_type", changed(nbf="0")),
    ("ASVS 9.2.1 nbf missing", "missing_claim", changed(nbf=...)),
    ("ASVS 9.2.1 iat to come", "not_yet_valid", changed(iat=NOW_SECONDS + 31)),
    ("ASVS 9.2.1 iat false", "claim_type", changed(iat=False)),
    # -- For whom, by whom (ASVS 9.2.3, 9.2.4, 10.3.1) --------------------------
    ("ASVS 9.2.4 iss missing", "missing_claim", changed(iss=...)),
    ("ASVS 9.2.4 iss of another", "issuer", changed(iss="https://evil.example")),
    ("ASVS 9.2.4 iss with a slash more", "issuer", changed(iss=ISSUER + "/")),
    ("CVE-2024-53861 iss a part of ours", "issuer", changed(iss="https")),
    ("ASVS 9.2.4 iss a list", "claim_type", changed(iss=[ISSUER])),
    ("ASVS 9.2.3 aud missing", "missing_claim", changed(aud=...)),
    ("ASVS 9.2.3 aud of another", "audience", changed(aud="https://other.example.com")),
    ("ASVS 9.2.3 aud a part of ours", "audience", changed(aud=AUDIENCE[:-1])),
    ("ASVS 9.2.3 aud with ours in it", "audience", changed(aud=AUDIENCE + ".evil.example")),
    ("ASVS 9.2.3 aud of others", "audience", changed(aud=["a", "b"])),
    ("ASVS 9.2.3 aud an empty list", "claim_type", changed(aud=[])),
    ("ASVS 9.2.3 aud a list in a list", "claim_type", changed(aud=[[AUDIENCE]])),
    ("ASVS 9.2.3 aud an object", "claim_type", changed(aud={AUDIENCE: 1})),
    ("ASVS 9.2.3 aud null", "claim_type", changed(aud=None)),
    ("RFC 7519 §4.1.2 sub a number", "claim_type", changed(sub=7)),
    ("RFC 7519 §4.1.2 sub empty", "claim_type", changed(sub="")),
    ("RFC 7519 §4.1.2 sub missing", "missing_claim", changed(sub=...)),
    ("RFC 7519 §4.1.7 jti missing", "missing_claim", changed(jti=...)),
    ("ASVS 7.4.1 sid missing", "missing_claim", changed(sid=...)),
    ("ASVS 7.4.1 sid an object", "claim_type", changed(sid={"$ne": ""})),
    ("RFC 8176 amr a text", "claim_type", changed(amr="pwd")),
    ("RFC 8176 amr of numbers", "claim_type", changed(amr=[1])),
    ("RFC 8693 §4.1 act a text", "claim_type", changed(act="1")),
    ("RFC 8693 §4.1 act of nobody", "claim_type", changed(act={})),
    # -- Written in odd ways ----------------------------------------------------
    ("RFC 7515 §4 header member twice", "json", forge(b'{"alg":"none","alg":"ES256"}')),
    ("RFC 7519 §4 claim twice", "json", raw('"sub":"1"')),
    ("RFC 7519 §4 claim twice, escaped", "json", raw('"\\u0073ub":"1"')),
    ("RFC 7519 §4 claim twice, deeper", "json", raw('"x":{"a":1,"a":2}')),
    ("RFC 7519 §7.2 claims a list", "json", forge(claims=b"[]")),
    ("RFC 7519 §7.2 claims a text", "json", forge(claims=b'"x"')),
    ("RFC 7519 §7.2 claims null", "json", forge(claims=b"null")),
    ("RFC 7519 §7.2 header a list", "json", forge(b'["alg"]')),
    ("RFC 7519 §7.2 header no JSON", "json", forge(b"{alg:none}")),
    ("RFC 7519 §7.2 more behind the claims", "json", forge(claims=b"{} {}")),
    ("RFC 8259 §8.1 BOM before the claims", "json", forge(claims=b"\xef\xbb\xbf{}")),
    ("RFC 8259 §8.1 claims in UTF-16", "json", forge(claims='{"a":1}'.encode("utf-16"))),
    ("RFC 8259 §8.1 claims in Latin-1", "json", forge(claims=b'{"sub":"\xe9"}')),
    ("RFC 3629 §3 overlong letters", "json", forge(claims=b'{"sub":"\xc0\xaf"}')),
    ("RFC 8259 §8.2 half a pair", "json", without("sub", '"\\ud800"')),
    ("RFC 8259 §8.2 half a pair as a name", "json", raw('"\\udfff":1')),
    ("RFC 8259 §9 deep lists", "json", without("amr", DEEP)),
    ("RFC 8259 §9 deep objects", "json", raw('"x":' + '{"a":' * 900 + "1" + "}" * 900)),
    ("RFC 8259 §9 deep header", "json", forge(f'{{"alg":{DEEP}}}'.encode())),
    ("RFC 4648 §3.2 padding", "malformed", forge() + "=="),
    ("RFC 4648 §5 letters of plain base64", "malformed", forge() + "+/"),
    ("RFC 4648 §3.5 spare bits", "encoding", respelled()),
    ("RFC 4648 §3.5 a letter alone", "encoding", f"{HEADER}.{CLAIMS}.A"),
    ("RFC 4648 §3.5 spare bits in the header", "encoding", f"e31.{CLAIMS}.{SIGNATURE}"),
    ("RFC 7515 §7.1 a line after it", "malformed", forge() + "\n"),
    ("RFC 7515 §7.1 a space before it", "malformed", " " + forge()),
    ("RFC 7515 §7.1 a line in it", "malformed", f"{HEADER}.\r\n{CLAIMS}.{SIGNATURE}"),
    ("RFC 7515 §7.1 a BOM before it", "malformed", "\ufeff" + forge()),
    ("RFC 7515 §7.1 half a pair", "malformed", "\ud800" + forge()),
    ("RFC 7515 §7.1 NUL", "malformed", forge() + "\x00"),
    ("RFC 7515 §7.1 letters that look alike", "malformed", forge().replace("e", "\u0435", 1)),
    ("RFC 7515 §7.1 digits of another script", "malformed", forge() + "\u0663"),
    ("RFC 7515 §7.1 nothing", "malformed", ""),
    ("RFC 7515 §7.1 two dots", "malformed", ".."),
    ("RFC 7515 §7.1 one part", "malformed", HEADER),
    ("RFC 7515 §7.1 two parts", "malformed", f"{HEADER}.{CLAIMS}"),
    ("RFC 7515 §7.1 four parts", "malformed", forge() + ".x"),
    ("RFC 7516 §7.1 five parts", "malformed", f"{HEADER}..{CLAIMS}.x.{SIGNATURE}"),
    ("RFC 7797 §4 claims elsewhere", "malformed", f"{HEADER}..{SIGNATURE}"),
    ("RFC 7515 §7.2 as JSON", "malformed", '{"payload":"e30","signatures":[]}'),
    ("RFC 6750 with its scheme", "malformed", "Bearer " + forge()),
    ("CWE-400 1 MB", "too_large", "A" * 1_000_000),
    ("CWE-400 1 MB of dots", "too_large", "." * 1_000_000),
    ("CWE-400 1 MB of bytes", "too_large", b"A" * 1_000_000),
    ("CWE-400 a letter too many", "too_large", changed(x="x" * 8192)),
    ("CWE-20 None", "malformed", None),
    ("CWE-20 a number", "malformed", 7),
    ("CWE-20 a list", "malformed", [forge()]),
    ("CWE-20 bytes of no letters", "malformed", b"\xff.\xfe.\xfd"),
]
