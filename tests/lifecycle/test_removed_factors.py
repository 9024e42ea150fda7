"""Removing a factor lowers the sessions it proved (NIST SP 800-63B-4 §5.1, SESS-09)."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.db import DatabaseError, OperationalError, transaction
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_hub.lifecycle import (
    FactorNotRevoked,
    MethodClaim,
    end_session,
    revoke_factor,
    start_session,
)
from sessions_hub.lifecycle import revoke as revoke_module
from sessions_hub.lifecycle.assurance import level_of_all
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.step_up import add_proofs
from sessions_hub.models import AssuranceLevel, AuthenticationMethod, EndReason, Session
from tests.contract.browser import Browser
from tests.lifecycle.stores import cookie_of, with_cookie

from .threads import at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

FACTOR = "otp:otp_totp.totpdevice/7"


@pytest.fixture(autouse=True)
def site(settings):
    settings.ROOT_URLCONF = "tests.account.site"


@pytest.fixture
def device(user) -> TOTPDevice:
    return TOTPDevice.objects.create(user=user, name="phone", confirmed=True)


@pytest.fixture
def strong(signed_in, device) -> Browser:
    """A session that is aal2 by the device, as a site's own page of django-otp makes it."""
    prove(signed_in, device)
    assert row().assurance_level == AssuranceLevel.AAL2
    return signed_in


def prove(browser: Browser, device: TOTPDevice) -> None:
    browser.get(f"/otp/?device={device.pk}")


def row() -> Session:
    return Session.objects.get()


def proof(method: str = "totp") -> AuthenticationMethod:
    return AuthenticationMethod.objects.get(method=method)


def add(session: Session, *claims: MethodClaim) -> bool:
    now = timezone.now()
    return add_proofs(session.pk, claims, age=timedelta(days=1), proven_at=now, now=now)


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
        (record,) = [one for one in caplog.records if "factor_removed" in one.getMessage()]
        assert (record.session_id, record.factors, record.level) == (str(row().pk), [key], 1)


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


class TestRevokeFactor:
    def test_takes_all_live_sessions_of_the_user_and_no_other(self, user, make_user):
        claims = MethodClaim(method="password"), MethodClaim(method="totp", factor=FACTOR)
        bob = make_user("bob")
        mine, ended, theirs = start_session(user), start_session(user), start_session(bob)
        also = start_session(user)
        for session in (mine, ended, theirs, also):
            add(session, *claims)
        end_session(ended, reason=EndReason.SIGNED_OUT)
        now = timezone.now()
        assert revoke_factor(user, FACTOR, now=now) == 2
        levels = {one.pk: one.assurance_level for one in Session.objects.all()}
        assert (levels[mine.pk], levels[also.pk]) == (1, 1)
        assert (levels[ended.pk], levels[theirs.pk]) == (2, 2)
        # Once only, and its first time stays.
        assert revoke_factor(user.pk, FACTOR, now=now + timedelta(hours=1)) == 0
        revoked = AuthenticationMethod.objects.exclude(revoked_at=None)
        assert {(one.session_id, one.revoked_at) for one in revoked} == {
            (mine.pk, now),
            (also.pk, now),
        }

    def test_never_raises_a_level(self, user):
        session = start_session(user, method="password")
        add(session, MethodClaim(method="totp", factor=FACTOR))
        add(session, MethodClaim(method="sms", factor="other"))
        Session.objects.update(assurance_level=1)
        revoke_factor(user, FACTOR, now=timezone.now())
        assert row().assurance_level == AssuranceLevel.AAL1

    def test_leaves_a_level_that_others_give(self, user):
        session = start_session(user, method="password")
        add(session, MethodClaim(method="totp", factor=FACTOR))
        add(session, MethodClaim(method="sms", factor="other"))
        assert revoke_factor(user, FACTOR, now=timezone.now()) == 1
        assert row().assurance_level == AssuranceLevel.AAL2

    def test_of_the_only_proof_leaves_aal0(self, user):
        start_session(user, method=MethodClaim(method="passkey", factor="key"))
        assert revoke_factor(user, "key", now=timezone.now()) == 1
        assert row().assurance_level == AssuranceLevel.AAL0
        # How the session came about stays true.
        assert row().ended_at is None

    def test_a_revoked_proof_does_not_come_back_with_the_next(self, user):
        session = start_session(user, method="password")
        add(session, MethodClaim(method="totp", factor=FACTOR))
        revoke_factor(user, FACTOR, now=timezone.now())
        add(session, MethodClaim(method="code"))
        assert row().assurance_level == AssuranceLevel.AAL1
        assert row().ended_at is None

    def test_a_factor_nobody_proved_takes_nothing(self, user):
        start_session(user)
        assert revoke_factor(user, "otp:nothing/1", now=timezone.now()) == 0
        assert revoke_factor(user, "x" * 999, now=timezone.now()) == 0

    def test_tells_when_it_could_not_be_stored(self, user, monkeypatch):
        session = start_session(user, method=MethodClaim(method="totp", factor=FACTOR))

        def fail(*args):
            raise DatabaseError("gone")

        monkeypatch.setattr(revoke_module.proofs, "level_with", fail)
        with pytest.raises(DatabaseError):
            revoke_factor(user, FACTOR, now=timezone.now())
        assert session.authentication_methods.get().revoked_at is None


