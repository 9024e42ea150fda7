"""Everything of a user, a device or an address: looked at first, then ended, and written down."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry

from sessions_hub.admin import SessionAdmin
from sessions_hub.models import Session

from .conftest import end, make_device, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

LIST = "/admin/sessions_hub/session/"
URL = f"{LIST}end/"
VIEW = "sessions_hub.view_session"
END = "sessions_hub.end_session"


@pytest.fixture
def helper(staff, signed_in):
    """A member of staff who may view and end sessions."""
    return signed_in(staff(VIEW, END, username="helper"))


@pytest.fixture
def rows(user):
    """Two sessions of one user, on different devices and addresses, and one of another."""
    bob = make_user("bob")
    one, two = make_session(user), make_session(user, ip="198.51.100.9")
    other = make_session(bob, ip="192.0.2.99")
    devices = make_device(user, one, name="Old laptop"), make_device(bob, other)
    return {"one": one, "two": two, "other": other, "device": devices[0]}


def ended(rows):
    return {
        name
        for name in ("one", "two", "other")
        if Session.objects.get(pk=rows[name].pk).end_reason == "revoked_by_staff"
    }


@pytest.mark.parametrize(
    ("of", "words", "names"),
    [
        ("user", "2 sessions</strong> of <strong><bdi>alice", {"one", "two"}),
        ("device", "1 session</strong> of <strong><bdi>Old laptop of alice", {"one"}),
        ("192.0.2.7", "1 session</strong> of <strong><bdi>192.0.2.7", {"one"}),
        ("192.0.2.0/24", "2 sessions</strong> of <strong><bdi>192.0.2.0/24", {"one", "other"}),
    ],
)
def test_the_preview_says_how_many_and_the_end_ends_those(helper, user, rows, of, words, names):
    query = {"user": {"user": user.pk}, "device": {"device": rows["device"].pk}}.get(
        of, {"network": of}
    )
    text = helper.get(URL, query).content.decode()
    assert words in " ".join(text.split())
    assert not ended(rows)
    assert not LogEntry.objects.exists()
    response = helper.post(URL, query, follow=True)
    assert ended(rows) == names
    assert f"{len(names)} session" in response.content.decode()
    entry = LogEntry.objects.get()
    event, _space, facts = entry.change_message.partition(" ")
    assert event == "staff.sessions_ended"
    facts = json.loads(facts)
    assert facts["count"] == len(names)
    assert list(facts["predicate"]) == list(query)


def test_a_preview_of_many_names_some_and_counts_all(helper, user):
    for _ in range(12):
        make_session(user)
    text = " ".join(helper.get(URL, {"user": user.pk}).content.decode().split())
    assert "12 sessions</strong>" in text
    assert "10 of them" in text


def test_what_has_ended_is_not_counted_and_keeps_its_reason(helper, user):
    gone = end(make_session(user))
    text = helper.get(URL, {"user": user.pk}).content.decode()
    assert "nothing to end" in text
    assert "hub-danger" not in text
    response = helper.post(URL, {"user": user.pk}, follow=True)
    assert "No open session was found" in response.content.decode()
    assert Session.objects.get(pk=gone.pk).end_reason == "signed_out"
    assert not LogEntry.objects.exists()


def test_the_session_one_is_in_stays(helper):
    own = Session.objects.get(user__username="helper")
    other = make_session(own.user)
    text = helper.get(URL, {"user": own.user.pk}).content.decode()
    assert "1 session</strong>" in text
    assert "The session you are in stays." in text
    helper.post(URL, {"user": own.user.pk})
    assert Session.objects.get(pk=own.pk).ended_at is None
    assert Session.objects.get(pk=other.pk).end_reason == "revoked_by_staff"
    assert helper.get(LIST).status_code == 200


def test_nothing_is_said_of_the_own_session_where_it_is_not_meant(helper, rows, user):
    assert "you are in" not in helper.get(URL, {"user": user.pk}).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"user": "999999"},
        {"user": "x"},
        {"device": "x"},
        {"device": "019aa000-0000-7000-8000-000000000000"},
        {"user": "1", "network": "192.0.2.7"},
        {"country_code": "DE"},
    ],
)
def test_what_is_not_one_thing_that_is_there_is_not_found(helper, rows, query):
    assert helper.get(URL, query).status_code == 404
    assert helper.post(URL, query).status_code == 404
    assert not ended(rows)


@pytest.mark.parametrize("network", ["", "192.0.2", "192.0.2.0/99", "everything"])
def test_what_is_no_network_ends_nothing_and_says_so(helper, rows, network):
    for answer in (helper.get, helper.post):
        response = answer(URL, {"network": network}, follow=True)
        assert response.redirect_chain[-1][0] == LIST
        assert "is not an address or a network" in response.content.decode()
    assert not ended(rows)


@pytest.mark.parametrize("permissions", [(VIEW,), (END,), ()])
def test_it_takes_both_permissions(staff, signed_in, rows, user, permissions):
    client = signed_in(staff(*permissions))
    assert client.get(URL, {"user": user.pk}).status_code == 403
    assert client.post(URL, {"user": user.pk}).status_code == 403
    assert not ended(rows)


def test_the_page_of_a_session_leads_there(helper, rows, user):
    text = helper.get(f"{LIST}{rows['one'].pk}/change/").content.decode()
    for query in (f"user={user.pk}", f"device={rows['device'].pk}", "network=192.0.2.7"):
        assert f'href="{URL}?{query}"' in text


def test_the_pages_of_users_and_devices_lead_there_for_those_who_may(root, staff, signed_in, rows):
    options = type(rows["one"].user)._meta
    device, user = rows["device"], rows["one"].user
    pages = {
        f"/admin/{options.app_label}/{options.model_name}/{user.pk}/change/": f"user={user.pk}",
        f"/admin/sessions_hub/device/{device.pk}/change/": f"device={device.pk}",
    }
    viewer = signed_in(
        staff(VIEW, "sessions_hub.view_device", f"{options.app_label}.view_{options.model_name}")
    )
    for page, query in pages.items():
        assert f'href="{URL}?{query}"' in root.get(page).content.decode()
        assert f"{URL}?{query}" not in viewer.get(page).content.decode()


def test_what_a_site_hides_from_the_reader_is_neither_counted_nor_ended(
    helper, user, rows, monkeypatch
):
    hidden = make_session(user, tenant_id="secret")
    everything = SessionAdmin.get_queryset

    def visible(admin, request):
        return everything(admin, request).for_tenant("")

    monkeypatch.setattr(SessionAdmin, "get_queryset", visible)
    assert "2 sessions</strong>" in helper.get(URL, {"user": user.pk}).content.decode()
    helper.post(URL, {"user": user.pk})
    assert ended(rows) == {"one", "two"}
    assert Session.objects.get(pk=hidden.pk).ended_at is None
