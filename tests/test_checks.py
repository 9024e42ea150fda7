"""Checks of the middleware, sessions, proxies, deployment and tables; every id has a test."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections
from django.test import override_settings

from sessions_hub import checks
from sessions_hub.lifecycle.guard import database
from sessions_hub.middleware import SessionsHubMiddleware
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    FailedSignIns,
    Session,
    SessionDevice,
    SessionToken,
)

from .system_checks import found, ids

OURS = "sessions_hub.middleware.SessionsHubMiddleware"
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
OTP = "django_otp.middleware.OTPMiddleware"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
REMOTE = "django.contrib.auth.middleware.RemoteUserMiddleware"
PERSISTENT_REMOTE = "django.contrib.auth.middleware.PersistentRemoteUserMiddleware"
SIGNED = "django.contrib.sessions.backends.signed_cookies"
HERE = "tests.test_checks"


class HouseMiddleware(SessionsHubMiddleware):
    """A site's own, on top of ours."""


class HouseAuthentication:
    """A site's own AuthenticationMiddleware, made below, once Django is set up."""


def function_middleware(get_response):
    return get_response


class TestMiddleware:
    @pytest.mark.parametrize(
        ("listed", "expected"),
        [
            ([SESSIONS, AUTH, OURS], set()),
            ([SESSIONS, AUTH, OURS, OTP, LOGIN_REQUIRED], set()),
            ([SESSIONS, AUTH, f"{HERE}.HouseMiddleware"], set()),
            ([SESSIONS, f"{HERE}.function_middleware", AUTH, OURS], set()),
            ([SESSIONS, AUTH, f"{HERE}.function_middleware", OURS], {"W026"}),
            ([SESSIONS, f"{HERE}.HouseAuthentication", OURS], set()),
            ([SESSIONS, AUTH], {"W020"}),
            ([SESSIONS, OURS, AUTH], {"E021"}),
            ([SESSIONS, OURS], {"E021"}),
            ([SESSIONS, f"{HERE}.HouseMiddleware", AUTH], {"E021"}),
            ([SESSIONS, AUTH, OURS, OURS], {"E022"}),
            ([SESSIONS, AUTH, OURS, f"{HERE}.HouseMiddleware"], {"E022"}),
            ([SESSIONS, AUTH, OTP, OURS], {"E023"}),
            ([SESSIONS, AUTH, LOGIN_REQUIRED, OURS], {"E023"}),
            ([SESSIONS, AUTH, LOGIN_REQUIRED, f"{HERE}.HouseMiddleware"], {"E023"}),
            ([SESSIONS, AUTH, OURS, REMOTE], set()),
            ([SESSIONS, AUTH, REMOTE, OURS], {"E023"}),
            ([SESSIONS, AUTH, PERSISTENT_REMOTE, OURS], {"E023"}),
            (["no.such.Middleware", SESSIONS, AUTH, OURS], set()),
        ],
    )
    def test_its_place(self, listed, expected, monkeypatch):
        from django.contrib.auth.middleware import AuthenticationMiddleware

        house = type("HouseAuthentication", (AuthenticationMiddleware,), {"__module__": HERE})
        monkeypatch.setattr(f"{HERE}.HouseAuthentication", house)
        with override_settings(MIDDLEWARE=listed):
            assert ids() == expected


class TestSessions:
    def test_time_zones_are_needed(self):
        with override_settings(USE_TZ=False):
            assert ids() == {"E024"}

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({}, {"E025"}),
            ({"SESSIONS_HUB_UNKNOWN_SESSION": "deny"}, set()),
            ({"SESSIONS_HUB_ADOPT_UNTIL": datetime(2030, 1, 1, tzinfo=UTC)}, set()),
        ],
    )
    def test_replayable_cookies_are_not_adopted_for_ever(self, given, expected):
        with override_settings(SESSION_ENGINE=SIGNED, **given):
            assert ids() == expected

    @pytest.mark.parametrize("engine", ["no.such.engine", "tests.test_checks"])
    def test_an_engine_that_is_none_is_djangos_to_report(self, engine):
        with override_settings(SESSION_ENGINE=engine):
            assert checks.check_sessions() == []


class TestProxies:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({}, {"W031"}),
            ({"SESSIONS_HUB_PROXY_COUNT": 1}, set()),
            ({"SESSIONS_HUB_TRUSTED_PROXIES": ["unix"]}, set()),
        ],
    )
    def test_a_header_needs_a_trusted_proxy(self, given, expected):
        with override_settings(SESSIONS_HUB_CLIENT_ADDRESS_HEADER="X-Real-IP", **given):
            assert ids() == expected


