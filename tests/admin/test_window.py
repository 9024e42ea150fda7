"""Filters look through so many rows and no more; the list says so, and goes on from there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from sessions_hub.admin import client_filters, filters, paginator, search, window
from sessions_hub.models import Session
from sessions_hub.models.ids import id_at, time_of

from .conftest import make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"


def names(response):
    return re.findall(r"<bdi>X(\w+)", response.content.decode())


def older_url(response):
    link = re.search(r'href="(\?[^"]*older_than[^"]*)">Go on', response.content.decode())
    return link and link[1].replace("&amp;", "&")


@pytest.fixture
def narrow(monkeypatch):
    """Windows of ten rows."""
    monkeypatch.setattr(window, "LOOKED_THROUGH", 10)
    for one in (filters.ChoiceFilter, filters.StatusFilter, client_filters.TextFilter):
        monkeypatch.setattr(one, "looks_through", 10)


@pytest.fixture
def sessions(user, narrow):
    """Thirty sessions, one an hour; the 5th, 15th and 25th newest on a television."""
    for hours in range(30):
        device = "tv" if hours % 10 == 5 else "desktop"
        make_session(
            user,
            name=f"X{hours}",
            device_type=device,
            age=timedelta(hours=hours),
            ip=f"192.0.2.{hours}",
        )


@pytest.fixture
def root(root):
    """The reader's own session is no part of what is counted here."""
    Session.objects.filter(user__username="root").update(name="Own")
    return root


def test_a_filter_sees_the_newest_rows_and_a_link_goes_on(root, sessions):
    url, seen = f"{URL}?device_kind=tv", []
    pages = 0
    while url:
        response = root.get(url)
        seen += names(response)
        link = older_url(response)
        url = link and URL + link
        pages += 1
    assert seen == ["5", "15", "25"]
    # 31 rows with the reader's own, ten at a time.
    assert pages == 4


def test_a_list_that_looked_at_some_says_how_many_and_back_to_when(root, sessions):
    response = root.get(URL, {"device_kind": "tv"})
    text = " ".join(response.content.decode().split())
    assert "Looked through the newest 10 rows, back to " in text
    assert response.context["cl"].hub_looked_back_to in text


def test_numbers_are_written_as_people_read_them(root, sessions, monkeypatch):
    monkeypatch.setattr(window, "LOOKED_THROUGH", 12_345)
    assert root.get(URL, {"device_kind": "tv"}).context["cl"].hub_window_words == "10"
    monkeypatch.setattr(filters.ChoiceFilter, "looks_through", 12_345)
    assert root.get(URL, {"device_kind": "tv"}).context["cl"].hub_window_words == "12,345"


def test_a_list_that_looked_at_all_says_nothing(root, user, narrow):
    for hours in range(5):
        make_session(user, name=f"X{hours}", age=timedelta(hours=hours))
    text = root.get(URL, {"device_kind": "desktop"}).content.decode()
    assert "Looked through" not in text
    assert "older_than" not in text


@pytest.mark.parametrize("query", [{}, {"period": "90"}, {"q": "alice"}, {"q": "192.0.2.3"}])
def test_what_has_an_index_is_not_cut_off(root, sessions, query):
    response = root.get(URL, query)
    assert "Looked through" not in response.content.decode()
    assert len(names(response)) in (30, 1)


def test_the_window_is_of_the_user_or_the_period_that_is_asked_for(root, sessions):
    other = make_user("bob")
    make_session(other, name="Xold", device_type="tv", age=timedelta(days=60))
    assert names(root.get(URL, {"user": other.pk, "device_kind": "tv"})) == ["old"]
    assert names(root.get(URL, {"q": "bob", "device_kind": "tv"})) == ["old"]
    assert names(root.get(URL, {"period": "7", "device_kind": "tv"})) == ["5"]


def test_filters_of_different_cost_look_through_as_many_as_the_dearest(root, sessions, monkeypatch):
    monkeypatch.setattr(filters.StatusFilter, "looks_through", 4)
    assert names(root.get(URL, {"status": "active"})) == ["0", "1", "2"]
    assert names(root.get(URL, {"status": "active", "device_kind": "tv"})) == []
    assert names(root.get(URL, {"device_kind": "tv"})) == ["5"]


def test_a_capped_list_goes_on_from_its_last_page(root, sessions, monkeypatch):
    monkeypatch.setattr(paginator.capped_count, "__defaults__", (20,))
    monkeypatch.setattr(paginator, "CAP", 20)
    monkeypatch.setattr("sessions_hub.admin.read_only.ReadOnlyAdminMixin.list_per_page", 10)
    first = root.get(URL)
    assert older_url(first) is None
    assert "the last page leads on" in " ".join(first.content.decode().split())
    last = root.get(URL, {"p": "2"})
    assert names(last)[-1] == "18"
    assert names(root.get(URL + older_url(last)))[0] == "19"


def test_a_small_network_shows_all_its_rows_newest_first(root, sessions):
    found = names(root.get(URL, {"q": "192.0.2.0/24"}))
    assert found == [str(hours) for hours in range(30)]


def test_a_large_network_is_looked_for_from_its_newest_row_on(root, user, sessions, monkeypatch):
    monkeypatch.setattr(search, "_SORTED", 2)
    for days in (40, 41, 42):
        make_session(user, name=f"Xfar{days}", ip="198.51.100.7", age=timedelta(days=days))
    response = root.get(URL, {"q": "198.51.100.0/24"})
    # They are far behind the newest ten rows.
    assert names(response) == ["far40", "far41", "far42"]
    monkeypatch.setattr(search, "_COMPARED", 2)
    response = root.get(URL, {"q": "198.51.100.0/24"})
    assert names(response) == []
    assert older_url(response)


@pytest.mark.parametrize("value", ["x", "", "1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"])
def test_where_to_go_on_must_be_an_id(root, sessions, value):
    assert names(root.get(URL, {"older_than": value})) == []


def test_an_action_on_all_rows_of_a_window_ends_no_more_than_were_shown(root, sessions):
    data = {
        "action": "end_selected",
        "_selected_action": [Session.objects.latest("pk").pk],
        "select_across": "1",
        "confirmed": "yes",
    }
    root.post(f"{URL}?device_kind=tv", data)
    ended = Session.objects.filter(end_reason="revoked_by_staff")
    assert [row.name for row in ended] == ["X5"]


def test_an_id_carries_its_time(user):
    session = make_session(user)
    assert abs(time_of(id_at(session.issued_at)) - session.issued_at) < timedelta(milliseconds=1)
