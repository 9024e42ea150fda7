"""Whose numbers the overview keeps in the cache, and who gets them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connections, router
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.admin import overview_cache
from sessions_hub.models import Session
from sessions_hub.reporting import Span

from .conftest import make_session
from .overview_page import URL, card, table
from .site import site

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.urls("tests.admin.site"),
    pytest.mark.usefixtures("midday", "empty_cache"),
]


class TestWhatASiteHides:
    @pytest.fixture(autouse=True)
    def hiding(self, monkeypatch):
        # On the class: put back on the object, the method would hide what other tests do to it.
        monkeypatch.setattr(
            type(site.get_model_admin(Session)),
            "get_queryset",
            lambda _, request: Session.objects.filter(tenant_id=request.GET.get("x", "acme")),
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
            admin = type(site.get_model_admin(Session))
            everything.setattr(admin, "get_queryset", lambda _, request: Session.objects.all())
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
