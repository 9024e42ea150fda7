"""The overview: who may see it, what it draws and what it costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connections, router
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.admin import overview_cache
from sessions_hub.admin.show import moment_before_stop, moment_words
from sessions_hub.models import Session

from .conftest import end, make_session, make_user
from .overview_page import LIST, TABLES, URL, card, text_of

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.urls("tests.admin.site"),
    pytest.mark.usefixtures("midday", "empty_cache"),
]


def test_the_list_links_to_it_and_no_other_list_does(root):
    assert f'href="{URL}"' in root.get(LIST).content.decode()
    assert "/overview/" not in root.get("/admin/sessions_hub/device/").content.decode()


@pytest.mark.parametrize("url", [URL, f"{URL}systems.csv"])
class TestAccess:
    def test_members_of_staff_who_may_see_sessions_see_it(self, staff, signed_in, url):
        client = signed_in(staff("sessions_hub.view_session"))
        assert client.get(url).status_code == 200

    def test_others_do_not(self, staff, signed_in, url):
        assert signed_in(staff("sessions_hub.view_device")).get(url).status_code == 403

    def test_nobody_else_does(self, client, user, signed_in, url):
        assert client.get(url).status_code == 302
        assert signed_in(user).get(url).status_code == 302


def test_it_shows_every_chart_with_a_title_and_its_numbers_as_a_table(root, user):
    end(make_session(user, methods=("password", "totp"), country_code="JP"))
    text = text_of(root.get(URL))
    for words in ("Windows", "Chrome", "Desktop", "Japan", "Authenticator app", "aal1"):
        assert f'<th scope="row">{words}</th>' in text
    drawings = re.findall(r'<svg role="img" aria-labelledby="(\S+) (\S+)"', text)
    assert drawings
    for title, desc in drawings:
        assert re.search(rf'<title id="{title}">[^<]+</title><desc id="{desc}">[^<]+<', text)
    assert set(re.findall(rf'href="{URL}([a-z-]+)\.csv', text)) == TABLES


def test_the_cards_say_how_many_there_are(root, user):
    make_session(user)
    make_session(user, age=timedelta(days=3))
    end(make_session(user, age=timedelta(days=40)), last_used_at=timezone.now() - timedelta(days=9))
    response = root.get(URL)
    # The reader's own is one of them.
    assert card(response, "Active now") == "3"
    assert card(response, "Past 24 hours") == "2"
    assert card(response, "Past 7 days") == "3"
    assert card(response, "Past 30 days") == "4"
    assert card(response, "Sign-ins") == "3"
    assert card(response, "New devices") == "1"


def test_a_plus_sign_says_that_there_are_more(root, user, monkeypatch):
    monkeypatch.setattr(overview_cache, "overview", _looking_through(overview_cache.overview, 1))
    make_session(user)
    response = root.get(URL)
    assert card(response, "Sign-ins") == "1+"
    assert card(response, "Active now") == "1+"
    # Each chart of sign-ins; the others have looked at everything.
    text = text_of(response)
    assert text.count("looked back to") == 8
    assert ".m.." not in text


def test_a_sentence_that_ends_with_a_time_has_one_full_stop():
    afternoon = datetime(2026, 11, 1, 12, 39, tzinfo=UTC)
    assert moment_words(afternoon).endswith("1:39 p.m.")
    assert moment_before_stop(afternoon).endswith("1:39 p.m")


def _looking_through(function, most):
    return lambda *args, **options: function(*args, looks_through=most, **options)


def test_names_are_escaped_in_the_drawing_and_the_table(root, user):
    make_session(user, client_name="<b>&\u202e")
    text = root.get(URL).content.decode()
    assert "<b>&" not in text
    assert "\u202e" not in text
    assert text.count("&lt;b&gt;&amp;\\u202e") >= 3


def test_the_page_holds_no_style_and_no_script_of_its_own(root, user):
    make_session(user)
    text = root.get(URL).content.decode()
    ours = text[text.index('<div class="hub-overview">') :]
    ours = ours[: ours.index("<!-- END Content")] if "<!-- END Content" in ours else ours
    assert not re.search(r"\sstyle=|<style\b|<script\b|\son\w+=", ours)
    assert "sessions_hub/admin-overview.css" in text


def test_the_drawing_has_points_in_every_language(root, user, settings):
    for _ in range(3):
        make_session(user, os_name="Mac")
    settings.LANGUAGE_CODE = "de"
    for _tag, value in re.findall(r'<rect[^>]* (width|height|y)="([^"]*)"', text_of(root.get(URL))):
        assert re.fullmatch(r"[\d.]+", value)


def test_it_costs_the_same_however_many_there_are(root, user):
    def cost():
        cache.clear()
        with CaptureQueriesContext(connections[router.db_for_read(Session)]) as queries:
            root.get(URL)
        return len(queries)

    make_session(user)
    before = cost()
    for number in range(5):
        make_session(make_user(f"u{number}"), age=timedelta(days=number), os_name=str(number))
    assert cost() == before


def test_it_stands_on_another_base(root, user):
    make_session(user)
    text = root.get("/other/sessions_hub/session/overview/").content.decode()
    assert "/other/sessions_hub/session/overview/systems.csv" in text
    assert "theme.css" in text