class TestDeployment:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({}, {"W040"}),
            ({"SESSIONS_HUB_LIMITS": "nist"}, set()),
            ({"SESSIONS_HUB_ENFORCE": False}, {"W040", "W041"}),
            ({"SESSIONS_HUB_LIMITS": "nist", "SESSIONS_HUB_ENFORCE": False}, {"W041"}),
        ],
    )
    def test_what_production_should_do(self, given, expected):
        with override_settings(**given):
            assert ids(include_deployment_checks=True) == expected
            assert ids() == set()


@contextmanager
def table_renamed(model):
    """The table is missing meanwhile."""
    table = model._meta.db_table
    with connections[database()].schema_editor() as editor:
        editor.alter_db_table(model, table, f"{table}_away")
    try:
        yield table
    finally:
        with connections[database()].schema_editor() as editor:
            editor.alter_db_table(model, f"{table}_away", table)


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestTables:
    def test_all_there(self):
        assert ids(databases=[database()]) == set()

    @pytest.mark.parametrize(
        "model", [Session, Device, SessionDevice, AuthenticationMethod, SessionToken]
    )
    def test_a_missing_one_is_named(self, model):
        with table_renamed(model) as table:
            assert ids(databases=[database()]) == {"E050"}
            (message,) = found(databases=[database()])
            assert table in message.msg
            with pytest.raises(SystemCheckError, match=table):
                call_command("check", databases=[database()])
            # Not asked about this database.
            assert ids() == set()
            assert ids(databases=[]) == set()

    def test_a_missing_one_without_which_people_sign_in_is_no_error(self):
        with table_renamed(FailedSignIns) as table:
            assert ids(databases=[database()]) == {"W052"}
            (message,) = found(databases=[database()])
            assert table in message.msg


@pytest.mark.parametrize("is_there", [True, False])
def test_a_backend_whose_package_is_missing_is_named(settings, monkeypatch, is_there) -> None:
    settings.SESSIONS_HUB_USER_AGENT_BACKEND = (
        "sessions_hub.understanding.backends.matomo.MatomoBackend"
    )
    monkeypatch.setattr(
        "sessions_hub.understanding.backends.matomo.backend.find_spec",
        lambda name: object() if is_there else None,
    )
    assert ("E073" in ids()) is not is_there
    if not is_there:
        (message,) = [one for one in run_checks() if one.id == "sessions_hub.E073"]
        assert "pip install 'django-sessions-hub[matomo]'" in message.msg


@pytest.mark.parametrize(
    ("networks", "count", "header", "warned"),
    [
        (["10.0.0.0/8"], 0, None, True),
        ((), 1, None, True),
        (["10.0.0.0/8"], 0, "X-Forwarded-For", False),
        ((), 0, None, False),
    ],
)
def test_a_second_header_that_may_tell_the_address_is_named(
    settings, networks, count, header, warned
) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = networks
    settings.SESSIONS_HUB_PROXY_COUNT = count
    settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = header
    assert ("W042" in ids(include_deployment_checks=True)) is warned


def test_ids_are_unique_and_all_tested():
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(checks.__file__).parent.glob("*.py")
    )
    used = re.findall(r'"(?:sessions_hub\.)?([EIW][01]\d\d)"', source)
    assert len(used) == len(set(used))
    # Wherever they are tested: those of tables, for one, in tests/test_migrations.py.
    tests = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py")
    )
    assert [check_id for check_id in used if f'"{check_id}"' not in tests] == []
    errors = {f"E{number:03}" for number in range(1, 26) if number != 20}
    errors |= {"E027", "E050", "E070", "E071", "E072", "E073"}
    errors |= {"E080", "E081", "E082", "E083", "E084", "E085", "E086"}
    errors |= {"E090", "E091", "E092", "E093", "E094", "E100", "E101"}
    errors |= {"E110", "E111", "E112", "E113", "E114", "E115", "E116", "E117"}
    errors |= {"E120", "E121", "E122", "E123", "E130", "E131", "E132"}
    errors |= {"E140", "E141", "E142", "E143", "E144", "E145", "E146", "E147"}
    errors |= {"E150", "E151", "E152", "E153", "E154"}
    errors |= {"E160", "E161", "E162", "E163", "E164", "E165"}
    errors |= {"E170", "E171", "E180", "E181", "E182"}
    others = {
        "W020",
        "W026",
        "W030",
        "W031",
        "W032",
        "I033",
        "W040",
        "W041",
        "W042",
        "W051",
        "W052",
    }
    others |= {"W080", "W081", "W110", "W111", "W112", "W113", "W120", "W121"}
    others |= {"W130", "W131", "W132", "W133", "W150", "W160", "W170"}
    assert errors | others == set(used)
