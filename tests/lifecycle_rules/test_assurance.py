"""Which methods make which level (NIST SP 800-63B-4 §2.1–2.3)."""

from __future__ import annotations

from itertools import combinations

import pytest

from sessions_hub.lifecycle.assurance import SECOND_FACTORS, level_of, level_of_all
from sessions_hub.models import AssuranceLevel, Method

KNOW = ["password"]
HAVE = ["totp", "lookup_secret", "webauthn", "sms", "deviceauthn"]
MULTI = ["passkey"]
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


def test_every_method_has_its_class():
    classes = [*KNOW, *HAVE, *MULTI, *NOTHING, *OTHER]
    assert sorted(classes) == sorted(Method.values)


class TestOneMethod:
    @pytest.mark.parametrize("method", [*KNOW, *HAVE, *OTHER])
    def test_a_single_factor_is_aal1(self, method):
        assert level_of(method) is level_of_all([method]) is AssuranceLevel.AAL1

    @pytest.mark.parametrize("method", MULTI)
    def test_a_multi_factor_authenticator_is_aal2(self, method):
        assert level_of(method) is level_of_all([method]) is AssuranceLevel.AAL2

    @pytest.mark.parametrize("method", [*NOTHING, "", "biometric", "PASSWORD", "security_question"])
    def test_nothing_proven_is_aal0(self, method):
        assert level_of(method) is level_of_all([method]) is AssuranceLevel.AAL0

    def test_no_method_is_aal0(self):
        assert level_of_all([]) is AssuranceLevel.AAL0


class TestTogether:
    @pytest.mark.parametrize("have", HAVE)
    def test_a_password_and_something_one_has_is_aal2(self, have):
        assert level_of_all(["password", have]) is AssuranceLevel.AAL2
        assert level_of_all([have, "password", have]) is AssuranceLevel.AAL2

    @pytest.mark.parametrize("pair", [*combinations(HAVE, 2)])
    def test_two_things_one_has_are_aal1(self, pair):
        assert level_of_all(pair) is AssuranceLevel.AAL1

    @pytest.mark.parametrize("other", OTHER)
    def test_a_password_and_a_code_or_link_by_mail_or_another_login_is_aal1(self, other):
        assert level_of_all(["password", other]) is AssuranceLevel.AAL1

    @pytest.mark.parametrize("have", HAVE)
    @pytest.mark.parametrize("other", OTHER)
    def test_something_one_has_needs_the_password(self, have, other):
        assert level_of_all([other, have]) is AssuranceLevel.AAL1

    def test_the_same_factor_twice_is_one_factor(self):
        assert level_of_all(["password", "password"]) is AssuranceLevel.AAL1

    @pytest.mark.parametrize("nothing", [*NOTHING, "security_question"])
    def test_nothing_adds_nothing(self, nothing):
        assert level_of_all(["password", nothing]) is AssuranceLevel.AAL1
        assert level_of_all(["password", "totp", nothing]) is AssuranceLevel.AAL2
        assert level_of_all([nothing, *NOTHING]) is AssuranceLevel.AAL0

    def test_no_combination_is_more_than_aal2(self):
        # The third level needs a key that cannot be exported, which nothing here attests.
        assert level_of_all(Method.values) is AssuranceLevel.AAL2

    @pytest.mark.parametrize("pair", [*combinations(Method.values, 2)])
    def test_one_more_method_never_lowers_the_level(self, pair):
        assert level_of_all(pair) >= max(map(level_of, pair))


def test_second_factors_are_what_one_has():
    assert sorted(SECOND_FACTORS) == sorted([*HAVE, *MULTI])
