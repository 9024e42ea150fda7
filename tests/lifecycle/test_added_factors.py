"""Adding a factor raises the session that it is proven in."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sessions_hub.lifecycle import MethodClaim, start_session
from sessions_hub.models import AssuranceLevel, Session
from tests.lifecycle.stores import cookie_of, with_cookie

from .factors import add, proof, prove, row

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("account_site"),
]


class TestAdding:
    """Adding a factor raises and changes the key (ASVS 7.2.4)."""

    def test_kills_the_cookie_from_before(self, engine, signed_in, device):
        stolen = cookie_of(signed_in)
        prove(signed_in, device)
        assert signed_in.whoami() == "ada"
        assert cookie_of(signed_in) != stolen
        assert with_cookie(stolen).whoami() is None
        assert signed_in.whoami() == "ada"

    def test_ends_a_demand_for_a_proof(self, signed_in, device, settings):
        settings.SESSIONS_HUB_PROOF_PATHS = ["/otp/"]
        Session.objects.update(proof_required_at=timezone.now())
        prove(signed_in, device)
        assert row().proof_required_at is None

    def test_a_proof_of_nothing_ends_no_demand(self, user):
        session = start_session(user)
        Session.objects.update(proof_required_at=timezone.now())
        add(session, MethodClaim(method="unknown"))
        assert row().proof_required_at is not None

    def test_is_stored_with_what_is_known_of_it(self, user):
        session = start_session(user)
        claim = MethodClaim(
            method="oidc",
            factor="f" * 300,
            provider="company",
            upstream_acr="a" * 300,
            upstream_amr=("mfa",),
            user_verified=True,
            backup_eligible=False,
        )
        add(session, claim)
        stored = proof("oidc")
        assert (stored.factor, stored.upstream_acr) == ("f" * 255, "a" * 255)
        assert stored.upstream_amr == ["mfa"]
        assert (stored.user_verified, stored.backup_eligible) == (True, False)

    def test_of_an_upstream_that_is_trusted_raises_to_aal2(self, user, settings):
        settings.SESSIONS_HUB_UPSTREAM_AAL2 = {"company": {"amr": ["mfa"]}}
        claim = MethodClaim(method="oidc", provider="company", upstream_amr=("mfa",))
        session = start_session(user, method=claim)
        assert session.assurance_level == AssuranceLevel.AAL2
        assert session.mfa_updated_at is not None
        assert proof("oidc").assurance_level == AssuranceLevel.AAL2
