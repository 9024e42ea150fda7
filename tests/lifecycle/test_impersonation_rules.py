"""Who may act as whom (security requirements 66 and 69)."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.test import RequestFactory

from sessions_hub.lifecycle import ImpersonationDenied, start_impersonation
from sessions_hub.lifecycle.impersonation_rules import DENIALS, refusal
from sessions_hub.models import Session
from tests.contract.browser import Browser

from .impersonating import REASON, everything, impersonate, the_impersonation
from .stores import cookie_of

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("impersonation_site"),
]


def allow(request, actor, target):
    return True


def forbid(request, actor, target):
    return False


def explode(request, actor, target):
    raise RuntimeError("the policy is broken")


def only_by_post(request, actor, target):
    """Says what the site's function is told."""
    return (request.method, actor.get_username(), target.get_username()) == ("POST", "grace", "ada")


def path_of(policy) -> str:
    return f"{__name__}.{policy.__name__}"


class TestDenials:
    """What must be so, one by one; what is not leaves everything as it was."""

    @pytest.fixture
    def denied(self, grace):
        def check(code, name="ada", reason=REASON):
            rows, cookie = everything(), cookie_of(grace)
            response = impersonate(grace, name, reason)
            assert (response.status_code, response.json()["code"]) == (403, code)
            assert response.json()["text"] == str(DENIALS[code])
            assert everything() == rows
            assert cookie_of(grace) == cookie
            assert grace.whoami() == "grace"

        return check

    def test_by_post_alone(self, grace):
        rows = everything()
        for verb in ("get", "head", "put", "patch", "delete", "options"):
            call = getattr(grace.client, verb)
            response = call("/impersonate/?user=ada&reason=x", headers=grace.headers)
            assert response.status_code == 403
        assert grace.get("/impersonate/?user=ada").json()["code"] == "method"
        assert everything() == rows

    def test_not_without_the_permission(self, denied, staff):
        staff.user_permissions.clear()
        denied("permission")

    def test_not_with_another_permission(self, denied, staff):
        staff.user_permissions.set(Permission.objects.filter(codename="end_session"))
        denied("permission")

    def test_a_group_can_give_the_permission(self, grace, staff):
        staff.user_permissions.clear()
        group = Group.objects.create(name="support")
        group.permissions.add(Permission.objects.get(codename="impersonate_user"))
        staff.groups.add(group)
        assert impersonate(grace).status_code == 200

    def test_the_permission_is_enough_without_is_staff(self, grace, staff):
        type(staff).objects.filter(pk=staff.pk).update(is_staff=False)
        assert impersonate(grace).status_code == 200

    def test_not_oneself(self, denied):
        denied("self", "grace")

    def test_not_oneself_even_as_a_superuser(self, denied, staff):
        type(staff).objects.filter(pk=staff.pk).update(is_superuser=True)
        denied("self", "grace")

    def test_not_a_disabled_user(self, denied, user):
        type(user).objects.filter(pk=user.pk).update(is_active=False)
        denied("inactive")

    def test_not_a_user_who_is_not_there(self, denied):
        denied("target", "nobody")

    @pytest.mark.parametrize("rank", ["is_staff", "is_superuser"])
    def test_not_staff_nor_superusers(self, denied, user, rank):
        type(user).objects.filter(pk=user.pk).update(**{rank: True})
        denied("staff")

    @pytest.mark.parametrize("rank", ["is_staff", "is_superuser"])
    def test_staff_and_superusers_by_a_superuser(self, grace, staff, user, rank):
        type(staff).objects.filter(pk=staff.pk).update(is_superuser=True)
        type(user).objects.filter(pk=user.pk).update(**{rank: True})
        assert impersonate(grace).status_code == 200
        assert grace.whoami() == "ada"

    @pytest.mark.parametrize(
        "reason", ["", " ", "\n\t ", "x" * 256, "a\x00b"], ids=["none", "1", "2", "256", "NUL"]
    )
    def test_not_without_a_reason_that_can_be_stored(self, denied, reason):
        denied("reason", reason=reason)

    @pytest.mark.parametrize("reason", ["x", "x" * 255, " padded "])
    def test_a_reason_is_kept_as_given(self, grace, reason):
        assert impersonate(grace, reason=reason).status_code == 200
        assert the_impersonation().impersonation_reason == reason.strip()

    def test_not_from_within_another(self, grace, user, make_user):
        make_user("bob")
        user.user_permissions.add(Permission.objects.get(codename="impersonate_user"))
        assert impersonate(grace).status_code == 200
        response = impersonate(grace, "bob")
        assert (response.status_code, response.json()["code"]) == (403, "nested")
        assert grace.whoami() == "ada"
        assert Session.objects.filter(session_type="impersonation").count() == 1

    def test_not_without_a_session(self, grace):
        response = impersonate(Browser("sync"))
        assert (response.status_code, response.json()["code"]) == (403, "not_signed_in")

    def test_not_where_the_middleware_does_not_serve(self, grace, settings):
        hub = "sessions_hub.middleware.SessionsHubMiddleware"
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != hub]
        other = Browser("sync")
        other.client.cookies = grace.client.cookies
        assert impersonate(other).json()["code"] == "not_signed_in"

    def test_not_on_a_path_that_is_left_alone(self, grace, settings):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/impersonate/"]
        assert impersonate(grace).json()["code"] == "not_signed_in"

    @pytest.mark.parametrize("kind", ["temporary", "account_recovery", "credential_recovery"])
    def test_a_sign_in_that_lacks_something_still(self, grace, kind):
        own_rows = Session.objects.all()
        own_rows.update(session_type=kind)
        assert impersonate(grace).json()["code"] == "not_signed_in"
        assert own_rows.count() == 1

    def test_not_by_a_request_of_somebody_else(self, grace, user, staff):
        """A token's user in a browser where another one is signed in."""
        request = RequestFactory().post("/")
        request.user, request.session = AnonymousUser(), grace.client.session
        with pytest.raises(ImpersonationDenied) as raised:
            start_impersonation(request, user, REASON)
        assert raised.value.code == "not_signed_in"

    def test_not_a_user_no_backend_knows(self, denied, settings):
        from django.contrib.auth.backends import ModelBackend

        def get_user(self, user_id):
            user = original(self, user_id)
            return None if user is not None and user.get_username() == "ada" else user

        original = ModelBackend.get_user
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ModelBackend, "get_user", get_user)
            denied("backend")

    def test_not_with_a_permission_nobody_can_tell(self, denied, monkeypatch, caplog):
        from django.contrib.auth.backends import ModelBackend

        def fail(self, *args, **kwargs):
            raise RuntimeError("the directory is down")

        with monkeypatch.context() as patch:
            patch.setattr(ModelBackend, "has_perm", fail)
            denied("permission")
        assert "could not be told" in caplog.text

    def test_the_permission_is_looked_at_before_the_user(self, denied, staff):
        staff.user_permissions.clear()
        for name in ("ada", "grace", "nobody"):
            denied("permission", name)

    def test_a_disabled_actor_may_nothing(self, staff, user):
        staff.is_active = False
        assert refusal(staff, user) == "permission"
        assert refusal(AnonymousUser(), user) == "permission"
        assert refusal(None, user) == "permission"

    def test_a_denial_is_logged_with_both(self, grace, staff, user, caplog):
        with caplog.at_level(logging.WARNING, "sessions_hub"):
            impersonate(grace, reason="")
        (record,) = [one for one in caplog.records if "impersonation.denied" in one.getMessage()]
        assert record.getMessage() == (
            f"impersonation.denied user_id={user.pk} actor_id={staff.pk} reason=reason"
        )


