"""Removing a factor lowers the sessions it proved (NIST SP 800-63B-4 §5.1, SESS-09)."""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import FactorNotRevoked
from sessions_hub.lifecycle import revoke as revoke_module
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AssuranceLevel, AuthenticationMethod, Session
from tests.contract.browser import Browser

from .factors import proof, prove, row

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("account_site"),
]


@pytest.fixture
def strong(signed_in, device) -> Browser:
    """A session that is aal2 by the device, as a site's own page of django-otp makes it."""
    prove(signed_in, device)
    assert row().assurance_level == AssuranceLevel.AAL2
    return signed_in


class TestAtOnce:
    """By the signals of the removal, in whatever session."""

    def test_a_deleted_device_lowers_its_session(self, strong, device):
        before = row()
        device.delete()
        assert row().assurance_level == AssuranceLevel.AAL1
        assert proof().revoked_at is not None
        assert row().updated_at > before.updated_at
        assert row().ended_at is None
        assert strong.whoami() == "ada"

    def test_devices_deleted_by_a_query_lower_it_too(self, strong, user):
        TOTPDevice.objects.filter(user=user).delete()
        assert row().assurance_level == AssuranceLevel.AAL1

    def test_a_device_that_is_confirmed_no_longer_lowers_it(self, strong, device):
        device.confirmed = False
        device.save()
        assert row().assurance_level == AssuranceLevel.AAL1

    def test_a_device_that_is_saved_stays_good(self, strong, device):
        device.name = "old phone"
        device.save()
        assert row().assurance_level == AssuranceLevel.AAL2
        assert proof().revoked_at is None

    def test_another_device_takes_nothing(self, strong, user):
        TOTPDevice.objects.create(user=user, confirmed=True).delete()
        assert row().assurance_level == AssuranceLevel.AAL2

    def test_what_it_proved_is_not_told_any_longer(self, strong, device):
        device.delete()
        shown = strong.get("/api/sessions/current/").json()
        assert shown["assurance_level"] == "aal1"
        assert (shown["factors"], shown["amr"]) == (["password"], ["pwd"])
        assert [one["method"] for one in shown["authentication_methods"]] == ["password"]

    def test_a_page_that_needs_it_is_closed_on_the_next_request(self, strong, device):
        assert strong.get("/strong/").status_code == 200
        device.delete()
        assert strong.get("/strong/").status_code == 302

    def test_a_removal_that_is_rolled_back_lowers_nothing(self, strong, device):
        with transaction.atomic(using=database()):
            device.delete()
            transaction.set_rollback(True, using=database())
        assert row().assurance_level == AssuranceLevel.AAL2

    def test_security_4_a_removal_that_cannot_be_recorded_does_not_happen(
        self, strong, device, monkeypatch
    ):
        def fail(*args, **kwargs):
            raise OperationalError("locked")

        monkeypatch.setattr(revoke_module, "revoke_proofs", fail)
        with pytest.raises(FactorNotRevoked):
            device.delete()
        assert TOTPDevice.objects.exists()
        assert strong.get("/otp/?delete=1").status_code == 503
        assert row().assurance_level == AssuranceLevel.AAL2

    def test_deleting_the_user_deletes_devices_and_sessions(self, strong, user, device):
        user.delete()
        assert Session.objects.count() == TOTPDevice.objects.count() == 0

    def test_is_an_event(self, strong, device, caplog):
        caplog.set_level(logging.INFO, "sessions_hub")
        key = f"otp:{device.persistent_id}"
        device.delete()
        (record,) = [one for one in caplog.records if "factor.removed" in one.getMessage()]
        assert (record.session_id, record.factors, record.level) == (
            str(row().pk),
            [key],
            "aal1",
        )


class TestOnTheNextAnswer:
    """OTPMiddleware finds that the device is gone: no signal told of it."""

    @pytest.mark.parametrize("change", ["unconfirm", "delete"])
    def test_a_device_lost_unseen_lowers_the_session(self, strong, device, change):
        devices = TOTPDevice.objects.filter(pk=device.pk)
        if change == "unconfirm":
            devices.update(confirmed=False)
        else:
            devices._raw_delete(devices.db)
        assert row().assurance_level == AssuranceLevel.AAL2
        assert strong.whoami() == "ada"
        assert row().assurance_level == AssuranceLevel.AAL1
        assert proof().revoked_at is not None

    def test_an_answer_that_saves_nothing_leaves_it_to_the_next(self, strong, device):
        TOTPDevice.objects.update(confirmed=False)
        strong.get("/boom/")
        strong.whoami()
        assert row().assurance_level == AssuranceLevel.AAL1

    def test_the_device_counts_again_once_it_is_proven_again(self, strong, device):
        TOTPDevice.objects.update(confirmed=False)
        strong.whoami()
        TOTPDevice.objects.update(confirmed=True)
        prove(strong, device)
        assert row().assurance_level == AssuranceLevel.AAL2
        revoked = AuthenticationMethod.objects.filter(method="totp")
        assert sorted(one.revoked_at is None for one in revoked) == [False, True]

    def test_a_second_device_in_its_place_takes_nothing(self, strong, user):
        second = TOTPDevice.objects.create(user=user, confirmed=True)
        prove(strong, second)
        strong.whoami()
        proofs = AuthenticationMethod.objects.filter(method="totp")
        assert [one.revoked_at for one in proofs] == [None, None]

    def test_over_asgi(self, user, device):
        browser = Browser("async")
        browser.sign_in("ada")
        prove(browser, device)
        TOTPDevice.objects.update(confirmed=False)
        browser.whoami()
        assert row().assurance_level == AssuranceLevel.AAL1
