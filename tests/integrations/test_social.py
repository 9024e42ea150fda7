"""Tokens of real sign-ins by both packages, on a site of their own: social_site.py."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.programs import facts_of

NEEDED = ("allauth", "fido2", "requests", "jwt", "social_django")
MISSING = [name for name in NEEDED if find_spec(name) is None]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"needs django-allauth and social-auth: no {', '.join(MISSING)}"
)


@pytest.fixture(scope="module")
def facts() -> dict:
    return facts_of("tests.integrations.social_site")


PASSWORD = ["password", True, "", "", "", "", "", "", False]
TOTP = ["totp", True, "", "", "", "", "", "", False]


def proof(provider: str, uid: str, *, stands: bool = True, sealed: bool = True) -> list:
    """A proof whose tokens are ciphertexts, or are not there."""
    start = "v1." if sealed else ""
    return ["oidc", stands, provider, uid, provider, "urn:mfa", start, start, sealed]


def read(provider: str, uid: str, number: int) -> list:
    """The tokens the provider gave at its sign-in of this number."""
    name = f"{provider}-s3cr3t"
    return [provider, uid, provider, f"{name}-access-{number}", f"{name}-refresh-{number}"]


@pytest.mark.parametrize(
    ("what", "user", "proofs", "tokens"),
    [
        ("new user", "company-user", [proof("company", "4711")], [read("company", "4711", 1)]),
        (
            "signed in again",
            "company-user",
            [proof("company", "4711")],
            [read("company", "4711", 2)],
        ),
        # Each session has the tokens of its own sign-in.
        (
            "the first one since",
            "company-user",
            [proof("company", "4711")],
            [read("company", "4711", 1)],
        ),
        (
            "after the second factor",
            "company-user",
            [proof("company", "4711"), TOTP],
            [read("company", "4711", 3)],
        ),
        # What is connected later holds tokens and proves nothing.
        (
            "connected",
            "grace",
            [PASSWORD, proof("other", "4711", stands=False)],
            [read("other", "4711", 2)],
        ),
        (
            "connected again",
            "grace",
            [PASSWORD, proof("other", "4711", stands=False)],
            [read("other", "4711", 3)],
        ),
        (
            "disconnected",
            "grace",
            [PASSWORD, proof("other", "4711", stands=False, sealed=False)],
            [],
        ),
        ("by social-auth", "oidc-user", [proof("oidc", "0815")], [read("oidc", "0815", 1)]),
        (
            "by social-auth, connected",
            "grace",
            [PASSWORD, proof("oidc", "0815", stands=False)],
            [read("oidc", "0815", 2)],
        ),
        ("by social-auth, disconnected", "oidc-user", [proof("oidc", "0815", sealed=False)], []),
        ("without keys", "company-user", [proof("company", "4711", sealed=False)], []),
        (
            "with a newer key",
            "company-user",
            [proof("company", "4711")],
            [read("company", "4711", 2)],
        ),
    ],
)
def test_tokens_lie_encrypted_in_the_row_of_that_very_session(facts, what, user, proofs, tokens):
    found = facts[what]
    names = {url: name for name, url in facts["urls"].items()}
    for row in (*found["proofs"], *found["read"]["tokens"]):
        for place, value in enumerate(row):
            row[place] = names.get(value, value) if isinstance(value, str) else value
    assert found["user"] == user
    assert found["proofs"] == proofs
    assert found["read"]["tokens"] == tokens
    # Whatever was connected, and whatever a provider has said since.
    assert found["level"] == 1


@pytest.mark.parametrize("what", ["before the second factor", "same address elsewhere"])
def test_nobody_is_signed_in_and_nothing_is_kept_of_it(facts, what):
    assert facts[what] == {"user": ""}


def test_without_keys_the_life_of_a_token_is_noted_and_not_the_token(facts):
    ((*_told, access, refresh, expires),) = facts["without keys by social-auth"]["proofs"]
    assert (access, refresh, expires) == ("", "", True)


def test_without_keys_only_a_step_that_the_site_has_put_there_warns(facts):
    assert facts["warned"] == 1


def test_no_table_of_the_site_and_no_log_line_at_debug_holds_a_token(facts):
    assert facts["given"] == 20
    assert facts["sealed"] == 4
    assert facts["dumped proofs"] == 11
    assert facts["hub lines"] > 10
    assert facts["in the clear"] == []
    assert facts["logged"] == []
