"""A hub table that is locked or missing while somebody signs in."""

from __future__ import annotations

import logging
import re
from importlib import import_module
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .faults import FAULTS, SIGN_IN_TABLES, TABLES, at_most, waiting_migration

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SESSIONS = Session._meta.db_table
BOUND = 2.0


@pytest.fixture(params=list(FAULTS))
def fault(request, connection):
    if connection.vendor == "sqlite" and request.param == "locked":
        pytest.skip("SQLite locks the whole file: Django's own writes fail before the hub's")
    return FAULTS[request.param]


@pytest.fixture
def fault_of_ours(fault, connection):
    """A fault that leaves Django's own update of the user alone."""
    if connection.vendor == "mysql" and fault is FAULTS["locked"]:
        pytest.skip("MariaDB makes the UPDATE of the user wait for the same lock")
    return fault


@pytest.fixture(params=[False, True], ids=["autocommit", "atomic_requests"])
def atomic_requests(request):
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = request.param
    yield request.param
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = False


def by_page(browser: Browser, name: str = "ada"):
    return browser.post("/accounts/login/", {"username": name, "password": "right-password"})


def by_admin(browser: Browser, name: str = "ada"):
    return browser.post("/admin/login/", {"username": name, "password": "right-password"})


def by_function(browser: Browser, name: str = "ada"):
    return browser.get(f"/sign-in/?user={name}")


def by_async_function(browser: Browser, name: str = "ada"):
    return browser.get(f"/asign-in/?user={name}")


def by_rest(browser: Browser, name: str = "ada"):
    return browser.get(f"/rest-sign-in/?user={name}")


def by_middleware(browser: Browser, name: str = "ada"):
    return browser.get("/public/", x_sign_in=name)


WAYS = {
    "page": by_page,
    "admin": by_admin,
    "function": by_function,
    "async_function": by_async_function,
    "rest": by_rest,
    "middleware": by_middleware,
}


@pytest.fixture
def middleware_that_signs_in(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.middleware.HeaderLoginMiddleware"]


def assert_refused(response) -> None:
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"


def stored_sign_ins() -> list[str]:
    """The users signed in according to the session store itself."""
    store = import_module(django_settings.SESSION_ENGINE).SessionStore
    rows = store.get_model_class().objects.all()
    return [data[SESSION_KEY] for row in rows if SESSION_KEY in (data := row.get_decoded())]


class TestRefused:
    @pytest.mark.parametrize("table", SIGN_IN_TABLES)
    @pytest.mark.parametrize("way", ["page", "async_function"])
    def test_each_table(self, way, table, fault, atomic_requests, user, browser):
        if way == "async_function" and atomic_requests:
            pytest.skip("Django refuses ATOMIC_REQUESTS for async views")
        sign_in = WAYS[way]
        with fault(table), at_most(BOUND):
            assert_refused(sign_in(browser))
        assert Session.objects.count() == 0
        assert stored_sign_ins() == []
        assert browser.whoami() is None
        assert sign_in(browser).status_code in (200, 302)
        assert browser.whoami() == "ada"
        assert Session.objects.get().user == user

    @pytest.mark.parametrize("way", WAYS)
    def test_each_way_to_sign_in(self, way, fault, make_user, browser, middleware_that_signs_in):
        make_user(is_staff=True)
        with fault(SESSIONS), at_most(BOUND):
            assert_refused(WAYS[way](browser))
        assert Session.objects.count() == 0
        assert stored_sign_ins() == []
        assert browser.whoami() is None
        assert WAYS[way](browser).status_code in (200, 302)
        assert browser.whoami() == "ada"
        assert Session.objects.count() == 1

    def test_the_table_for_programs_is_not_needed(self, fault_of_ours, user, browser):
        with fault_of_ours(TABLES[-1]):
            assert by_page(browser).status_code == 302
            assert browser.whoami() == "ada"

    def test_a_view_that_swallows_the_error_goes_on_signed_out(self, user, browser):
        with FAULTS["missing"](SESSIONS):
            assert browser.get("/sign-in-and-go-on/?user=ada").status_code == 200
        assert stored_sign_ins() == []
        assert browser.whoami() is None


@pytest.mark.mariadb
@pytest.mark.parametrize("table", SIGN_IN_TABLES)
def test_a_migration_that_waits_does_not_hang_a_sign_in(table, user, browser):
    with waiting_migration(table), at_most(BOUND):
        assert_refused(by_page(browser))
    assert by_page(browser).status_code == 302


def test_a_refused_sign_in_is_no_last_login(user, browser):
    with FAULTS["missing"](SESSIONS):
        assert_refused(by_page(browser))
    user.refresh_from_db()
    assert user.last_login is None
    by_page(browser)
    user.refresh_from_db()
    assert user.last_login is not None


class TestWhoWasThereBefore:
    def test_a_cart_survives(self, fault, atomic_requests, user, browser):
        browser.get("/cart/")
        with fault(SIGN_IN_TABLES[1]), at_most(BOUND):
            assert_refused(by_page(browser))
        assert browser.get("/read-session/").json() == {"cart": [1]}
        assert stored_sign_ins() == []
        assert by_page(browser).status_code == 302
        assert browser.get("/read-session/").json() == {"cart": [1]}
        assert browser.whoami() == "ada"

    @pytest.mark.parametrize("table", SIGN_IN_TABLES)
    def test_the_same_user_again_keeps_the_first_session(
        self, table, fault, atomic_requests, signed_in, connection
    ):
        if table in SIGN_IN_TABLES[1:3] and fault is FAULTS["missing"]:
            pytest.skip("proving a session again does not write there")
        if (connection.vendor, table, fault) == ("mysql", SIGN_IN_TABLES[1], FAULTS["locked"]):
            pytest.skip("not needed here, but MariaDB makes Django's UPDATE of the user wait")
        first = Session.objects.get()
        with fault(table), at_most(BOUND):
            response = by_page(signed_in)
            if response.status_code == 302:
                # Nothing of this table was needed.
                assert table in SIGN_IN_TABLES[1:3]
            else:
                assert_refused(response)
        assert signed_in.whoami() == "ada"
        assert by_page(signed_in).status_code == 302
        assert signed_in.session_id() == str(first.pk)
        assert Session.objects.count() == 1

    @pytest.mark.parametrize("table", SIGN_IN_TABLES)
    def test_another_user_is_not_signed_in(
        self, table, fault, atomic_requests, make_user, signed_in, connection
    ):
        make_user("bob")
        with fault(table), at_most(BOUND):
            assert_refused(by_page(signed_in, "bob"))
        # Without a verdict the view is not reached and nothing changes. After it,
        # Django has taken the first user's session apart, and the cookie with it.
        assert signed_in.whoami() == ("ada" if table == SESSIONS else None)
        assert not Session.objects.filter(user__username="bob").exists()
        assert by_page(signed_in, "bob").status_code == 302
        assert signed_in.whoami() == "bob"
        active = Session.objects.active().values_list("user__username", flat=True)
        if connection.vendor == "mysql" and fault is FAULTS["locked"] and table != SESSIONS:
            # MariaDB has locked the sessions along: the first row could not be ended.
            assert "bob" in active
        else:
            assert list(active) == ["bob"]
            assert Session.objects.ended().get().end_reason == EndReason.REPLACED


class TestRetry:
    @pytest.mark.parametrize("in_session", [False, True], ids=["csrf_cookie", "csrf_in_session"])
    def test_the_same_form_can_be_sent_again(
        self, in_session, fault, atomic_requests, user, browser, settings
    ):
        settings.CSRF_USE_SESSIONS = in_session
        browser.client.handler.enforce_csrf_checks = True
        page = browser.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text).group(1)
        form = {"username": "ada", "password": "right-password", "csrfmiddlewaretoken": token}
        for _ in range(2):
            with fault(SESSIONS), at_most(BOUND):
                assert_refused(browser.post("/accounts/login/", form))
        assert browser.post("/accounts/login/", form).status_code == 302
        assert browser.whoami() == "ada"


