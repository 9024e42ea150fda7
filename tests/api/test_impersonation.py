"""Over the API: what an impersonation looks like, and what it may not do."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from sessions_hub.models import EndReason, Session

from .conftest import URL, link

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def acting(ada, bob, sign_in):
    """Bob, acting as ada."""
    bob.user_permissions.add(Permission.objects.get(codename="impersonate_user"))
    client = sign_in(bob)
    response = client.post(f"/account/impersonate/{ada.pk}/", {"reason": "ticket 7"})
    assert response.status_code == 302
    return client


def the_row() -> Session:
    return Session.objects.get(session_type="impersonation")


def test_shows_who_acts_and_why_to_the_user(ada, acting, sign_in):
    mine = sign_in(ada)
    shown = mine.get(link(the_row())).json()
    assert shown["session_type"] == shown["auth_method"] == "impersonation"
    assert shown["impersonator"] == {"email": "bob@example.com", "reason": "ticket 7"}
    assert (shown["active"], shown["current"], shown["status"]) == (True, False, "active")
    assert shown["assurance_level"] == "aal0"
    assert shown["factors"] == shown["amr"] == shown["authentication_methods"] == []
    assert (shown["provider"], shown["provider_uid"]) == ("", "")
    assert shown["device_id"] is None
    assert [place["device_id"] for place in shown["devices"]] == [None]
    assert shown["max_age_minutes"] == 60
    assert shown["ended_by"] is None


def test_the_user_can_end_it(ada, acting, sign_in):
    assert sign_in(ada).delete(link(the_row())).status_code == 204
    assert acting.get(URL).status_code == 401
    row = the_row()
    assert (row.end_reason, row.ended_by) == (EndReason.REVOKED_BY_USER, ada)


def test_is_the_current_session_of_whoever_acts(ada, acting):
    shown = acting.get(f"{URL}current/").json()
    assert (shown["id"], shown["user_id"]) == (str(the_row().pk), str(ada.pk))


def test_does_not_show_the_own_session_behind_it(bob, acting):
    ids = {row["id"] for row in acting.get(URL).json()["results"]}
    assert ids == {str(the_row().pk)}
    behind = Session.objects.get(user=bob)
    assert acting.get(link(behind)).status_code == 404


def test_ends_none_of_the_user_s_sessions(ada, acting, other_session):
    session = other_session(ada)
    for response in (acting.delete(link(session)), acting.post(f"{URL}end-others/")):
        assert response.status_code == 403
        assert response.json()["code"] == "impersonation"
    session.refresh_from_db()
    assert session.ended_at is None


def test_ending_the_current_one_signs_out(bob, acting):
    assert acting.delete(link(the_row())).status_code == 204
    row, behind = the_row(), Session.objects.get(user=bob)
    assert (row.end_reason, row.ended_by) == (EndReason.IMPERSONATION_OVER, bob)
    assert (behind.end_reason, behind.ended_by) == (EndReason.SIGNED_OUT, bob)
    assert acting.get(URL).status_code == 401


def test_over_tells_who_ended_it(ada, bob, acting, sign_in):
    acting.post("/account/impersonate/stop/")
    shown = sign_in(ada).get(link(the_row())).json()
    assert (shown["status"], shown["end_reason"]) == ("revoked", "impersonation_over")
    assert shown["ended_by"] == {"id": str(bob.pk), "username": "bob"}
