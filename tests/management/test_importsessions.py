"""importsessions gives rows to sessions of other tables, and an adoption finds them."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.sessions.models import Session as DjangoSession
from django.db import connection
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.digests import DJANGO_KEY, digest
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.importing import SOURCES, importer
from sessions_hub.lifecycle.link import MARKER_KEY
from sessions_hub.models import Device, Session, SessionDevice
from tests.contract.browser import CHROME, Browser
from tests.lifecycle.stores import cookie_of, forget, with_cookie

from .importing import signed_in, store, table_of, user_sessions_table

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def numbers(said: str) -> dict[str, int]:
    """What the printed table counts, without the zeros."""
    lines = [line for line in said.splitlines() if "sha256:" not in line and "," not in line]
    rows = [line.rsplit(None, 1) for line in lines if line[-1:].isdigit()]
    return {name.strip(): int(number) for name, number in rows if int(number)}


@pytest.fixture
def browser(user) -> Browser:
    """A browser that signed in before there was a hub."""
    user("ada")
    browser = Browser("sync")
    browser.sign_in("ada")
    return forget(browser)


class TestAdoption:
    @pytest.mark.parametrize("engine", ["db", "cached_db"])
    def test_finds_the_imported_row(self, engine, user, run, settings):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
        user("ada")
        browser = Browser("sync")
        browser.sign_in("ada")
        forget(browser)
        assert numbers(run("importsessions")) == {"imported": 1, "read": 1}
        row = Session.objects.get()
        assert (row.user.username, row.current_fingerprint, row.assurance_level) == ("ada", "", 0)
        assert row.django_key_digest == digest(DJANGO_KEY, cookie_of(browser))
        assert row.authentication_methods.get().method == "unknown"
        assert browser.whoami() == "ada"
        assert Session.objects.get().pk == row.pk
        assert browser.session_id() == str(row.pk)
        # Its first client is its own.
        row.refresh_from_db()
        assert row.client_name == "Chrome"
        assert row.devices.count() == 1

    def test_finds_that_it_has_ended(self, browser, run):
        run("importsessions")
        end_session(Session.objects.get(), reason="revoked_by_staff")
        assert browser.whoami() is None
        assert Session.objects.count() == 1

    def test_finds_it_where_unknown_sessions_are_denied(self, browser, run, settings):
        run("importsessions")
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
        assert browser.whoami() == "ada"
        assert Session.objects.count() == 1

    def test_makes_none_where_unknown_sessions_are_denied(self, browser, settings):
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
        assert browser.whoami() is None
        assert Session.objects.count() == 0

    @pytest.mark.parametrize(("engine", "name"), [("db", "ada"), ("signed_cookies", None)])
    def test_that_did_not_get_through_counts_unless_it_can_be_replayed(
        self, engine, name, user, settings
    ):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
        user("ada")
        browser = Browser("sync")
        browser.sign_in("ada")
        before = cookie_of(forget(browser))
        browser.get("/boom/")
        assert Session.objects.count() == 1
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
        # The cookie of before: with a store behind it, it is the one there is.
        assert with_cookie(before).whoami() == name

    def test_before_the_import_makes_the_one_row(self, browser, run):
        browser.whoami()
        assert numbers(run("importsessions")) == {"known already": 1, "read": 1}
        assert Session.objects.count() == 1

    @pytest.mark.parametrize("with_others", [0, 3])
    def test_meanwhile_makes_the_one_row(self, with_others, browser, user, run):
        for _ in range(with_others):
            store(signed_in(user("bob")))
        real, done = importer._insert, []

        def overtaken(*args):
            if not done:
                done.append(browser.get("/boom/"))
            return real(*args)

        with mock.patch.object(importer, "_insert", overtaken):
            counts = numbers(run("importsessions"))
        assert counts["known already"] == 1
        assert counts.get("imported", 0) == with_others
        assert Session.objects.count() == 1 + with_others


class TestRows:
    def test_are_counted_by_what_came_of_them(self, user, run):
        ada, old = user("ada"), user("old")
        gone = signed_in(ada) | {"_auth_user_id": "no such key"}
        stale = signed_in(old)
        old.set_password("another")
        old.save()
        store(signed_in(ada))
        store(signed_in(ada), expire_date=timezone.now() - HOUR)
        store({"cart": 1})
        store({})
        store(signed_in(ada, **{MARKER_KEY: {"id": "x"}}))
        names = [store(gone), store(stale)]
        names += [store(signed_in(ada), session_data=data) for data in ("", "?", "e30:1:x")]
        expected = {
            "imported": 1,
            "known already": 1,
            "nobody signed in": 2,
            "expired": 1,
            "of a user who is gone": 1,
            "of another password": 1,
            "unreadable": 3,
            "read": 10,
        }
        looked = run("importsessions", "--dry-run", verbosity=2)
        assert numbers(looked) == expected
        assert Session.objects.count() == 0
        before = list(DjangoSession.objects.order_by("pk").values())
        assert numbers(run("importsessions", "--batch-size=2")) == expected
        again = {**expected, "known already": 2}
        del again["imported"]
        assert numbers(run("importsessions")) == again
        assert Session.objects.count() == 1
        # Nothing of the source is changed, and its keys are not shown.
        assert list(DjangoSession.objects.order_by("pk").values()) == before
        named = [line for line in looked.splitlines() if "sha256:" in line]
        assert len(named) == len(names)
        assert not any(key in looked for key in names)

    @pytest.mark.parametrize(
        ("noted", "acts"),
        [
            ({"hijack_history": ["7"]}, True),
            ({"loginas_from_user": "7:1tX:signed"}, True),
            ({"own_flag": "7:1tX:signed"}, True),
            # Whoever was released is themselves.
            ({"hijack_history": []}, False),
            # The signed-in user of django-impersonate is the one who acts.
            ({"_impersonate": 7}, False),
        ],
    )
    def test_are_none_of_the_user_somebody_acts_as(self, noted, acts, user, run, settings):
        """Nobody would tell them from that user's own, and nothing would end them in time."""
        if "own_flag" in noted:
            settings.LOGINAS_FROM_USER_SESSION_FLAG = "own_flag"
        store(signed_in(user("ada"), **noted))
        what = "of somebody acting as the user" if acts else "imported"
        assert numbers(run("importsessions")) == {what: 1, "read": 1}
        assert Session.objects.count() == (not acts)

    def test_tell_when_they_began_and_how_long_they_last(self, user, run):
        ada = user("ada")
        now = timezone.now()
        ada.last_login = now - HOUR
        ada.save()
        # Saved three days ago, before the last login: another session's.
        store(signed_in(ada), expire_date=now + 11 * DAY)
        run("importsessions")
        row = Session.objects.get()
        assert row.issued_at == row.last_used_at == now - 3 * DAY
        assert abs(row.expires_at - (now + 11 * DAY)) < timedelta(seconds=5)
        assert row.pk.int >> 80 == int(row.issued_at.timestamp() * 1000)
        assert row.authentication_methods.get().completed_at == row.issued_at

    def test_of_disabled_users_come_along(self, user, run):
        store(signed_in(user("ada", is_active=False)))
        run("importsessions")
        assert not Session.objects.get().is_active()