class TestSaid:
    @pytest.mark.parametrize("table", SIGN_IN_TABLES)
    def test_the_log_names_the_table_once_a_minute(
        self, table, fault, user, browser, caplog, connection
    ):
        with fault(table):
            by_page(browser)
            by_page(browser)
        said = [one for one in caplog.records if one.name == "sessions_hub.receivers"]
        assert len(said) == 1
        assert said[0].levelno == logging.ERROR
        if connection.vendor == "mysql" and fault is FAULTS["locked"]:
            # MariaDB locks the tables a table refers to along; the first one in the way counts.
            table = "sessions_hub_[a-z]+"
        assert re.search(rf"\b{table}\b", said[0].getMessage())
        assert "503" in said[0].getMessage()

    @pytest.mark.parametrize("table", TABLES)
    def test_the_check_names_the_table(self, table, fault):
        refused = pytest.raises(SystemCheckError, match=rf"\b{table}\b")
        with fault(table), refused, at_most(BOUND):
            call_command("check", databases=[database()], stderr=StringIO())


class TestLetStand:
    def test_allow_lets_the_sign_in_stand_and_the_next_request_records_it(
        self, fault_of_ours, user, browser, settings, caplog
    ):
        settings.SESSIONS_HUB_RECORD_FAILURE = "allow"
        devices = SIGN_IN_TABLES[1]
        with fault_of_ours(devices), at_most(BOUND):
            assert by_page(browser).status_code == 302
        assert stored_sign_ins() == [str(user.pk)]
        assert Session.objects.count() == 0
        assert "let stand" in caplog.text
        assert browser.whoami() == "ada"
        row = Session.objects.get()
        assert (row.user, row.assurance_level) == (user, 0)
        assert row.authentication_methods.get().method == "unknown"

    def test_allow_ends_the_session_of_the_user_before(self, make_user, signed_in, settings):
        settings.SESSIONS_HUB_RECORD_FAILURE = "allow"
        make_user("bob")
        with FAULTS["missing"](SIGN_IN_TABLES[3]):
            by_page(signed_in, "bob")
        assert signed_in.whoami() == "bob"
        first = Session.objects.order_by("pk").first()
        assert (first.user.username, first.ended_at is None) == ("ada", False)
        assert first.end_reason in (EndReason.SIGNED_OUT, EndReason.REPLACED)

    def test_without_the_middleware_one_error_is_logged_and_the_first_request_records(
        self, fault_of_ours, user, browser, caplog
    ):
        with fault_of_ours(SESSIONS), at_most(BOUND):
            browser.client.force_login(user)
        errors = [one for one in caplog.records if one.name == "sessions_hub.receivers"]
        assert [one.levelname for one in errors] == ["ERROR"]
        assert stored_sign_ins() == [str(user.pk)]
        assert browser.whoami() == "ada"
        assert Session.objects.get().user == user
