"""The engine: one query for Django's session, the verdict and the user; else Django's db."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.management import call_command
from django.utils import timezone

from sessions_hub.engine.models import DjangoSession
from sessions_hub.engine.store import SessionStore
from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.link import MARKER_KEY
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser
from tests.lifecycle.stores import change_store, cookie_of
from tests.lifecycle.test_query_counts import Statements

from .conftest import BACKENDS

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class TestQueries:
    def test_a_view_that_reads_the_user_costs_one(self, user):
        browser = Browser("sync")
        browser.sign_in("ada")
        browser.get("/read-user/")
        with Statements() as ran:
            assert browser.get("/read-user/").content == b"ada"
        assert len(ran.all) == 1
        assert ran.writes == []

    def test_an_async_view_as_well(self, user, settings):
        settings.ROOT_URLCONF = "tests.lifecycle.joined_site"
        browser = Browser("async")
        browser.sign_in("ada")
        browser.get("/alook/")
        with Statements() as ran:
            assert browser.get("/alook/").content == b"ada"
        assert len(ran.all) == 1

    def test_a_view_that_reads_nothing_costs_one_and_varies_by_nothing(self, signed_in):
        with Statements() as ran:
            response = signed_in.get(signed_in.twin("/public/"))
        assert len(ran.all) == 1
        assert "Vary" not in response

    def test_a_cart_costs_one(self):
        browser = Browser("sync")
        browser.get("/cart/")
        browser.get("/public/")
        with Statements() as ran:
            browser.get("/public/")
        assert len(ran.all) == 1

    def test_without_the_backend_the_user_costs_one_more(self, user, settings, monkeypatch):
        settings.AUTHENTICATION_BACKENDS = BACKENDS[1:]
        monkeypatch.setattr("tests.views.BACKEND", BACKENDS[1])
        browser = Browser("sync")
        browser.sign_in("ada")
        browser.get("/read-user/")
        with Statements() as ran:
            assert browser.get("/read-user/").content == b"ada"
        assert len(ran.all) == 2
        assert get_user_model()._meta.db_table not in ran.all[0]

    def test_a_touch_is_one_write(self, signed_in):
        Session.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
        with Statements() as ran:
            signed_in.get(signed_in.twin("/public/"))
        assert len(ran.writes) == 1

    def test_an_ended_session_is_known_by_the_same_query(self, signed_in):
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        with Statements() as ran:
            assert signed_in.whoami() is None
        assert len([sql for sql in ran.all if Session._meta.db_table in sql]) == 1


class TestTheColumn:
    def test_says_what_the_marker_says(self, signed_in):
        row = DjangoSession.objects.get()
        assert str(row.hub_session_id) == row.get_decoded()[MARKER_KEY]["id"]
        assert row.hub_session == Session.objects.get()

    def test_is_empty_while_nobody_is_signed_in(self):
        Browser("sync").get("/cart/")
        assert DjangoSession.objects.get().hub_session_id is None

    def test_follows_a_change_of_user(self, signed_in, make_user):
        make_user("bob")
        signed_in.sign_in("bob")
        row = DjangoSession.objects.get()
        assert row.hub_session.user.get_username() == "bob"
        assert signed_in.whoami() == "bob"

    def test_follows_a_new_key(self, signed_in):
        before = cookie_of(signed_in)
        signed_in.sign_in("ada")
        assert cookie_of(signed_in) != before
        assert DjangoSession.objects.get().hub_session == Session.objects.get()
        assert signed_in.whoami() == "ada"

    @pytest.mark.parametrize("told", [True, False], ids=["another session", "nothing"])
    def test_is_not_believed_against_the_marker(self, signed_in, make_user, told):
        other = Browser("sync")
        make_user("bob")
        other.sign_in("bob")
        bobs = Session.objects.get(user__in=get_user_model().objects.filter(username="bob"))
        DjangoSession.objects.filter(pk=cookie_of(signed_in)).update(
            hub_session_id=bobs.pk if told else None
        )
        assert signed_in.whoami() == "ada"
        end_session(bobs, reason=EndReason.REVOKED_BY_STAFF)
        assert signed_in.whoami() == "ada"

    @pytest.mark.parametrize("marker", ["nonsense", {"id": "x"}, 7])
    def test_is_empty_for_a_marker_that_names_nothing(self, user, marker):
        browser = Browser("sync")
        browser.sign_in("ada")
        change_store(browser, **{MARKER_KEY: marker})
        assert DjangoSession.objects.get().hub_session_id is None
        assert browser.whoami() is None


class TestTheStore:
    def test_reads_the_verdict_once_per_loading(self, signed_in):
        store = SessionStore(cookie_of(signed_in))
        session_id = Session.objects.get().pk
        assert store.take_verdict(session_id, database()) is None
        store.load()
        verdict, user = store.take_verdict(session_id, database())
        assert (verdict.id, verdict.user_id) == (session_id, user.pk)
        assert store.take_verdict(session_id, database()) is None

    @pytest.mark.parametrize("wrong", ["session", "database"])
    def test_gives_nothing_to_who_asks_for_another(self, signed_in, wrong):
        store = SessionStore(cookie_of(signed_in))
        store.load()
        session_id = Session.objects.get().pk if wrong != "session" else user_uuid()
        alias = database() if wrong != "database" else "elsewhere"
        assert store.take_verdict(session_id, alias) is None

    def test_an_expired_session_is_none(self, signed_in):
        DjangoSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        assert signed_in.whoami() is None

    def test_a_session_whose_row_was_pruned_is_refused(self, signed_in):
        Session.objects.all().delete()
        assert signed_in.whoami() is None
        assert Session.objects.count() == 0

    def test_data_that_cannot_be_read_is_an_empty_session(self, signed_in):
        DjangoSession.objects.update(session_data="garbage")
        assert signed_in.whoami() is None

    def test_clearsessions_removes_the_expired_ones(self, signed_in):
        kept = SessionStore()
        kept["cart"] = 1
        kept.save()
        DjangoSession.objects.filter(pk=cookie_of(signed_in)).update(
            expire_date=timezone.now() - timedelta(seconds=1)
        )
        call_command("clearsessions")
        assert list(DjangoSession.objects.values_list("pk", flat=True)) == [kept.session_key]

    def test_is_djangos_where_the_tables_are_read_from_two_databases(self, signed_in, monkeypatch):
        # Of one database that goes by two names.
        monkeypatch.setattr("sessions_hub.engine.store.database", lambda: "elsewhere")
        monkeypatch.setattr("sessions_hub.checks.speed.database", lambda: "elsewhere")
        with Statements() as ran:
            assert signed_in.get(signed_in.twin("/public/")).status_code == 200
        assert len(ran.all) == 2
        assert signed_in.whoami() == "ada"
        ids = {message.id for message in run_checks()}
        assert "sessions_hub.W133" in ids


def user_uuid():
    from sessions_hub.models.ids import new_id

    return new_id()


class TestAsync:
    def test_loads_deletes_and_saves_as_the_sync_twins(self):
        async def live():
            store = SessionStore()
            await store.aset("cart", 1)
            await store.asave()
            again = SessionStore(store.session_key)
            assert await again.aget("cart") == 1
            await again.acycle_key()
            assert not await store.aexists(store.session_key)
            await again.aflush()
            return store.session_key

        key = async_to_sync(live)()
        assert DjangoSession.objects.count() == 0
        assert SessionStore(key).load() == {}


class TestChecks:
    @staticmethod
    def ids() -> set[str]:
        return {m.id.removeprefix("sessions_hub.") for m in run_checks() if "_hub.E13" in m.id}

    def test_the_app_must_be_installed(self, settings):
        assert self.ids() == set()
        settings.INSTALLED_APPS = [
            one for one in settings.INSTALLED_APPS if one != "sessions_hub.engine"
        ]
        assert self.ids() == {"E130"}

    def test_there_must_be_something_to_take_over(self, settings):
        settings.SESSIONS_HUB_ENGINE_TAKES_OVER = True
        assert self.ids() == set()
        settings.INSTALLED_APPS = [
            one for one in settings.INSTALLED_APPS if one != "django.contrib.sessions"
        ]
        assert self.ids() == {"E131"}

    def test_another_engine_needs_no_app(self, settings):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
        settings.INSTALLED_APPS = [
            one for one in settings.INSTALLED_APPS if one != "sessions_hub.engine"
        ]
        assert self.ids() == set()
