"""The list of sessions says when the site seems to record the address of its proxy."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.db import connections, router
from django.test.utils import CaptureQueriesContext

from sessions_hub.admin import session as session_admin
from sessions_hub.models import Session

from .conftest import make_session

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"
WORDS = "The last 100 sign-ins all came from 10.0.0.1"


@pytest.fixture
def proxied(root, user):
    """A hundred sign-ins through one proxy, later than the reader's own."""
    for _ in range(100):
        make_session(user, ip="10.0.0.1", age=timedelta(seconds=-1))


@pytest.mark.parametrize("url", [URL, "/other/sessions_hub/session/"])
def test_a_shared_private_address_is_told_with_what_to_do(root, proxied, url):
    text = root.get(url).content.decode()
    box = text.partition('<li class="warning hub-warning">')[2].partition("</li>")[0]
    assert box.startswith(WORDS)
    for words in ("SESSIONS_HUB_TRUSTED_PROXIES", "SESSIONS_HUB_PROXY_COUNT", "docs/install.md"):
        assert words in box


def test_it_does_not_pile_up_among_the_messages(root, proxied):
    root.get(URL)
    assert root.get(URL).content.decode().count(WORDS) == 1
    assert WORDS not in root.get("/admin/").content.decode()


def test_it_is_about_the_site_whatever_is_searched(root, proxied):
    assert WORDS in root.get(URL, {"q": "nobody", "status": "expired"}).content.decode()


def test_nothing_is_said_of_other_addresses_or_on_other_lists(root, proxied, user):
    for page in ("device", "authenticationmethod"):
        assert WORDS not in root.get(f"/admin/sessions_hub/{page}/").content.decode()
    Session.objects.update(ip="8.8.8.8")
    text = root.get(URL).content.decode()
    assert "hub-warning" not in text


@pytest.mark.parametrize("page", ["session", "device", "authenticationmethod"])
def test_no_list_warns_where_a_site_shows_unknown_names(root, user, settings, page):
    (engine,) = copy.deepcopy(settings.TEMPLATES)
    engine["OPTIONS"]["string_if_invalid"] = "unknown: %s"
    settings.TEMPLATES = [engine]
    text = root.get(f"/admin/sessions_hub/{page}/").content.decode()
    assert "hub-warning" not in text


@pytest.mark.parametrize("rows", ["proxied", "user"])
def test_it_costs_one_query(root, rows, request, monkeypatch):
    request.getfixturevalue(rows)

    def queries() -> int:
        with CaptureQueriesContext(connections[router.db_for_read(Session)]) as ran:
            assert root.get(URL).status_code == 200
        return len(ran)

    root.get(URL)
    with_it = queries()
    monkeypatch.setattr(session_admin, "shared_address", lambda: None)
    assert queries() == with_it - 1


def test_an_action_asks_for_nothing(root, proxied, monkeypatch):
    def forbidden():
        raise AssertionError("asked")

    monkeypatch.setattr(session_admin, "shared_address", forbidden)
    chosen = [str(Session.objects.latest("pk").pk)]
    data = {"action": "end_selected", "_selected_action": chosen}
    assert root.post(URL, data).status_code == 200
