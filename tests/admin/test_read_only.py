"""Rows are read: never added, changed or deleted here, whoever asks."""

from __future__ import annotations

import pytest

from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice

from .conftest import end, make_device, make_session

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

BASE = "/admin/sessions_hub"


@pytest.fixture
def rows(user):
    session = make_session(user)
    device = make_device(user, session)
    proof = AuthenticationMethod.objects.get(session=session)
    return {"session": session, "device": device, "authenticationmethod": proof}


@pytest.mark.parametrize("page", ["session", "device", "authenticationmethod"])
def test_even_a_superuser_can_only_look(root, rows, page):
    row = rows[page]
    url = f"{BASE}/{page}"
    assert root.get(f"{url}/").status_code == 200
    assert root.get(f"{url}/{row.pk}/change/").status_code == 200
    assert root.get(f"{url}/add/").status_code == 403
    assert root.post(f"{url}/add/", {}).status_code == 403
    assert root.post(f"{url}/{row.pk}/change/", {"name": "x"}).status_code == 403
    assert root.get(f"{url}/{row.pk}/delete/").status_code == 403
    assert root.post(f"{url}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    root.post(f"{url}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("page", ["session", "device", "authenticationmethod"])
def test_staff_without_permission_sees_nothing(rows, staff, signed_in, page):
    client = signed_in(staff())
    assert client.get(f"{BASE}/{page}/").status_code == 403
    assert client.get(f"{BASE}/{page}/{rows[page].pk}/change/").status_code == 403


def test_nobody_signed_in_is_sent_to_the_sign_in_page(client, rows):
    session = rows["session"]
    for page in ("change", "end", "extend"):
        response = client.get(f"{BASE}/session/{session.pk}/{page}/")
        assert response.status_code == 302
        assert "/login/" in response["Location"]


def test_a_page_leaves_out_what_is_not_known(root, user):
    session = make_session(user)
    now = session.issued_at
    SessionDevice.objects.create(session=session, first_seen_at=now, last_seen_at=now)
    text = root.get(f"{BASE}/session/{session.pk}/change/").content.decode()
    assert "Network operator" not in text
    assert "Impersonated by" not in text
    assert "None" not in text


def test_a_page_tells_who_ended_a_session_and_why(root, superuser, user):
    session = end(make_session(user), "revoked_by_staff", ended_by=superuser)
    text = root.get(f"{BASE}/session/{session.pk}/change/").content.decode()
    assert "ended by staff" in text
    assert ">root<" in text


def test_a_page_tells_who_ended_a_session_when_that_user_is_gone(root, user):
    session = end(make_session(user), "revoked_by_staff", ended_by_label="former")
    assert "former" in root.get(f"{BASE}/session/{session.pk}/change/").content.decode()


def test_a_page_shows_at_most_fifty_places_and_proofs(root, user):
    session = make_session(user, methods=["password"] * 60)
    for _ in range(55):
        make_device(user, session)
    response = root.get(f"{BASE}/session/{session.pk}/change/")
    counts = [len(formset.formset.forms) for formset in response.context["inline_admin_formsets"]]
    assert counts == [50, 50]


def test_a_page_of_places_costs_no_query_each(root, user, django_assert_max_num_queries):
    session = make_session(user, methods=["password"] * 20)
    for _ in range(20):
        make_device(user, session)
    with django_assert_max_num_queries(20):
        response = root.get(f"{BASE}/session/{session.pk}/change/")
    # Nobody was sent elsewhere, which costs little: all of it is shown.
    counts = [len(formset.formset.forms) for formset in response.context["inline_admin_formsets"]]
    assert counts == [20, 20]


def test_a_row_that_is_not_there_leads_back_to_the_list(root):
    missing = "019aa000-0000-7000-8000-000000000000"
    for pk in (missing, "nonsense"):
        assert root.get(f"{BASE}/session/{pk}/change/").status_code == 302
        assert root.get(f"{BASE}/session/{pk}/end/").status_code == 404


def test_the_session_of_a_deleted_user_can_be_read(root):
    session = make_session(None)
    assert b"deleted user" in root.get(f"{BASE}/session/").content
    text = root.get(f"{BASE}/session/{session.pk}/change/").content.decode()
    assert "deleted user" in text
    assert "this user" not in text


def test_the_default_site_has_the_three_lists():
    from django.contrib import admin

    for model in (Session, Device, AuthenticationMethod):
        assert admin.site.is_registered(model)
