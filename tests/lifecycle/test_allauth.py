"""django-allauth's second factors, on a site of their own: tests/allauth_site.py."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.programs import facts_of

NEEDED = ("allauth", "fido2")
MISSING = [name for name in NEEDED if find_spec(name) is None]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"needs django-allauth[mfa]: no {', '.join(MISSING)}"
)


@pytest.fixture(scope="module")
def facts() -> dict:
    return facts_of("tests.allauth_site")


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("available with a password", [1, ["password"]]),
        ("available with all", [2, ["lookup_secret", "password", "totp"]]),
        ("before the second factor", ""),
        ("after it", "ada"),
        (
            "signed in by allauth",
            {
                "level": 2,
                "proofs": [
                    ["password", "", None, None],
                    ["totp", "allauth:mfa.authenticator/1", None, None],
                ],
            },
        ),
        ("signed in by a password", 1),
        ("choices", ["allauth:mfa.authenticator/1", "allauth:mfa.authenticator/2"]),
        ("wrong code", 200),
        ("used code", 200),
        ("right code", 302),
        (
            "proven by a code",
            {
                "level": 2,
                "proofs": [
                    ["password", "", None, None],
                    ["totp", "allauth:mfa.authenticator/1", None, None],
                ],
            },
        ),
        ("backup code", 302),
        ("used backup code", 200),
        ("proven by a backup code", 2),
        # The backup code still stands beside the password, until it goes as well.
        ("after the app was removed", 2),
        ("after all were removed", {"level": 1, "proofs": [["password", "", None, None]]}),
        ("available with a bound key", [3, ["passkey", "password"]]),
        ("available with a synced key", [2, ["passkey", "password"]]),
        (
            "bound",
            {"level": 1, "proofs": [["webauthn", "allauth:mfa.authenticator/3", None, False]]},
        ),
        (
            "bound alone",
            {"level": 3, "proofs": [["passkey", "allauth:mfa.authenticator/3", True, False]]},
        ),
        (
            "synced",
            {"level": 1, "proofs": [["webauthn", "allauth:mfa.authenticator/4", None, True]]},
        ),
        (
            "synced alone",
            {"level": 2, "proofs": [["passkey", "allauth:mfa.authenticator/4", True, True]]},
        ),
        ("says nothing", ["ada", 1, "company", "4711", "", []]),
        ("says acr", ["ada", 2, "company", "4711", "urn:mfa", []]),
        ("says amr", ["ada", 2, "company", "4711", "", ["pwd", "mfa"]]),
        ("says nonsense", ["ada", 1, "company", "4711", "", []]),
        ("says no token", ["ada", 1, "company", "4711", "", []]),
    ],
)
def test_what_became_of(facts, what, expected):
    assert facts[what] == expected
