"""The hub's tables, the connection or the cache fail while somebody is signed in."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, OperationalError, connections
from django.utils import timezone

from sessions_hub.lifecycle import end_session, verdicts
from sessions_hub.models import EndReason, Session, SessionDevice
from tests.contract.browser import Browser
from tests.contract.caches import StoppableCache

from .faults import FAULTS, at_most, break_connection, locked, locked_for_writing, missing

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SESSIONS = Session._meta.db_table


def assert_unavailable(response, browser) -> None:
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"
    assert django_settings.SESSION_COOKIE_NAME not in response.cookies
    assert browser.cookies[django_settings.SESSION_COOKIE_NAME].value


class TestNoVerdict:
    @pytest.mark.parametrize("path", ["/whoami/", "/awhoami/", "/public/", "/sign-out/"])
    @pytest.mark.parametrize("fault", FAULTS)
    def test_answers_503_and_goes_on_after_the_repair(self, signed_in, fault, path, connection):
        if connection.vendor == "sqlite" and fault == "locked":
            pytest.skip("readers of SQLite do not wait for the writer (WAL)")
        with FAULTS[fault](SESSIONS), at_most(2):
            assert_unavailable(signed_in.get(path), signed_in)
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().ended_at is None

    @pytest.mark.parametrize(
        "error", [OperationalError("gone"), DatabaseError("?"), RuntimeError("a bug")]
    )
    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_whatever_was_raised(self, user, error, mode):
        browser = Browser(mode)
        browser.sign_in("ada")
        with mock.patch("sessions_hub.lifecycle.verdict_cache.fetch_verdict", side_effect=error):
            assert_unavailable(browser.get(browser.twin("/whoami/")), browser)
        assert browser.whoami() == "ada"

    def test_a_connection_that_broke_is_no_reason_to_sign_out(self, signed_in, alias):
        if connections[alias].vendor == "sqlite":
            pytest.skip("nothing between here and the file")
        break_connection(alias)
        response = signed_in.get("/whoami/")
        # Django's session is read first, over the same connection: its error is its own.
        assert response.status_code in (200, 500, 503)
        assert django_settings.SESSION_COOKIE_NAME not in response.cookies
        connections[alias].connection = None
        assert signed_in.whoami() == "ada"

    @pytest.mark.parametrize("problem", ["execute", "fetchone"])
    def test_a_cursor_that_fails(self, signed_in, problem):
        real = verdicts.connections

        class Broken:
            def __init__(self, alias):
                self._real = real[alias]

            def __getattr__(self, name):
                return getattr(self._real, name)

            def cursor(self):
                cursor = mock.MagicMock()
                getattr(cursor.__enter__(), problem).side_effect = OperationalError("cut off")
                return cursor

        connections_ = mock.MagicMock()
        connections_.__getitem__.side_effect = Broken
        with mock.patch.object(verdicts, "connections", connections_):
            assert_unavailable(signed_in.get("/whoami/"), signed_in)
        assert signed_in.whoami() == "ada"

    def test_a_visitor_without_a_sign_in_notices_nothing(self, browser):
        browser.get("/cart/")
        with missing(SESSIONS):
            assert browser.get("/public/").status_code == 200
            assert browser.whoami() is None
            assert Browser("sync").get("/public/").status_code == 200

    def test_exempt_paths_notice_nothing(self, signed_in, settings):
        settings.SESSIONS_HUB_EXEMPT_PATHS = ["/public/"]
        with missing(SESSIONS):
            assert signed_in.get("/public/").status_code == 200

    def test_is_logged_once_a_minute(self, signed_in, caplog):
        with missing(SESSIONS):
            signed_in.get("/whoami/")
            signed_in.get("/whoami/")
        said = [one for one in caplog.records if one.name == "sessions_hub.middleware"]
        assert [one.levelname for one in said] == ["ERROR"]

    @pytest.mark.postgres
    def test_the_wait_for_the_verdict_is_not_left_on_the_connection(self, signed_in, connection):
        assert signed_in.whoami() == "ada"
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)

    @pytest.mark.mariadb
    def test_the_wait_for_the_verdict_is_not_left_on_mariadb(self, signed_in, connection):
        assert signed_in.whoami() == "ada"
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@lock_wait_timeout = @@global.lock_wait_timeout")
            assert cursor.fetchone() == (1,)

    @pytest.mark.postgres
    def test_server_side_binding_waits_no_longer(self, signed_in, connection):
        with mock.patch.dict(connection.settings_dict["OPTIONS"], {"server_side_binding": True}):
            connection.close()
            assert signed_in.whoami() == "ada"
            with locked(SESSIONS), at_most(2):
                assert_unavailable(signed_in.get("/whoami/"), signed_in)
            assert signed_in.whoami() == "ada"
        connection.close()


def long_unused() -> None:
    before = timezone.now() - timedelta(days=2)
    Session.objects.update(last_used_at=before)
    SessionDevice.objects.update(last_seen_at=before)


class TestUseCannotBeWritten:
    @pytest.mark.locks
    def test_the_session_table_is_locked_for_writing(self, signed_in):
        long_unused()
        with locked_for_writing(SESSIONS), at_most(2):
            assert signed_in.whoami() == "ada"
        assert Session.objects.get().last_used_at < timezone.now() - timedelta(days=1)
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().last_used_at > timezone.now() - timedelta(minutes=1)

    @pytest.mark.parametrize("fault", FAULTS)
    def test_the_table_of_places_fails(self, signed_in, fault, connection):
        long_unused()
        with FAULTS[fault](SessionDevice._meta.db_table), at_most(2 * 2):
            # A new place, and the daily note of a known one.
            assert signed_in.get("/read-user/", user_agent="Another/1.0").text == "ada"
            assert signed_in.get("/read-user/").text == "ada"
        assert signed_in.whoami() == "ada"

    def test_a_touch_that_raises_is_logged_and_costs_nothing(self, signed_in, caplog):
        long_unused()
        with mock.patch("sessions_hub.lifecycle.use.touch", side_effect=DatabaseError("full")):
            assert signed_in.whoami() == "ada"
        assert "was not recorded" in caplog.text


class TestSignOutCannotBeStored:
    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_answers_503_and_is_still_signed_in(self, user, mode):
        browser = Browser(mode)
        browser.sign_in("ada")
        with mock.patch(
            "sessions_hub.receivers.end_session", side_effect=OperationalError("locked")
        ):
            assert_unavailable(browser.sign_out(), browser)
        assert browser.whoami() == "ada"
        assert browser.sign_out().status_code == 200
        assert browser.whoami() is None
        assert Session.objects.get().end_reason == EndReason.SIGNED_OUT

    @pytest.mark.locks
    @pytest.mark.parametrize("path", ["/sign-out/", "/accounts/logout/", "/admin/logout/"])
    def test_the_table_is_locked_for_writing(self, user, browser, path):
        user.is_staff = True
        user.save()
        browser.sign_in("ada")
        with locked_for_writing(SESSIONS), at_most(2):
            assert_unavailable(browser.post(path), browser)
        assert browser.whoami() == "ada"
        assert browser.post(path).status_code in (200, 302)
        assert browser.whoami() is None


class TestCacheIsStopped:
    @pytest.mark.parametrize("engine", ["cached_db", "cache"])
    def test_an_ended_session_is_never_signed_in(self, stoppable_cache, settings, user, engine):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
        browser = Browser("sync")
        browser.sign_in("ada")
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        with StoppableCache.stop():
            response = browser.get("/whoami/")
            assert response.status_code != 200 or response.json()["user"] is None
        assert browser.whoami() is None

    def test_a_store_that_cannot_delete_does_not_let_in(self, stoppable_cache, settings, user):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
        browser = Browser("sync")
        browser.sign_in("ada")
        name = settings.SESSION_COOKIE_NAME
        cookie = browser.cookies[name].value
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        with mock.patch.object(StoppableCache, "delete", side_effect=ConnectionError("down")):
            response = browser.get("/whoami/")
            assert (response.status_code, response.json()["user"]) == (200, None)
        browser.cookies[name] = cookie
        assert browser.whoami() is None
