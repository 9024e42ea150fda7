"""Which proofs make which level (NIST SP 800-63B-4 §2.1–2.3, ASVS 6.3.6 and 6.8.4)."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.lifecycle.assurance import (
    SECOND_FACTORS,
    counts_towards,
    level_of,
    level_of_all,
)
from sessions_hub.models import AssuranceLevel, Method
from sessions_hub.understanding.methods import MethodClaim

KNOW = ["password"]
HAVE = ["totp", "lookup_secret", "webauthn", "passkey", "sms", "deviceauthn"]
KEYS = ["webauthn", "passkey"]
NOTHING = ["unknown", "anonymous"]
# One factor each, and never the second: mail is not out of band, and what an
# upstream or a program vouches for is one proof.
OTHER = [
    "oidc",
    "saml",
    "code",
    "link_recovery",
    "code_recovery",
    "magic_link",
    "token",
    "server",
    "remote_user",
]
COMPANY = {"company": {"acr": ["urn:company:mfa", ""], "amr": ["mfa", "hwk"]}}

claims = st.builds(
    MethodClaim,
    method=st.sampled_from([*Method.values, "biometric"]),
    provider=st.sampled_from(["", "company", "other"]),
    upstream_acr=st.sampled_from(["", "urn:company:mfa", "1"]),
    upstream_amr=st.sampled_from([(), ("mfa",), ("pwd",)]),
    user_verified=st.sampled_from([None, True, False]),
    backup_eligible=st.sampled_from([None, True, False]),
)


def claim(method: str, verified: bool | None = None, synced: bool | None = None, **values):
    return MethodClaim(method=method, user_verified=verified, backup_eligible=synced, **values)


def together(*methods: str) -> AssuranceLevel:
    return level_of_all([claim(method) for method in methods])


def test_every_method_has_its_class():
    assert sorted([*KNOW, *HAVE, *NOTHING, *OTHER]) == sorted(Method.values)


class TestOneMethod:
    @pytest.mark.parametrize("method", [*KNOW, *HAVE, *OTHER])
    def test_a_single_factor_is_aal1(self, method):
        assert level_of(claim(method)) is together(method) is AssuranceLevel.AAL1

    @pytest.mark.parametrize("method", [*NOTHING, "", "biometric", "PASSWORD", "security_question"])
    def test_nothing_proven_is_aal0(self, method):
        assert level_of(claim(method)) is together(method) is AssuranceLevel.AAL0

    def test_no_method_is_aal0(self):
        assert level_of_all([]) is AssuranceLevel.AAL0


@pytest.mark.parametrize("method", KEYS)
class TestKeysOfWebAuthn:
    @pytest.mark.parametrize(
        ("verified", "synced", "alone", "with_password"),
        [
            pytest.param(True, False, 3, 3, id="800-63B-4 §2.3.1: bound, user verified"),
            pytest.param(True, True, 2, 2, id="800-63B-4 §2.3.2: synced is at most aal2"),
            pytest.param(True, None, 2, 2, id="800-63B-4 §2.2.1: multi-factor, perhaps synced"),
            pytest.param(False, False, 1, 3, id="800-63B-4 §2.3.1: bound, with a password"),
            pytest.param(False, True, 1, 2, id="800-63B-4 §2.2.1: synced, with a password"),
            pytest.param(False, None, 1, 2, id="800-63B-4 §2.1.1: no user verification"),
            pytest.param(None, None, 1, 2, id="nobody told: the weaker"),
            pytest.param(None, False, 1, 3, id="nobody told of user verification"),
            pytest.param(None, True, 1, 2, id="nobody told, and synced"),
        ],
    )
    def test_their_flags_decide(self, method, verified, synced, alone, with_password):
        key = claim(method, verified, synced)
        assert level_of(key) == level_of_all([key]) == alone
        assert level_of_all([claim("password"), key]) == with_password

    def test_two_of_them_without_user_verification_are_aal1(self, method):
        assert level_of_all([claim(method, False, False), claim("webauthn", False, False)]) == 1

    @pytest.mark.parametrize("other", [*HAVE, *OTHER])
    def test_a_bound_one_needs_the_password_for_aal3(self, method, other):
        assert level_of_all([claim(method, False, False), claim(other)]) == 1


@pytest.mark.parametrize("method", sorted({*Method.values} - {*KEYS}))
def test_the_flags_of_another_method_say_nothing(method):
    assert level_of(claim(method, True, False)) == level_of(claim(method))
    both = level_of_all([claim("password"), claim(method, True, False)])
    assert both == together("password", method)


class TestTogether:
    @pytest.mark.parametrize("have", HAVE)
    def test_a_password_and_something_one_has_is_aal2(self, have):
        assert together("password", have) is AssuranceLevel.AAL2
        assert together(have, "password", have) is AssuranceLevel.AAL2

    @pytest.mark.parametrize("pair", [*combinations(HAVE, 2)])
    def test_two_things_one_has_are_aal1(self, pair):
        assert together(*pair) is AssuranceLevel.AAL1

    @pytest.mark.parametrize("other", OTHER)
    def test_a_password_and_a_code_or_link_by_mail_or_another_login_is_aal1(self, other):
        assert together("password", other) is AssuranceLevel.AAL1

    @pytest.mark.parametrize("have", HAVE)
    @pytest.mark.parametrize("other", OTHER)
    def test_something_one_has_needs_the_password(self, have, other):
        assert together(other, have) is AssuranceLevel.AAL1

    def test_the_same_factor_twice_is_one_factor(self):
        assert together("password", "password") is AssuranceLevel.AAL1

    @pytest.mark.parametrize("nothing", [*NOTHING, "security_question", "biometric"])
    def test_nothing_adds_nothing(self, nothing):
        assert together("password", nothing) is AssuranceLevel.AAL1
        assert together("password", "totp", nothing) is AssuranceLevel.AAL2
        assert together(nothing, *NOTHING) is AssuranceLevel.AAL0

    def test_no_combination_without_flags_is_more_than_aal2(self):
        assert together(*Method.values) is AssuranceLevel.AAL2


class TestFederated:
    @pytest.mark.parametrize("method", ["oidc", "saml"])
    @pytest.mark.parametrize(
        ("said", "level"),
        [
            pytest.param({}, 1, id="ASVS 6.8.4: nothing said is the minimum"),
            pytest.param({"upstream_acr": "urn:company:mfa"}, 2, id="its acr"),
            pytest.param({"upstream_amr": ("pwd", "mfa")}, 2, id="its amr"),
            pytest.param({"upstream_acr": "urn:company"}, 1, id="another acr"),
            pytest.param({"upstream_acr": "mfa"}, 1, id="an acr that is an amr"),
            pytest.param({"upstream_amr": ("urn:company:mfa",)}, 1, id="an amr that is an acr"),
            pytest.param({"upstream_amr": ("pwd", "")}, 1, id="another amr"),
            pytest.param({"upstream_acr": ""}, 1, id="an empty acr never matches"),
            pytest.param({"upstream_amr": "mfa"}, 1, id="a text is no list"),
            pytest.param({"upstream_amr": None}, 1, id="no list"),
        ],
    )
    def test_what_the_provider_says_counts_where_the_site_says_so(self, method, said, level):
        proof = claim(method, provider="company", **said)
        assert level_of(proof, COMPANY) == level_of_all([proof], COMPANY) == level
        assert level_of(proof) == 1

    @pytest.mark.parametrize("upstream", [["company"], "company", None])
    def test_a_setting_that_is_no_mapping_raises_nobody(self, upstream):
        proof = claim("oidc", provider="company", upstream_amr=("mfa",))
        assert level_of(proof, upstream) == 1

    @pytest.mark.parametrize("provider", ["", "other", "Company"])
    def test_another_provider_saying_it_does_not_count(self, provider):
        proof = claim("oidc", provider=provider, upstream_amr=("mfa",))
        assert level_of(proof, {**COMPANY, "": {"amr": ["mfa"]}}) == 1

    @pytest.mark.parametrize("method", sorted({*Method.values} - {"oidc", "saml"}))
    def test_only_a_federated_sign_in_is_vouched_for(self, method):
        proof = claim(method, provider="company", upstream_amr=("mfa",))
        assert level_of(proof, COMPANY) == level_of(claim(method))

    @pytest.mark.parametrize("meant", [None, "mfa", ["mfa"], {"amr": "mfa"}, {"amr": [["mfa"]]}])
    def test_a_wrong_setting_raises_nobody(self, meant):
        proof = claim("oidc", provider="company", upstream_amr=("m", "mfa"))
        assert level_of(proof, {"company": meant}) == 1


class TestWhatCounts:
    @pytest.mark.parametrize(
        ("proof", "levels"),
        [
            (claim("password"), {0, 1, 2, 3}),
            (claim("totp"), {0, 1, 2}),
            (claim("webauthn"), {0, 1, 2}),
            (claim("webauthn", False, False), {0, 1, 2, 3}),
            (claim("passkey", True, True), {0, 1, 2}),
            (claim("passkey", True, False), {0, 1, 2, 3}),
            (claim("code"), {0, 1}),
            (claim("oidc"), {0, 1}),
            (claim("oidc", provider="company", upstream_amr=("mfa",)), {0, 1, 2}),
            (claim("unknown"), set()),
            (claim("biometric"), set()),
        ],
    )
    def test_towards_which_levels(self, proof, levels):
        assert {level for level in range(4) if counts_towards(proof, level, COMPANY)} == levels


@given(st.lists(claims, max_size=5), claims)
def test_sess_09_one_more_proof_never_lowers_and_one_less_never_raises(proofs, more):
    before, after = level_of_all(proofs, COMPANY), level_of_all([*proofs, more], COMPANY)
    assert before <= after
    assert after >= level_of(more, COMPANY)


@given(st.lists(claims, max_size=5))
def test_a_level_is_made_up_by_proofs_that_count_towards_it(proofs):
    level = level_of_all(proofs, COMPANY)
    counting = [proof for proof in proofs if counts_towards(proof, level, COMPANY)]
    assert level_of_all(counting, COMPANY) == level


@given(st.lists(claims, max_size=5))
def test_what_nobody_told_is_never_the_stronger(proofs):
    silent = [MethodClaim(method=proof.method) for proof in proofs]
    assert level_of_all(silent) <= level_of_all(proofs, COMPANY)


def test_second_factors_are_what_one_has():
    assert sorted(SECOND_FACTORS) == sorted(HAVE)
