"""A session as a token: what it says, how long, and who gets none."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import connections

from sessions_hub.credentials.jws import read_compact
from sessions_hub.credentials.jwt import atokenize, tokenize
from sessions_hub.credentials.jwt_claims import RESERVED
from sessions_hub.credentials.jwt_errors import (
    TokenizeRefused,
    TokenizeUnavailable,
    UnknownTemplate,
)
from sessions_hub.credentials.jwt_keys import key_ring
from sessions_hub.credentials.jwt_verify import SessionTokenVerifier
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Session
from tests.factories import NOW, make_method, make_session, make_user

from .conftest import entry
from .forging import AUDIENCE, ISSUER, kid_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("site")]

SAYINGS = "tests.credentials.sayings"
NOW_SECONDS = int(NOW.timestamp())


@pytest.fixture
def session() -> Session:
    return make_session(make_user(email="ada@example.com"), assurance_level=1)


def claims_of(session: Any, now=NOW, **options: Any) -> dict[str, Any]:
    token = tokenize(session, "orders", now=now, **options)
    algorithm = read_compact(token).header["alg"]
    verifier = SessionTokenVerifier(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=key_ring().verification_keys(),
        algorithms=[algorithm],
    )
    return dict(verifier.verify(token, now=now).claims)


def refusal(session: Session, now=NOW) -> str:
    with pytest.raises(TokenizeRefused) as raised:
        tokenize(session, "orders", now=now)
    return raised.value.code


class TestClaims:
    def test_only_these(self, session):
        make_method(session)
        claims = claims_of(session)
        UUID(claims.pop("jti"))
        assert claims == {
            "iss": ISSUER,
            "sub": str(session.user.pk),
            "aud": AUDIENCE,
            "exp": NOW_SECONDS + 300,
            "nbf": NOW_SECONDS,
            "iat": NOW_SECONDS,
            "sid": str(session.pk),
            "auth_time": NOW_SECONDS - 60,
            "acr": "aal1",
            "amr": ["pwd"],
        }

    def test_no_two_have_one_id(self, session):
        assert len({claims_of(session)["jti"] for _ in range(50)}) == 50

    def test_the_header_says_what_it_is(self, session):
        header = read_compact(tokenize(session, "orders", now=NOW)).header
        assert header == {"alg": "ES256", "typ": "session+jwt", "kid": kid_of("ES256")}

    @pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256", "PS256", "HS256"])
    def test_each_algorithm_signs(self, algorithm, session, site):
        site(entry(algorithm))
        assert claims_of(session)["sid"] == str(session.pk)

    def test_a_template_may_choose_among_keys(self, session, site):
        site(entry(), entry("EdDSA"), alg="EdDSA")
        assert read_compact(tokenize(session, "orders", now=NOW)).header["alg"] == "EdDSA"

    def test_several_audiences(self, session, site):
        site(audience=[AUDIENCE, "https://two.example.com"])
        assert claims_of(session)["aud"] == [AUDIENCE, "https://two.example.com"]

    def test_a_removed_factor_is_not_named(self, session):
        make_method(session, revoked_at=NOW)
        make_method(session, "totp")
        assert claims_of(session)["amr"] == ["otp"]

    def test_two_factors_are_named_as_such(self, session):
        Session.objects.filter(pk=session.pk).update(assurance_level=2)
        make_method(session)
        make_method(session, "totp")
        claims = claims_of(session)
        assert (claims["acr"], claims["amr"]) == ("aal2", ["pwd", "otp", "mfa"])

    @pytest.mark.parametrize(("judged", "said"), [(None, "aal2"), (1, "aal1"), (3, "aal2")])
    def test_a_judged_level_only_lowers(self, judged, said, session):
        Session.objects.filter(pk=session.pk).update(assurance_level=2)
        claims = claims_of(session, level=judged)
        assert claims["acr"] == said
        assert ("mfa" in claims["amr"]) == (said == "aal2")

    def test_the_scopes_of_a_limited_session_go_along(self, session):
        Session.objects.filter(pk=session.pk).update(scopes=["orders:read", "devices:read"])
        assert claims_of(session)["scope"] == "orders:read devices:read"

    def test_a_templates_own_claims(self, session, site):
        site(claims=f"{SAYINGS}.roles")
        claims = claims_of(session)
        assert claims["roles"] == ["buyer"]
        assert claims["name"] == "ada"

    def test_nothing_personal_unless_asked_for(self, session):
        # The user's key may be their name, and is what the token is about.
        text = json.dumps({**claims_of(session), "sub": ""})
        # As a word: ids are hexadecimal.
        assert not re.search(r"\bada\b", text)
        assert "@" not in text

    @pytest.mark.parametrize(
        "function",
        [
            "nothing",
            "numbers",
            "not_a_number",
            "no_json",
            "endless",
            "long",
            "half_a_pair",
            "one_name_twice",
            "deep",
            "fails",
            "another_user",
        ],
    )
    def test_a_function_that_says_nonsense_makes_no_token(self, function, session, site):
        site(claims=f"{SAYINGS}.{function}")
        with pytest.raises(TokenizeUnavailable) as raised:
            tokenize(session, "orders", now=NOW)
        assert "example.com" not in str(raised.value)

    @pytest.mark.parametrize("name", sorted(RESERVED))
    def test_no_registered_claim_can_be_overridden(self, name, session, site, monkeypatch):
        monkeypatch.setattr(f"{SAYINGS}.another_user", lambda session, user: {name: "1"})
        site(claims=f"{SAYINGS}.another_user")
        with pytest.raises(TokenizeUnavailable, match=f"may not say: {name}"):
            tokenize(session, "orders", now=NOW)


class TestLifetime:
    @pytest.mark.parametrize(
        ("columns", "seconds"),
        [
            ({}, 300),
            ({"expires_at": timedelta(seconds=100)}, 100),
            ({"idle_expires_at": timedelta(seconds=90)}, 90),
            ({"expires_at": timedelta(seconds=301)}, 300),
            # NOW has a fraction: the second in which the session ends is not begun.
            ({"idle_expires_at": timedelta(seconds=10.8)}, 10),
            ({"idle_expires_at": timedelta(seconds=1)}, 1),
        ],
    )
    def test_it_never_outlives_its_session(self, columns, seconds, session):
        columns = {name: NOW + value for name, value in columns.items()}
        if "expires_at" in columns:
            columns["idle_expires_at"] = columns["expires_at"]
        Session.objects.filter(pk=session.pk).update(**columns)
        session.refresh_from_db()
        expires = claims_of(session)["exp"]
        assert expires == NOW_SECONDS + seconds
        assert expires <= session.expires_at.timestamp()
        assert expires <= session.idle_expires_at.timestamp()

    def test_a_session_about_to_end_gets_none(self, session):
        Session.objects.filter(pk=session.pk).update(idle_expires_at=NOW + timedelta(seconds=0.5))
        assert refusal(session) == "ended"


class TestWhoGetsNone:
    @pytest.mark.parametrize(
        ("code", "columns"),
        [
            ("ended", {"ended_at": NOW, "end_reason": "signed_out"}),
            ("ended", {"expires_at": NOW}),
            ("ended", {"idle_expires_at": NOW}),
            ("ended", {"user": None}),
            ("proof_required", {"proof_required_at": NOW}),
            ("temporary", {"session_type": "temporary"}),
            ("audience", {"audience": "https://other.example.com"}),
            # Nobody knows any more who acts.
            ("impersonation", {"session_type": "impersonation"}),
        ],
    )
    def test_as_the_row_is_now(self, code, columns, session):
        """The session in hand is from before: ASVS 7.4.1."""
        Session.objects.filter(pk=session.pk).update(**columns)
        assert refusal(session) == code

    def test_a_disabled_user(self, session):
        type(session.user).objects.filter(pk=session.user.pk).update(is_active=False)
        assert refusal(session) == "ended"

    def test_a_session_without_a_row(self, session):
        Session.objects.all().delete()
        assert refusal(session) == "ended"

    def test_a_session_for_this_audience_gets_one(self, session, site):
        Session.objects.filter(pk=session.pk).update(audience=AUDIENCE)
        assert claims_of(session)
        site(audience=[AUDIENCE, "https://two.example.com"])
        assert refusal(session) == "audience"

    def test_a_proof_that_is_not_enforced_is_not_waited_for(self, session, settings):
        settings.SESSIONS_HUB_ENFORCE = False
        Session.objects.filter(pk=session.pk).update(proof_required_at=NOW)
        assert claims_of(session)


class TestImpersonation:
    @pytest.fixture
    def own(self) -> Session:
        return make_session(make_user("grace"))

    @pytest.fixture
    def acting(self, session, own) -> Session:
        return make_session(
            session.user,
            session_type="impersonation",
            impersonator=own.user,
            impersonator_session_id=own.pk,
        )

    def test_says_who_acts(self, acting, own):
        claims = claims_of(acting)
        assert claims["act"] == {"sub": str(own.user.pk)}
        assert claims["sub"] == str(acting.user.pk)
        assert (claims["acr"], claims["amr"]) == ("aal0", [])

    def test_a_template_may_forbid_it(self, acting, session, site):
        site(impersonation=False)
        assert refusal(acting) == "impersonation"
        assert claims_of(session)

    def test_does_not_outlive_the_impersonators_own_session(self, acting, own):
        Session.objects.filter(pk=own.pk).update(idle_expires_at=NOW + timedelta(seconds=20))
        assert claims_of(acting)["exp"] == NOW_SECONDS + 20

    def test_is_over_with_the_impersonators_own_session(self, acting, own):
        Session.objects.filter(pk=own.pk).update(ended_at=NOW, end_reason="signed_out")
        assert refusal(acting) == "ended"
        Session.objects.filter(pk=own.pk).delete()
        assert refusal(acting) == "ended"


class TestUnavailable:
    def test_an_unknown_template(self, session):
        for name in ("", "Orders", "__class__", "x" * 1000, "\x00"):
            with pytest.raises(UnknownTemplate):
                tokenize(session, name, now=NOW)

    def test_no_key_no_issuer_no_sense(self, session, site, settings):
        site(entry(state="retired"))
        with pytest.raises(TokenizeUnavailable, match="no key signs"):
            tokenize(session, "orders", now=NOW)
        site().SESSIONS_HUB_JWT_ISSUER = None
        with pytest.raises(TokenizeUnavailable, match="ISSUER"):
            tokenize(session, "orders", now=NOW)
        site().SESSIONS_HUB_JWT_ISSUER = 7
        with pytest.raises(TokenizeUnavailable, match="wrong type"):
            tokenize(session, "orders", now=NOW)
        site(ttl=timedelta(days=2))
        with pytest.raises(TokenizeUnavailable, match="ttl"):
            tokenize(session, "orders", now=NOW)
        settings.SESSIONS_HUB_TOKENIZE_TEMPLATES = ["orders"]
        with pytest.raises(TokenizeUnavailable, match="no dict"):
            tokenize(session, "orders", now=NOW)


def test_it_costs_two_selects(session, django_assert_num_queries):
    make_method(session)
    with django_assert_num_queries(2, connection=connections[database()]):
        tokenize(session, "orders", now=NOW)


def test_a_session_that_is_not_there_is_none():
    with pytest.raises(TokenizeRefused):
        tokenize(SimpleNamespace(pk=uuid4()), "orders", now=NOW)


def test_the_async_twin(session):
    assert async_to_sync(atokenize)(session, "orders", now=NOW).count(".") == 2
