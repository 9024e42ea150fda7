"""The overview: who may see it, what it draws, exports, keeps and costs."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connections, router
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.admin import overview_cache
from sessions_hub.admin.overview_charts import inert
from sessions_hub.models import Session

from .conftest import end, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

LIST = "/admin/sessions_hub/session/"
URL = f"{LIST}overview/"
TABLES = {
    *("sign-ins", "new-devices", "systems", "clients", "devices", "countries"),
    *("methods", "levels", "ends", "unusual"),
}


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("\xa0", " "))


def table(client, name, **query):
    response = client.get(f"{URL}{name}.csv", query)
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode())))


def card(response, words):
    found = re.search(rf'"hub-card-words">{words}</span> <strong>([^<]+)<', text_of(response))
    return found[1]


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
    assert "Sign-ins that failed are not counted" in text


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
    assert text_of(response).count("looked back to") == 7


def _looking_through(function, most):
    return lambda *args, **options: function(*args, looks_through=most, **options)


class TestWhatIsAskedFor:
    def test_is_the_last_thirty_days_by_default(self, root, user):
        for days in (29, 30):
            make_session(user, age=timedelta(days=days), client_name=f"Days{days}")
        today = timezone.localdate()
        rows = table(root, "sign-ins")[1:]
        assert (rows[0][0], rows[-1][0]) == (
            (today - timedelta(days=29)).isoformat(),
            today.isoformat(),
        )
        assert "Days29" in str(table(root, "clients"))
        assert "Days30" not in str(table(root, "clients"))

    def test_may_be_a_span_of_days(self, root, user):
        for days in (1, 2, 3, 4):
            make_session(user, age=timedelta(days=days), client_name=f"Days{days}")
        today = timezone.localdate()
        span = {"since": today - timedelta(days=3), "until": today - timedelta(days=2)}
        assert {row[0] for row in table(root, "clients", **span)[1:]} == {"Days2", "Days3"}
        text = root.get(URL, span).content.decode()
        assert f'name="since" value="{span["since"]}"' in text
        assert f"since={span['since']}&amp;until={span['until']}" in text

    def test_may_be_one_tenant(self, root, user):
        make_session(user, tenant_id="acme", client_name="Mine")
        make_session(user, tenant_id="Acme", client_name="Theirs")
        assert [row[0] for row in table(root, "clients", tenant="acme")[1:]] == ["Mine"]
        assert 'name="tenant" value="acme"' in root.get(URL, {"tenant": "acme"}).content.decode()

    def test_leaves_out_the_days_to_come(self, root):
        rows = table(root, "sign-ins", until="9999-12-31")
        assert rows[-1][0] == timezone.localdate().isoformat()

    def test_takes_a_year_and_no_more(self, root):
        today = timezone.localdate()
        day = today - timedelta(days=365)
        assert len(table(root, "sign-ins", since=day)) == 367
        response = root.get(f"{URL}sign-ins.csv", {"since": day - timedelta(days=1)})
        assert response.status_code == 400

    @pytest.mark.parametrize(
        "query",
        [
            {"since": "yesterday"},
            {"until": "2026-02-30"},
            {"since": "2026-02-02", "until": "2026-02-01"},
            {"since": "0001-01-01", "until": "0001-01-02"},
            {"since": "9999-12-31"},
            {"tenant": "x" * 65},
            {"tenant": "a\0b"},
        ],
    )
    def test_is_refused_where_it_makes_no_sense(self, root, user, query):
        make_session(user)
        response = root.get(URL, query)
        assert response.status_code == 200
        assert "The last 30 days are shown instead." in text_of(response)
        assert card(response, "Sign-ins") == "2"
        response = root.get(f"{URL}clients.csv", query)
        assert response.status_code == 400
        assert response["Content-Type"] == "text/plain"

    def test_a_table_that_there_is_not_is_not_found(self, root):
        assert root.get(f"{URL}users.csv").status_code == 404


class TestCsv:
    def test_has_the_numbers_of_the_page(self, root, user):
        make_session(user, os_name="Mac")
        make_session(user, os_name="Mac")
        rows = table(root, "systems")
        assert rows[0] == ["Operating systems", "Sign-ins", "Share"]
        assert rows[1] == ["Mac", "2", "66.7%"]
        text = text_of(root.get(URL))
        assert '<th scope="row">Mac</th><td>2</td><td>66.7%</td>' in text

    def test_is_a_file_with_a_name(self, root):
        today = timezone.localdate()
        response = root.get(f"{URL}systems.csv", {"since": today})
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == (
            f'attachment; filename="systems-{today}-{today}.csv"'
        )

    @pytest.mark.parametrize(
        "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\uff1d1", "\r=1"]
    )
    def test_holds_no_formula(self, text):
        assert inert(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["", "Chrome", "a=1", "2026-01-01"])
    def test_leaves_other_text_as_it_is(self, text):
        assert inert(text) == text

    def test_has_every_name_disarmed(self, root, user):
        make_session(user, client_name='=HYPERLINK("x")')
        assert '\'=HYPERLINK("x")' in [row[0] for row in table(root, "clients")]


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


class TestWhatASiteHides:
    @pytest.fixture(autouse=True)
    def hiding(self, monkeypatch):
        from .site import site

        admin = site.get_model_admin(Session)
        monkeypatch.setattr(
            admin,
            "get_queryset",
            lambda request: Session.objects.filter(tenant_id=request.GET.get("x", "acme")),
        )

    def test_counts_nowhere(self, root, user):
        make_session(user, tenant_id="acme", client_name="Mine")
        make_session(user, client_name="Theirs")
        response = root.get(URL)
        assert card(response, "Sign-ins") == "1"
        assert card(response, "Active now") == "1"
        assert "Theirs" not in response.content.decode()

    def test_is_never_kept_for_others(self, root, user):
        make_session(user, tenant_id="acme")
        assert card(root.get(URL), "Sign-ins") == "1"
        make_session(user, tenant_id="acme")
        assert card(root.get(URL), "Sign-ins") == "2"

    def test_does_not_get_what_was_kept_for_those_who_see_everything(self, root, user, monkeypatch):
        make_session(user)
        with monkeypatch.context() as everything:
            from .site import site

            admin = site.get_model_admin(Session)
            everything.setattr(admin, "get_queryset", lambda request: Session.objects.all())
            assert card(root.get(URL), "Sign-ins") == "2"
        assert card(root.get(URL), "Sign-ins") == "0"


class TestKept:
    def test_numbers_are_not_counted_twice(self, root, user):
        assert card(root.get(URL), "Sign-ins") == "1"
        make_session(user)
        with CaptureQueriesContext(connections[router.db_for_read(Session)]) as queries:
            assert card(root.get(URL), "Sign-ins") == "1"
            assert len(table(root, "clients")) == 2
        assert not [one for one in queries if "COUNT(" in one["sql"].upper()]
        cache.clear()
        assert card(root.get(URL), "Sign-ins") == "2"

    @pytest.mark.parametrize("query", [{"tenant": "acme"}, {"since": "2026-01-01"}])
    def test_another_question_has_another_answer(self, root, user, query):
        make_session(user)
        query = {**query, "until": timezone.localdate()}
        if "since" in query:
            query["since"] = timezone.localdate()
        make_session(user, age=timedelta(days=2))
        assert card(root.get(URL), "Sign-ins") == "3"
        assert card(root.get(URL, query), "Sign-ins") != "3"

    def test_another_time_zone_has_other_days(self):
        from datetime import date
        from zoneinfo import ZoneInfo

        from sessions_hub.reporting import Span

        day = date(2026, 3, 1)
        keys = {
            overview_cache._key("default", Span(day, day, ZoneInfo(name)), tenant)
            for name in ("Europe/Berlin", "UTC")
            for tenant in ("", "a b\n", "x" * 500)
        }
        assert len(keys) == 6
        assert all(re.fullmatch(r"sessions_hub:overview:\d:[0-9a-f]{64}", key) for key in keys)

    @pytest.mark.parametrize("broken", ["get", "set"])
    def test_a_cache_that_is_down_costs_nothing_but_time(self, root, monkeypatch, broken):
        def fail(*args, **options):
            raise ConnectionError

        monkeypatch.setattr(f"sessions_hub.admin.overview_cache.cache.{broken}", fail)
        assert card(root.get(URL), "Sign-ins") == "1"

    def test_what_is_not_an_overview_is_counted_anew(self, root, monkeypatch):
        monkeypatch.setattr(
            "sessions_hub.admin.overview_cache.cache.get", lambda *args, **options: {"at": 1}
        )
        assert card(root.get(URL), "Sign-ins") == "1"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (lambda: Session.objects.all(), True),
        (lambda: Session.objects.order_by("-id"), True),
        (lambda: Session.objects.select_related("user"), True),
        (lambda: Session.objects.filter(tenant_id=""), False),
        (lambda: Session.objects.exclude(user=None), False),
        (lambda: Session.objects.none(), False),
        (lambda: Session.objects.all()[:5], False),
        (lambda: Session.objects.distinct(), False),
    ],
)
def test_everything_is_told_from_a_part(rows, expected):
    assert overview_cache.is_everything(rows()) is expected


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