@pytest.mark.locks
@pytest.mark.race
class TestRaces:
    def test_a_proof_added_at_the_same_time_does_not_bring_the_removed_one_back(
        self, user, race_rounds
    ):
        for _ in range(race_rounds):
            session = start_session(user, method="password")
            add(session, MethodClaim(method="totp", factor=FACTOR))
            at_once(
                lambda: revoke_factor(user, FACTOR, now=timezone.now()),
                lambda session=session: add(session, MethodClaim(method="code")),
            )
            session.refresh_from_db()
            assert session.assurance_level == AssuranceLevel.AAL1

    def test_two_removals_leave_what_the_rest_gives(self, user, race_rounds):
        for _ in range(race_rounds):
            session = start_session(user, method="password")
            add(session, MethodClaim(method="totp", factor=FACTOR))
            add(session, MethodClaim(method="sms", factor="phone"))
            at_once(
                lambda: revoke_factor(user, FACTOR, now=timezone.now()),
                lambda: revoke_factor(user, "phone", now=timezone.now()),
            )
            session.refresh_from_db()
            assert session.assurance_level == AssuranceLevel.AAL1


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


class TestWhereItIsShown:
    """A proof that counts no longer is told by nothing but the pages of the proofs themselves."""

    @pytest.fixture(autouse=True)
    def removed(self, user, make_user):
        session = start_session(user, method="password")
        add(session, MethodClaim(method="totp", factor=FACTOR))
        revoke_factor(user, FACTOR, now=timezone.now())
        self.session = session

    def test_the_command_lists_what_stands(self):
        from django.core.management import call_command

        for method, count in (("password", 1), ("totp", 0)):
            out = StringIO()
            call_command("listsessions", method=method, format="json", stdout=out)
            listed = json.loads(out.getvalue())
            assert [one["method"] for one in listed] == ["password"] * count

    def test_the_admin_says_since_when_it_is_removed(self, make_user):
        staff = Client()
        staff.force_login(make_user("root", is_staff=True, is_superuser=True))
        page = staff.get(f"/admin/sessions_hub/authenticationmethod/{proof().pk}/change/")
        assert FACTOR in page.content.decode()
        listed = staff.get("/admin/sessions_hub/session/?user=&all=1").content.decode()
        assert "authenticator app" not in listed.partition("<tbody>")[2]
        shown = staff.get(f"/admin/sessions_hub/session/{self.session.pk}/change/")
        assert "removed" in shown.content.decode().lower()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.one_of(
            st.builds(
                MethodClaim,
                method=st.sampled_from(["password", "totp", "passkey", "code", "oidc"]),
                factor=st.sampled_from(["a", "b"]),
                user_verified=st.sampled_from([None, True]),
                backup_eligible=st.sampled_from([None, False]),
            ),
            st.sampled_from(["a", "b"]),
        ),
        max_size=6,
    )
)
def test_sess_09_a_level_is_what_its_standing_proofs_give_after_any_steps(user, steps):
    session = start_session(user, method="unknown")
    standing: list[MethodClaim] = []
    for step in steps:
        if isinstance(step, MethodClaim):
            add(session, step)
            standing.append(step)
        else:
            revoke_factor(user, step, now=timezone.now())
            standing = [claim for claim in standing if claim.factor != step]
        session.refresh_from_db()
        assert session.assurance_level == level_of_all(standing)
    end_session(session, reason=EndReason.SIGNED_OUT)
