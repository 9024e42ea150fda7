"""What the hub costs in statements, beside the same site without it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.capture import ClientSnapshot
from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.touch import touch
from sessions_hub.lifecycle.verdicts import fetch_verdict
from sessions_hub.models import Session
from tests.contract.browser import CHROME, Browser

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HUB = "sessions_hub.middleware.SessionsHubMiddleware"


class Statements:
    """What ran on all databases: `rows` read or write tables, `ours` the hub's."""

    def __init__(self) -> None:
        self._captures = [CaptureQueriesContext(connections[alias]) for alias in connections]

    def __enter__(self) -> Statements:
        for capture in self._captures:
            capture.__enter__()
        return self

    def __exit__(self, *args: object) -> None:
        for capture in self._captures:
            capture.__exit__(*args)
        self.all = [query["sql"] for one in self._captures for query in one.captured_queries]
        # SAVEPOINT, RELEASE, SET, BEGIN, COMMIT and set_config() touch no table.
        self.rows = [
            sql for sql in self.all if any(w in sql for w in (" FROM ", "INTO ", "UPDATE "))
        ]
        self.ours = [sql for sql in self.rows if "sessions_hub_" in sql]
        self.writes = [sql for sql in self.rows if not is_select(sql)]


def is_select(sql: str) -> bool:
    # The verdict's SELECT carries its limit on waiting in front.
    return sql.rpartition("; ")[2].startswith("SELECT") or sql.startswith("SET STATEMENT")


def without_the_hub(settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != HUB]


@pytest.fixture
def plain(settings) -> None:
    """A project with nothing but the hub on top of Django."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]


@pytest.fixture(autouse=True)
def converters_are_known(plain, user):
    """The first verdict compiles its SQL, the first MariaDB query asks for the version."""
    fetch_verdict(start_session(user).pk, database())
    Session.objects.all().delete()


class TestNobody:
    def test_without_a_cookie_nothing_runs_and_nothing_varies(self, browser):
        with Statements() as ran:
            response = browser.get("/public/")
        assert ran.all == []
        assert "Vary" not in response
        assert not response.cookies

    def test_a_cart_costs_no_more_than_djangos_own_load(self, browser):
        browser.get("/cart/")
        with Statements() as ran:
            response = browser.get("/public/")
        assert len(ran.all) <= 1
        assert ran.ours == ran.writes == []
        assert "Vary" not in response
        assert not response.cookies

    @pytest.mark.parametrize("value", ["a" * 32, "x", ""])
    def test_a_cookie_of_no_session_is_answered_as_without_the_hub(self, value, settings):
        def ask():
            browser = Browser("sync")
            browser.cookies[django_settings.SESSION_COOKIE_NAME] = value
            return browser.get("/public/")

        with Statements() as ran:
            response = ask()
        assert len(ran.all) <= 1
        without_the_hub(settings)
        plain = ask()
        assert dict(response.headers) == dict(plain.headers)
        assert response.cookies == plain.cookies

    def test_a_visitor_who_signed_out_elsewhere_gets_no_cookie(self, signed_in):
        cookie = signed_in.cookies[django_settings.SESSION_COOKIE_NAME].value
        signed_in.sign_out()
        signed_in.cookies[django_settings.SESSION_COOKIE_NAME] = cookie
        response = signed_in.get("/public/")
        assert "Vary" not in response
        assert not response.cookies


class TestSignedIn:
    def test_a_view_that_reads_nothing_costs_two(self, signed_in):
        with Statements() as ran:
            response = signed_in.get("/public/")
        assert len(ran.all) <= 2
        assert ran.writes == []
        assert "Vary" not in response

    def test_a_view_that_reads_the_user_costs_one_more_than_plain_django(self, signed_in, settings):
        with Statements() as with_hub:
            signed_in.get("/read-user/")
        without_the_hub(settings)
        other = Browser("sync")
        other.client.cookies = signed_in.client.cookies
        with Statements() as without:
            other.get("/read-user/")
        assert len(with_hub.all) == len(without.all) + 1
        assert len(with_hub.ours) == 1
        assert with_hub.writes == []

    def test_one_touch_is_one_write(self, signed_in):
        Session.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
        with Statements() as ran:
            signed_in.get("/public/")
        assert len(ran.writes) == 1
        with Statements() as ran:
            signed_in.get("/public/")
        assert ran.writes == []

    def test_a_saved_session_is_not_written_to_ours_within_the_interval(self, signed_in):
        signed_in.get("/save/")
        with Statements() as ran:
            signed_in.get("/save/")
        assert [sql for sql in ran.ours if not is_select(sql)] == []


class TestSignIn:
    @pytest.fixture
    def known(self, signed_in):
        """A browser whose device is known, signed out."""
        signed_in.sign_out()
        return signed_in

    def test_of_a_new_device_is_at_most_six(self, browser):
        with Statements() as ran:
            browser.sign_in("ada")
        assert len(ran.ours) <= 6, ran.ours

    def test_of_a_known_device_is_at_most_four(self, known):
        with Statements() as ran:
            known.sign_in("ada")
        assert len(ran.ours) <= 4, ran.ours

    def test_as_another_user_is_one_more(self, signed_in, make_user):
        make_user("bob")
        signed_in.sign_in("bob")
        with Statements() as ran:
            signed_in.sign_in("ada")
        verdict = 1
        assert len(ran.ours) <= 4 + 1 + verdict, ran.ours

    @pytest.mark.slow
    def test_costs_the_same_with_a_thousand_sessions(self, known, user):
        with Statements() as few:
            known.sign_in("ada")
        known.sign_out()
        later = timezone.now() + timedelta(days=1)
        Session.objects.bulk_create(
            Session(user=user, expires_at=later, idle_expires_at=later) for _ in range(1000)
        )
        with Statements() as many:
            known.sign_in("ada")
        assert len(many.all) == len(few.all)

    def test_sign_out_is_one_write_of_ours(self, signed_in):
        with Statements() as ran:
            signed_in.sign_out()
        assert len([sql for sql in ran.ours if not is_select(sql)]) == 1


@pytest.mark.postgres
@pytest.mark.slow
def test_a_thousand_touches_are_hot_updates(user, connection, alias):
    snapshot = ClientSnapshot(address="203.0.113.7", user_agent=CHROME)
    # An autovacuum that runs meanwhile keeps old versions in their pages.
    for _ in range(3):
        updates, hot = touch_a_thousand(user, snapshot, connection, alias)
        assert updates == 1000
        if hot >= 950:
            break
    assert hot >= 950


def touch_a_thousand(user, snapshot, connection, alias) -> tuple[int, int]:
    table = Session._meta.db_table
    first = start_session(user, snapshot=snapshot)
    names = [one.attname for one in Session._meta.concrete_fields if not one.primary_key]
    values = {name: getattr(first, name) for name in names}
    rows = Session.objects.bulk_create(Session(**values) for _ in range(1000))
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {table}")
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_reset_single_table_counters(%s::regclass)", [table])
    for one in rows:
        row = fetch_verdict(one.pk, alias)
        limits = {"expires_at": row.expires_at, "idle_expires_at": row.idle_expires_at}
        assert touch(row, limits, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
        cursor.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = %s", [table]
        )
        return cursor.fetchone()