class TestProof:
    """A fresh step-up (ASVS 7.5.3)."""

    @pytest.mark.parametrize(("age", "status"), [(899, 200), (900, 403), (901, 403)])
    def test_is_at_most_as_old_as_the_setting(self, clock, grace, age, status):
        clock.shift(age)
        response = impersonate(grace)
        assert response.status_code == status
        if status == 403:
            assert response.json()["code"] == "stale"
            assert grace.whoami() == "grace"

    def test_the_setting_is_followed(self, clock, grace, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE = timedelta(minutes=1)
        clock.shift(61)
        assert impersonate(grace).json()["code"] == "stale"

    def test_a_new_proof_makes_it_fresh(self, clock, grace):
        clock.shift(1000)
        assert impersonate(grace).json()["code"] == "stale"
        grace.sign_in("grace")
        assert impersonate(grace).status_code == 200

    def test_one_of_another_session_of_theirs_does_not_count(self, clock, grace):
        clock.shift(1000)
        Browser("sync").sign_in("grace")
        assert impersonate(grace).json()["code"] == "stale"

    def test_use_is_no_proof(self, clock, grace):
        for _ in range(20):
            clock.shift(60)
            grace.whoami()
        assert impersonate(grace).json()["code"] == "stale"


class TestPolicy:
    @pytest.mark.parametrize("policy", [allow, only_by_post])
    def test_can_let_it_be(self, grace, settings, policy):
        settings.SESSIONS_HUB_IMPERSONATION_POLICY = path_of(policy)
        assert impersonate(grace).status_code == 200

    @pytest.mark.parametrize("policy", [forbid, explode])
    def test_can_forbid_and_is_closed_when_it_fails(self, grace, settings, policy, caplog):
        settings.SESSIONS_HUB_IMPERSONATION_POLICY = path_of(policy)
        assert impersonate(grace).json()["code"] == "policy"
        assert grace.whoami() == "grace"
        assert ("POLICY failed" in caplog.text) is (policy is explode)

    def test_that_is_not_there_is_closed(self, grace, settings, caplog):
        settings.SESSIONS_HUB_IMPERSONATION_POLICY = "no.such.function"
        assert impersonate(grace).json()["code"] == "policy"
        assert "POLICY failed" in caplog.text

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"is_active": False}, "inactive"), ({"is_staff": True}, "staff")],
    )
    def test_allows_nothing_more(self, grace, settings, user, change, code):
        settings.SESSIONS_HUB_IMPERSONATION_POLICY = path_of(allow)
        type(user).objects.filter(pk=user.pk).update(**change)
        assert impersonate(grace).json()["code"] == code
