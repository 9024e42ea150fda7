"""The button on a user's page, and what is closed to whoever acts as somebody else."""

from __future__ import annotations

import pytest
from django.urls import path

from sessions_hub.models import Session
from tests.urls import urlpatterns as common

from .conftest import make_session, make_user
from .site import site
from .test_users import CHANGE, SESSIONS, USERS, VIEW

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.urls("tests.admin.test_impersonation"),
]

urlpatterns = [path("admin/", site.urls), *common]

IMPERSONATE = "sessions_hub.impersonate_user"


def button(client, user) -> bool:
    text = client.get(f"{USERS}{user.pk}/change/").content.decode()
    return f'href="/account/impersonate/{user.pk}/"' in text


def deny(request, actor, target):
    return False


@pytest.mark.parametrize(
    ("permissions", "target", "shown"),
    [
        ((VIEW, CHANGE, IMPERSONATE), {}, True),
        ((VIEW, CHANGE), {}, False),
        ((VIEW, CHANGE, "sessions_hub.view_session"), {}, False),
        ((VIEW, CHANGE, IMPERSONATE), {"is_staff": True}, False),
        ((VIEW, CHANGE, IMPERSONATE), {"is_superuser": True}, False),
        ((VIEW, CHANGE, IMPERSONATE), {"is_active": False}, False),
    ],
)
def test_the_button_is_for_those_who_may(staff, signed_in, permissions, target, shown):
    client = signed_in(staff(*permissions))
    assert button(client, make_user("ada", **target)) is shown


def test_both_buttons_stand_beside_each_other(root, user):
    text = root.get(f"{USERS}{user.pk}/change/").content.decode()
    assert "Sessions (0 active)" in text
    assert ">Impersonate</a>" in text


def test_nobody_is_offered_themselves(root, superuser):
    assert not button(root, superuser)


def test_the_policy_of_the_site_is_asked(root, user, settings):
    assert button(root, user)
    settings.SESSIONS_HUB_IMPERSONATION_POLICY = f"{__name__}.deny"
    assert not button(root, user)


@pytest.mark.urls("tests.admin.without_account")
def test_without_the_pages_there_is_no_button(root, user):
    text = root.get(f"{USERS}{user.pk}/change/").content.decode()
    assert "Sessions (0 active)" in text
    assert "Impersonate" not in text


class TestActing:
    """A superuser who acts as a member of staff."""

    @pytest.fixture
    def acting(self, root, staff):
        member = staff(
            VIEW, CHANGE, IMPERSONATE, "sessions_hub.view_session", "sessions_hub.end_session"
        )
        root.post(f"/account/impersonate/{member.pk}/", {"reason": "ticket 1"})
        assert root.get("/whoami/").json()["user"] == "staff"
        return root

    def test_is_offered_nobody_else(self, acting, user):
        assert not button(acting, user)

    def test_ends_no_session_in_their_name(self, acting, user):
        session = make_session(user)
        assert acting.get(f"{SESSIONS}{session.pk}/change/").status_code == 200
        assert acting.post(f"{SESSIONS}{session.pk}/end/").status_code == 403
        data = {"action": "end_selected", "_selected_action": [str(session.pk)], "post": "yes"}
        assert acting.post(SESSIONS, data).status_code == 403
        assert Session.objects.get(pk=session.pk).ended_at is None

    def test_is_shown_as_what_it_is(self, acting, root):
        row = Session.objects.get(session_type="impersonation")
        text = acting.get(f"{SESSIONS}{row.pk}/change/").content.decode()
        assert "Impersonated by" in text
        assert "ticket 1" in text
        assert "root" in text
