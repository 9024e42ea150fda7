"""Whoever acts as another user leaves authenticators of allauth as they are."""

from __future__ import annotations

from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

from sessions_hub.lifecycle import ImpersonationDenied
from sessions_hub.lifecycle.state import RequestState, serve
from sessions_hub.lifecycle.suspended import Suspended

from .soft_key import SoftKey

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def acting():
    """As if a request of an impersonation were being served."""
    state = RequestState()
    state.suspended = Suspended(uuid4(), uuid4(), 0, "")

    def begin():
        serve(state)

    yield begin
    serve(None)


@pytest.mark.parametrize("change", ["secret", "seed", "credential", "owner"])
def test_they_are_not_made_others(ada, bob, acting, change):
    rows = {
        "secret": TOTP.activate(ada, "JBSWY3DPEHPK3PXP").instance,
        "seed": RecoveryCodes.activate(ada).instance,
        "credential": SoftKey().register(ada),
    }
    row = rows.get(change, rows["credential"])
    before = Authenticator.objects.values().get(pk=row.pk)
    if change == "owner":
        row.user = bob
    else:
        row.data[change] = SoftKey().register(bob).data["credential"]
    acting()
    with pytest.raises(ImpersonationDenied):
        row.save()
    assert Authenticator.objects.values().get(pk=row.pk) == before


def test_none_is_added_or_removed(ada, acting):
    key = SoftKey().register(ada)
    acting()
    with pytest.raises(ImpersonationDenied):
        SoftKey().register(ada)
    with pytest.raises(ImpersonationDenied):
        key.delete()
    assert Authenticator.objects.get() == key


def test_they_can_be_used(ada, acting):
    """By whoever signs in over the impersonation."""
    key, codes = SoftKey().register(ada), RecoveryCodes.activate(ada)
    acting()
    key.wrap().name = "yellow"
    key.save()
    key.record_usage()
    assert codes.validate_code(codes.get_unused_codes()[0])
