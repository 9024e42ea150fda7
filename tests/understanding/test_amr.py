"""The `amr` strings of RFC 8176."""

from __future__ import annotations

import pytest

from sessions_hub.models import Method
from sessions_hub.understanding.amr import REGISTERED, amr_of
from sessions_hub.understanding.methods import MethodClaim


@pytest.mark.parametrize(
    ("proof", "strings"),
    [
        ({"method": "password"}, ["pwd"]),
        ({"method": "totp"}, ["otp"]),
        ({"method": "lookup_secret"}, ["otp"]),
        ({"method": "sms"}, ["otp", "sms"]),
        ({"method": "deviceauthn"}, ["hwk"]),
        ({"method": "webauthn"}, ["pop"]),
        ({"method": "webauthn", "backup_eligible": False}, ["hwk"]),
        ({"method": "webauthn", "backup_eligible": True}, ["swk"]),
        ({"method": "webauthn", "user_verified": True}, ["pop", "user"]),
        ({"method": "passkey", "backup_eligible": False}, ["hwk", "user"]),
        ({"method": "passkey", "backup_eligible": True}, ["swk", "user"]),
        ({"method": "passkey"}, ["pop", "user"]),
        ({"method": "magic_link"}, []),
        ({"method": "oidc", "upstream_amr": ("pwd", "urn:x", "fpt", "mfa", 7)}, ["pwd", "fpt"]),
        ({"method": "unknown"}, []),
        ({"method": "biometric"}, []),
    ],
)
def test_one_proof_has_its_strings(proof, strings):
    assert amr_of([MethodClaim(**proof)], multi_factor=False) == strings
    assert amr_of([MethodClaim(**proof)], multi_factor=True) == [*strings, "mfa"]


def test_several_proofs_give_each_string_once_in_order():
    proofs = [MethodClaim(method=method) for method in ("totp", "password", "lookup_secret")]
    assert amr_of(proofs, multi_factor=True) == ["otp", "pwd", "mfa"]


@pytest.mark.parametrize("method", Method.values)
@pytest.mark.parametrize("flag", [True, False, None])
def test_only_registered_strings_are_given(method, flag):
    proof = MethodClaim(method=method, user_verified=flag, backup_eligible=flag)
    assert REGISTERED.issuperset(amr_of([proof], multi_factor=True))


def test_no_list_from_upstream_is_none():
    proof = MethodClaim(method="oidc", upstream_amr=None)
    assert amr_of([proof], multi_factor=False) == []
