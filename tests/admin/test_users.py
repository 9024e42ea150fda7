"""Users: the way to their sessions, and deleting them although nobody deletes sessions."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import connections, router

from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken

from .conftest import end, make_device, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

OPTIONS = get_user_model()._meta
USERS = f"/admin/{OPTIONS.app_label}/{OPTIONS.model_name}/"
SESSIONS = "/admin/sessions_hub/session/"
VIEW = f"{OPTIONS.app_label}.view_{OPTIONS.model_name}"
CHANGE = f"{OPTIONS.app_label}.change_{OPTIONS.model_name}"
DELETE = f"{OPTIONS.app_label}.delete_{OPTIONS.model_name}"


def has_link(response):
    return "Sessions (" in response.content.decode()


def test_a_user_s_page_counts_the_active_sessions_and_leads_to_them(root, user):
    for _ in range(3):
        make_session(user)
    end(make_session(user))
    make_session(make_user("bob"))
    text = root.get(f"{USERS}{user.pk}/change/").content.decode()
    assert "Sessions (3 active)" in text
    assert f'href="{SESSIONS}?user={user.pk}"' in text
    response = root.get(SESSIONS, {"user": user.pk})
    assert response.context["cl"].result_count == 4


def test_the_link_is_for_those_who_may_view_sessions(user, staff, signed_in):
    url = f"{USERS}{user.pk}/change/"
    assert not has_link(signed_in(staff(VIEW, CHANGE, username="one")).get(url))
    assert has_link(signed_in(staff(VIEW, "sessions_hub.view_session", username="two")).get(url))


def test_the_page_to_add_a_user_has_no_link(root):
    response = root.get(f"{USERS}add/")
    assert response.status_code == 200
    assert not has_link(response)


def test_the_page_of_a_user_still_saves(root, user):
    response = root.get(f"{USERS}{user.pk}/change/")
    form = response.context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value not in (None, False, [])}
    data.pop("password", None)
    data.pop("last_login", None)
    joined = data.pop("date_joined")
    data |= {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}"}
    data |= {"first_name": "Alice", "usable_password": "true"}
    assert root.post(f"{USERS}{user.pk}/change/", data).status_code == 302
    user.refresh_from_db()
    assert user.first_name == "Alice"


def test_the_link_costs_one_query(root, user, staff, signed_in):
    from django.test.utils import CaptureQueriesContext

    url = f"{USERS}{user.pk}/change/"
    with CaptureQueriesContext(connections[router.db_for_write(Session)]) as queries:
        root.get(url)
    ours = [
        row["sql"]
        for row in queries
        if "sessions_hub_session" in row["sql"] and "COUNT(" in row["sql"]
    ]
    assert len(ours) == 1
    assert "LIMIT" in ours[0]


def rows_of(user, other):
    """Every kind of row that points to the user."""
    session = make_session(user)
    make_device(user, session)
    SessionToken.objects.create(session=session, digest="a" * 64)
    ended_by = end(make_session(other), "revoked_by_staff", ended_by=user, ended_by_label="alice")
    impersonated = make_session(
        other, session_type="impersonation", impersonator=user, impersonator_label="alice"
    )
    return ended_by, impersonated


def assert_gone(user, ended_by, impersonated):
    assert not get_user_model().objects.filter(pk=user.pk).exists()
    assert not Session.objects.filter(user=user.pk).exists()
    assert not Device.objects.filter(user=user.pk).exists()
    assert not SessionToken.objects.exists()
    assert not SessionDevice.objects.filter(device__isnull=False, device__user=user.pk).exists()
    for session in (ended_by, impersonated):
        session.refresh_from_db()
    assert ended_by.ended_by is None
    assert ended_by.ended_by_label == "alice"
    assert impersonated.impersonator is None
    assert impersonated.impersonator_label == "alice"
    connections[router.db_for_write(Session)].check_constraints()


@pytest.fixture
def remover(staff, signed_in):
    """A member of staff who may delete users, and knows nothing of sessions."""
    return signed_in(staff(VIEW, DELETE, username="remover"))


def test_a_user_with_sessions_can_be_deleted(remover, user):
    rows = rows_of(user, make_user("bob"))
    asked = remover.get(f"{USERS}{user.pk}/delete/").content.decode()
    assert "have permission" not in asked
    assert "protected" not in asked
    response = remover.post(f"{USERS}{user.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302
    assert_gone(user, *rows)


def test_users_with_sessions_can_be_deleted_together(remover, user):
    bob, carol = make_user("bob"), make_user("carol")
    rows = rows_of(user, bob)
    make_session(carol)
    data = {"action": "delete_selected", "_selected_action": [user.pk, carol.pk]}
    asked = remover.post(USERS, {**data, "index": "0"}).content.decode()
    assert "have permission" not in asked
    assert remover.post(USERS, {**data, "post": "yes"}).status_code == 302
    assert_gone(user, *rows)
    assert not Session.objects.filter(user=carol.pk).exists()
    assert get_user_model().objects.filter(pk=bob.pk).exists()


def test_with_anonymize_the_rows_of_a_deleted_user_stay_without_the_user(remover, user, settings):
    settings.SESSIONS_HUB_ON_USER_DELETE = "anonymize"
    session = make_session(user)
    assert remover.post(f"{USERS}{user.pk}/delete/", {"post": "yes"}).status_code == 302
    session.refresh_from_db()
    assert session.user is None
    assert session.end_reason == "user_disabled"
    assert session.ip is None
    assert AuthenticationMethod.objects.filter(session=session).exists()


def test_one_who_may_delete_sessions_only_in_name_still_cannot(staff, signed_in, user):
    session = make_session(user)
    client = signed_in(staff("sessions_hub.view_session", "sessions_hub.delete_session"))
    assert client.post(f"{SESSIONS}{session.pk}/delete/", {"post": "yes"}).status_code == 403
