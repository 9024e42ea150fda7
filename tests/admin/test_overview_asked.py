"""What the overview is asked for, and its tables as CSV."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.admin.overview_charts import inert

from .conftest import make_session
from .overview_page import URL, card, table, text_of

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.urls("tests.admin.site"),
    pytest.mark.usefixtures("midday", "empty_cache"),
]


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
        assert rows[1] == ["macOS", "2", "66.7%"]
        text = text_of(root.get(URL))
        assert '<th scope="row">macOS</th><td>2</td><td>66.7%</td>' in text

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
