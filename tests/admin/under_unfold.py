"""The admins on django-unfold's base. Run by test_unfold.py, in a process with its settings."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model

from sessions_hub.models import AuthenticationMethod, Session

from .conftest import make_device, make_session

pytestmark = pytest.mark.django_db(databases="__all__")

BASE = "/admin/sessions_hub"
URL = f"{BASE}/session/"


@pytest.fixture
def session(user):
    return make_session(user, name="Xone", device_type="smartphone", country_code="JP")


def test_the_base_is_unfold_s(root, session):
    response = root.get(URL)
    assert "unfold/css/styles.css" in response.content.decode()
    assert any("unfold" in (one.origin.name or "") for one in response.templates if one.origin)


def test_the_list_has_its_columns_filters_and_search(root, session, user):
    make_session(user, name="Xtwo", device_type="desktop")
    text = root.get(URL).content.decode()
    for words in ("Japan</span>", "hub-icon-phone", "hub-badge hub-active", "aal1", "192.0.2.7"):
        assert words in text.replace(" · phone", "</span>")
    for title in ("Status", "Device", "System", "Country", "Impersonated"):
        assert f"<summary><span>{title}</span>" in text
    assert "Xone" in text
    narrowed = root.get(URL, {"device_kind": "phone"}).content.decode()
    assert "Xone" in narrowed
    assert "Xtwo" not in narrowed
    assert "Xtwo" in root.get(URL, {"q": "alice"}).content.decode()


def test_a_session_has_its_story_and_its_buttons(root, session, user):
    text = root.get(f"{URL}{session.pk}/change/").content.decode()
    assert text.count('<li class="hub-event hub-event-start">') == 1
    for page in (
        f"{URL}{session.pk}/end/",
        f"{URL}{session.pk}/extend/",
        f"{URL}end/?user={user.pk}",
        f"/account/impersonate/{user.pk}/",
    ):
        assert f'href="{page}"' in text


@pytest.mark.parametrize("page", ["device", "authenticationmethod"])
def test_the_other_lists_and_pages_are_there(root, session, user, page):
    device = make_device(user, session)
    proof = AuthenticationMethod.objects.filter(session=session).get()
    pk = device.pk if page == "device" else proof.pk
    assert root.get(f"{BASE}/{page}/").status_code == 200
    assert root.get(f"{BASE}/{page}/{pk}/change/").status_code == 200


def test_a_session_is_ended_asked_first_and_written_down(root, session):
    url = f"{URL}{session.pk}/end/"
    text = root.get(url).content.decode()
    assert "End 1 session?" in text
    assert "unfold/css/styles.css" in text
    assert root.post(url).status_code == 302
    assert Session.objects.get(pk=session.pk).end_reason == "revoked_by_staff"
    assert LogEntry.objects.get().object_id == str(session.pk)


def test_the_action_of_the_list_asks_first_and_ends(root, session):
    data = {"action": "end_selected", "_selected_action": [session.pk], "index": "0"}
    assert "End 1 session?" in root.post(URL, data).content.decode()
    root.post(URL, {**data, "confirmed": "yes"})
    assert Session.objects.get(pk=session.pk).end_reason == "revoked_by_staff"


def test_everything_of_a_user_is_ended_and_a_session_extended(root, session, user):
    assert root.get(f"{URL}{session.pk}/extend/").status_code == 200
    root.post(f"{URL}{session.pk}/extend/", {"lifetime": "86400"})
    assert "1 session" in root.get(f"{URL}end/", {"user": user.pk}).content.decode()
    root.post(f"{URL}end/", {"user": user.pk})
    assert Session.objects.get(pk=session.pk).end_reason == "revoked_by_staff"


def test_nothing_can_be_edited(root, session):
    assert root.post(f"{URL}{session.pk}/change/", {"name": "x"}).status_code == 403
    assert root.get(f"{URL}add/").status_code == 403
    assert root.post(f"{URL}{session.pk}/delete/", {"post": "yes"}).status_code == 403


def test_users_have_the_way_to_their_sessions(root, session, user):
    options = get_user_model()._meta
    url = f"/admin/{options.app_label}/{options.model_name}/{user.pk}/change/"
    text = root.get(url).content.decode()
    assert re.search(r"Sessions \(1\s+active\)", text)
    assert f'href="{URL}?user={user.pk}"' in text


def test_the_overview_stands_on_it_too(root, session):
    assert f'href="{URL}overview/"' in root.get(URL).content.decode()
    response = root.get(f"{URL}overview/")
    text = response.content.decode()
    assert "unfold/css/styles.css" in text
    assert "sessions_hub/admin-overview.css" in text
    assert '<th scope="row">Japan</th><td>1</td>' in text
    assert root.get(f"{URL}overview/countries.csv").status_code == 200