@pytest.mark.skipif(database() != "default", reason="tables of packages refer to users beside them")
class TestOfPackages:
    def test_allauth(self, user, run, settings):
        pytest.importorskip("allauth")
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "allauth.account.middleware.AccountMiddleware",
        ]
        ada, now = user("ada"), timezone.now()
        key = store(signed_in(ada))
        with table_of(
            "allauth.usersessions.models.UserSession",
            *("allauth", "allauth.account", "allauth.usersessions"),
        ) as model:
            # It leaves the rows of sessions that are gone.
            for one in (key, "gone"):
                model.objects.create(
                    user=ada,
                    session_key=one,
                    ip="192.0.2.7",
                    user_agent=CHROME[:200],
                    created_at=now - 2 * DAY,
                    last_seen_at=now - HOUR,
                )
            said = run("importsessions", "--from=allauth")
            assert numbers(said) == {"imported": 1, "nobody signed in": 1, "read": 2}
            assert numbers(run("importsessions", "--from=allauth"))["known already"] == 1
            last = model.objects.latest("pk").pk
            there, behind = f"--after={last}", f"--after={last + 1}"
            assert numbers(run("importsessions", "--from=allauth", there))["read"] == 1
            assert numbers(run("importsessions", "--from=allauth", behind)) == {}
        row = Session.objects.get()
        assert (row.ip, row.client_name, row.last_used_at) == (
            *("192.0.2.7", "Chrome"),
            now - HOUR,
        )
        place = row.session_devices.get()
        assert (place.ip, place.device, place.last_seen_at) == ("192.0.2.7", None, now - HOUR)

    @pytest.mark.parametrize("engine", ["db", "cached_db"])
    def test_qsessions(self, engine, user, run, settings):
        pytest.importorskip("qsessions")
        user("ada")
        settings.SESSION_ENGINE = f"qsessions.backends.{engine}"
        settings.MIDDLEWARE = [
            "qsessions.middleware.SessionMiddleware"
            if one == "django.contrib.sessions.middleware.SessionMiddleware"
            else one
            for one in settings.MIDDLEWARE
        ]
        with table_of("qsessions.models.Session", "qsessions"):
            browser = Browser("sync")
            # Before there was a hub; its store writes the client with the data.
            with mock.patch("sessions_hub.lifecycle.link.write"):
                browser.sign_in("ada")
            for model in (Session, Device):
                model.objects.all().delete()
            said = run("importsessions", "--from=qsessions")
            assert numbers(said) == {"imported": 1, "read": 1}
            row = Session.objects.get()
            assert (row.ip, row.client_name) == ("127.0.0.1", "Chrome")
            assert browser.whoami() == "ada"
            assert browser.session_id() == str(row.pk)
            assert Session.objects.count() == 1
            # Where it was, and where it is used from now on.
            assert SessionDevice.objects.filter(session=row).count() == 2
            assert row.devices.count() == 1
            assert numbers(run("importsessions", "--from=qsessions")) == {
                "known already": 1,
                "read": 1,
            }

    def test_user_sessions(self, user, run):
        ada, now = user("ada"), timezone.now()
        key = store(signed_in(ada))
        data = DjangoSession.objects.get(pk=key).session_data
        with user_sessions_table():
            rows = SOURCES["user-sessions"]._model()._base_manager
            for number, address in enumerate(("2001:db8::7", None)):
                rows.create(
                    session_key=f"key{number}",
                    session_data=data,
                    expire_date=now + DAY,
                    user_agent=CHROME[:200] if address else None,
                    last_activity=now - HOUR,
                    ip=address,
                )
            said = run("importsessions", "--from=user-sessions")
            assert numbers(said) == {"imported": 2, "read": 2}
        known, unknown = Session.objects.order_by("-ip_key")
        assert (known.ip, known.client_name) == ("2001:db8::7", "Chrome")
        assert (unknown.ip, unknown.client_name, unknown.session_devices.count()) == (None, "", 0)


def test_a_table_that_is_not_there_is_told(stopped):
    error = stopped("importsessions", "--from=user-sessions")
    assert error.status == 1
    assert error.message == "The database “default” has no table user_sessions_session."


def test_a_table_of_another_make_is_told(stopped):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE qsessions_session (session_key varchar(40))")
    try:
        assert stopped("importsessions", "--from=qsessions").message == (
            "The table qsessions_session has no column created_at."
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE qsessions_session")
