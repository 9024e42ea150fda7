"""The database itself is away, full up or read-only while somebody is signed in.

With signed cookies, so that what is seen is the hub's own answer: Django's sessions
stand in no table.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .faults import at_most, reached_by, second_connection
from .flows import make_user
from .servers import OwnServer
from .test_fault_request import assert_unavailable

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True, databases="__all__")]


@pytest.fixture(autouse=True)
def signed_cookies(settings) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"


def between_requests(alias: str) -> None:
    """What Django does there, and its test client does not."""
    connections[alias].close_if_unusable_or_obsolete()


def long_unused() -> None:
    Session.objects.update(last_used_at=timezone.now() - timedelta(days=2))


PATHS = ["/public/", "/whoami/", "/sign-out/", "/api/sessions/"]


class TestAway:
    @pytest.mark.parametrize("path", PATHS)
    def test_connections_are_refused(self, signed_in, alias, path):
        # A port nobody listens on.
        with reached_by(alias, HOST="127.0.0.1", PORT="1"), at_most(3):
            assert_unavailable(signed_in.get(path), signed_in)
            assert_unavailable(signed_in.get(path), signed_in)
        assert signed_in.whoami() == "ada"

    @pytest.mark.parametrize("path", PATHS)
    def test_the_connection_is_terminated(self, signed_in, alias, connection, path):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        with second_connection() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert_unavailable(signed_in.get(path), signed_in)
        between_requests(alias)
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().ended_at is None

    def test_a_sign_in_is_refused_and_can_be_repeated(self, user, browser, alias):
        with reached_by(alias, HOST="127.0.0.1", PORT="1"):
            response = browser.sign_in("ada")
        # The view has asked for the user before anything was to be recorded.
        assert response.status_code == 500
        assert browser.sign_in("ada").status_code == 200
        assert browser.whoami() == "ada"


class TestFull:
    @pytest.fixture
    def limited(self, connection) -> Iterator[str]:
        """A role that may connect once at a time."""
        name = f"{connection.settings_dict['NAME']}_limited"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 1")
            cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}")
            cursor.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}")
        yield name
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {name}")
            cursor.execute(f"DROP ROLE {name}")

    def test_no_connection_is_left(self, signed_in, alias, limited):
        with reached_by(alias, USER=limited):
            with second_connection() as holder:
                holder.execute("SELECT 1")
                assert_unavailable(signed_in.get("/public/"), signed_in)
            assert signed_in.get("/public/").status_code == 200
        assert signed_in.whoami() == "ada"


class TestReadOnly:
    @pytest.fixture
    def read_only(self, connection) -> Iterator[Any]:
        """A switch: what a standby, or a server with a full disk, is."""

        def switch(on: bool) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"SET default_transaction_read_only = {'on' if on else 'off'}")

        yield switch
        connection.close()

    def test_the_verdict_can_still_be_read(self, signed_in, read_only):
        long_unused()
        read_only(True)
        assert signed_in.whoami() == "ada"
        assert signed_in.get("/public/", user_agent="Another/1.0").status_code == 200
        read_only(False)
        assert signed_in.whoami() == "ada"
        assert Session.objects.get().last_used_at > timezone.now() - timedelta(minutes=1)

    def test_an_ended_session_stays_out(self, signed_in, read_only):
        end_session(Session.objects.get(), reason=EndReason.COMPROMISED)
        read_only(True)
        assert signed_in.whoami() is None

    def test_an_expired_session_is_refused_unstamped(self, signed_in, read_only):
        limit = timezone.now() - timedelta(minutes=5)
        Session.objects.update(expires_at=limit, idle_expires_at=limit)
        read_only(True)
        assert signed_in.whoami() is None
        assert Session.objects.get().ended_at is None

    def test_a_sign_in_is_refused(self, user, browser, read_only):
        read_only(True)
        assert browser.sign_in("ada").status_code == 503
        read_only(False)
        assert (Session.objects.count(), browser.whoami()) == (0, None)
        assert browser.sign_in("ada").status_code == 200

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_a_sign_out_is_refused(self, user, read_only, mode):
        browser = Browser(mode)
        browser.sign_in("ada")
        read_only(True)
        assert_unavailable(browser.sign_out(), browser)
        read_only(False)
        assert browser.whoami() == "ada"
        assert browser.sign_out().status_code == 200
        assert browser.whoami() is None


@pytest.fixture
def own_server(request) -> Iterator[OwnServer]:
    # Not under pytest's folder: the path of a socket may have 107 characters, and
    # the server runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-", dir="/tmp"))
    try:
        server = OwnServer(folder)
        server.start()
        try:
            yield server
        finally:
            # A test that failed may have left it stopped.
            with suppress(subprocess.CalledProcessError):
                server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.mark.slow
class TestStopped:
    def test_at_once_and_started_again(self, own_server, alias):
        with reached_by(alias, **own_server.settings):
            call_command("migrate", database=alias, verbosity=0)
            make_user("ada")
            browser, other = Browser("sync"), Browser("async")
            for one in (browser, other):
                assert one.sign_in("ada").status_code == 200
            own_server.stop()
            for one in (browser, other):
                for _ in range(2):
                    with at_most(5):
                        assert_unavailable(one.get("/public/"), one)
                    between_requests(alias)
            own_server.start()
            between_requests(alias)
            assert [browser.whoami(), other.whoami()] == ["ada", "ada"]
            # What was acknowledged has survived: the end of one of them, too.
            end_session(Session.objects.first(), reason=EndReason.COMPROMISED)
            own_server.stop()
            own_server.start()
            between_requests(alias)
            assert [browser.whoami(), other.whoami()] == [None, "ada"]
