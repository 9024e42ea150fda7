"""revoke_factor() takes back what a factor proved, and what is left gives the level."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_hub.lifecycle import MethodClaim, end_session, revoke_factor, start_session
from sessions_hub.lifecycle import revoke as revoke_module
from sessions_hub.lifecycle.assurance import level_of_all
from sessions_hub.models import AssuranceLevel, AuthenticationMethod, EndReason, Session

from .factors import add, proof, row
from .threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("account_site"),
]

FACTOR = "otp:otp_totp.totpdevice/7"


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
