"""Which type a sign-in is by its proofs, and what further proofs make of it."""

from __future__ import annotations

import pytest

from sessions_hub.lifecycle.kinds import type_after, type_of_proofs
from sessions_hub.models import Method, SessionType
from sessions_hub.understanding.methods import MethodClaim


@pytest.mark.parametrize(
    ("methods", "kind"),
    [
        (["password"], "regular_login"),
        (["password", "totp"], "regular_login"),
        (["password", "code"], "regular_login"),
        (["passkey"], "regular_login"),
        (["unknown"], "regular_login"),
        ([], "regular_login"),
        (["magic_link"], "one_time_access"),
        (["code"], "one_time_access"),
        (["sms"], "one_time_access"),
        (["magic_link", "sms"], "one_time_access"),
        # More than the one-time code.
        (["magic_link", "totp"], "regular_login"),
        (["link_recovery"], "account_recovery"),
        (["code_recovery"], "account_recovery"),
        (["link_recovery", "totp"], "account_recovery"),
    ],
    ids=str,
)
def test_the_proofs_tell_the_type(methods, kind):
    assert type_of_proofs(methods) == kind


@pytest.mark.parametrize(
    ("kind", "before", "new", "is_sign_in", "after"),
    [
        pytest.param(
            "temporary", ["password"], ["totp"], False, "regular_login", id="second factor"
        ),
        pytest.param(
            "temporary", ["password"], ["code"], False, "regular_login", id="second step by mail"
        ),
        pytest.param(
            "temporary", ["password"], ["password"], True, "temporary", id="the password again"
        ),
        pytest.param(
            "temporary", ["password"], ["unknown"], True, "temporary", id="nobody knows what"
        ),
        pytest.param(
            "temporary", ["totp"], ["password"], True, "regular_login", id="fully proven"
        ),
        pytest.param(
            "one_time_access", ["magic_link"], ["totp"], False, "regular_login", id="more"
        ),
        pytest.param(
            "one_time_access", ["magic_link"], ["code"], False, "one_time_access", id="the like"
        ),
        pytest.param(
            "one_time_access", ["code"], ["unknown"], True, "one_time_access", id="not more"
        ),
        pytest.param(
            "account_recovery", ["link_recovery"], ["totp"], False, "account_recovery",
            id="a factor beside a recovery",
        ),
        pytest.param(
            "account_recovery", ["link_recovery"], ["password"], True, "regular_login",
            id="signed in after a recovery",
        ),
        pytest.param(
            "account_recovery", ["link_recovery"], ["link_recovery"], True, "account_recovery",
            id="recovered twice",
        ),
        pytest.param(
            "account_recovery", ["link_recovery"], ["magic_link"], True, "account_recovery",
            id="a link after a link",
        ),
        pytest.param(
            "credential_recovery", ["lookup_secret"], ["password"], True, "regular_login",
            id="signed in after a credential's recovery",
        ),
        pytest.param(
            "regular_login", ["password"], ["code"], False, "regular_login", id="regular stays"
        ),
        pytest.param(
            "impersonation", ["server"], ["password"], True, "impersonation", id="asked for"
        ),
        pytest.param("api_key", ["token"], ["password"], True, "api_key", id="a program"),
    ],
)  # fmt: skip
def test_further_proofs_change_what_was_waiting_for_them(kind, before, new, is_sign_in, after):
    claims = [MethodClaim(method=method) for method in new]
    assert type_after(kind, before, claims, is_sign_in=is_sign_in) == after


@pytest.mark.parametrize("kind", SessionType.values)
def test_no_proof_makes_a_session_more_than_regular(kind):
    for method in Method.values:
        after = type_after(kind, [], [MethodClaim(method=method)], is_sign_in=True)
        assert after in (kind, "regular_login")
