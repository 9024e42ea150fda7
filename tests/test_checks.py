"""Every check fires on what is wrong and not on what is right, and says what to do."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections
from django.test import override_settings

from sessions_hub import checks
from sessions_hub.conf import DEFAULT_BACKEND, NAMES
from sessions_hub.lifecycle.guard import database
from sessions_hub.middleware import SessionsHubMiddleware
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken

OURS = "sessions_hub.middleware.SessionsHubMiddleware"
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
OTP = "django_otp.middleware.OTPMiddleware"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
REMOTE = "django.contrib.auth.middleware.RemoteUserMiddleware"
PERSISTENT_REMOTE = "django.contrib.auth.middleware.PersistentRemoteUserMiddleware"
SIGNED = "django.contrib.sessions.backends.signed_cookies"
HERE = "tests.test_checks"
HOUR = timedelta(hours=1)


class HouseMiddleware(SessionsHubMiddleware):
    """A site's own, on top of ours."""


class HouseAuthentication:
    """A site's own AuthenticationMiddleware, made below, once Django is set up."""


def function_middleware(get_response):
    return get_response


def found(**kwargs) -> list:
    """Messages of this app, as `manage.py check` gives them."""
    return [message for message in run_checks(**kwargs) if message.id.startswith("sessions_hub.")]


def ids(**kwargs) -> set[str]:
    messages = found(**kwargs)
    for message in messages:
        assert message.hint
        assert message.msg.endswith((".", "?")) or ": " in message.msg
    return {message.id.removeprefix("sessions_hub.") for message in messages}


def errors() -> set[str]:
    return {check_id for check_id in ids() if check_id.startswith("E")}


# Setting, id, wrong values, right ones.
VALUES = [
    ("ENFORCE", "E002", ["yes", 1, None], [True, False]),
    (
        "EXEMPT_PATHS",
        "E003",
        ["/health/", [1], None, ["/"], [""], ["health/"]],
        [[], ("/health/",), ["/a"]],
    ),
    ("UNKNOWN_SESSION", "E004", ["Adopt", None, True], ["adopt", "deny"]),
    (
        "ADOPT_UNTIL",
        "E005",
        ["tomorrow", 20261231, "", "2026-13-01"],
        [None, "2026-12-31", "2026-12-31T12:00Z", date(2026, 1, 1), datetime(2026, 1, 1)],
    ),
    ("RECORD_FAILURE", "E006", ["deny", None], ["refuse", "allow"]),
    ("LOCK_TIMEOUT", "E007", [1, 1.5, None, timedelta(0), -HOUR], [HOUR]),
    ("LIMITS", "E008", ["NIST", None, {}], ["django", "nist"]),
    ("TOUCH_INTERVAL", "E009", [60, None, timedelta(0)], [HOUR]),
    ("RETENTION", "E010", [90, timedelta(0), "90 days"], [None, HOUR]),
    ("ON_USER_DELETE", "E011", ["keep", None], ["delete", "anonymize"]),
    (
        "DEVICE_COOKIE",
        "E012",
        ["", "a b", "a;b", "__Host-x", "é", 7, False],
        [None, "device", "my-device_2"],
    ),
    ("MAX_ENDPOINTS", "E013", [0, -1, 2.5, None, True, "50"], [1, 50]),
    (
        "TRUSTED_PROXIES",
        "E014",
        ["10.0.0.0/8", ["10.0.0.1/8"], ["proxy"], [None], None],
        [[], ["10.0.0.0/8", "192.0.2.1"], ("unix", "2001:db8::/32")],
    ),
    ("PROXY_COUNT", "E015", [-1, True, "1", None, 1.0], [0, 2]),
    ("CLIENT_ADDRESS_HEADER", "E016", ["", 7, ["X"]], [None, "CF-Connecting-IP"]),
    (
        "BACKEND_METHODS",
        "E017",
        [
            {"no.such.Backend": "password"},
            {"django.contrib.auth.backends.ModelBackend": "palm"},
            {7: "password"},
            ["password"],
            None,
        ],
        [{}, {"django.contrib.auth.backends.ModelBackend": "sms"}],
    ),
    ("ENGINE_TAKES_OVER", "E132", ["yes", 1, None], [True, False]),
    ("HASH_KEYS", "E018", ["secret", [b"secret"], [None], None], [[], ("a", "b")]),
    # Right ones: tests/test_checks_jwt.py.
    ("JWT_KEYS", "E150", ["key", None, {}, ["key"], [{}], [{"key": "", "state": "signing"}]], [[]]),
    (
        "JWT_ISSUER",
        "E151",
        ["", "www.example.com", "ftp://example.com", "https://", "https://a/?b", "https://a/#b", 7],
        [None, "https://www.example.com", "http://localhost:8000/hub/"],
    ),
    ("TOKENIZE_TEMPLATES", "E152", [None, [], ["orders"], {"orders": None}, {"": {}}], [{}]),
    (
        "USER_AGENT_BACKEND",
        "E070",
        ["no.such.Backend", "Backend", "datetime.datetime", f"{HERE}.found", 7, None],
        [DEFAULT_BACKEND, "sessions_hub.understanding.backends.UserAgentBackend"],
    ),
    (
        "USER_AGENT_TIMEOUT",
        "E071",
        [1, 1.5, None, timedelta(0), -HOUR, HOUR, timedelta.max],
        [timedelta(seconds=1), timedelta(minutes=1)],
    ),
    (
        "BINDING",
        "E110",
        [None, [], "os", {"os": "deny"}, {"ip": "end"}, {"os": None}, {"os": 1}],
        [{}, {"os": "end", "client": "ignore", "country": "step_up", "travel": "record"}],
    ),
    ("TRAVEL_SPEED", "E111", [0, -1, True, "1000", None, float("inf"), float("nan")], [1, 0.5]),
    ("REAUTHENTICATE_URL", "E112", ["", None, 7], ["prove", "/prove/"]),
    ("PROOF_PATHS", "E113", ["/sso/", ["/"], [""], ["sso/"], None], [[], ("/sso/",)]),
    ("ALERTS", "E114", ["device", ["town"], [1], None], [[], (), ["country", "device"]]),
    ("ALERT_LANGUAGE", "E115", ["", "a b", "profile.", 7], [None, "language", "profile.lang"]),
    (
        "BASE_URL",
        "E116",
        ["", "example.com", "ftp://example.com", "https://", "https://a/?b=c", 7],
        [None, "https://example.com", "http://localhost:8000/hub/"],
    ),
    ("PASSWORD_URL", "E117", ["", 7], [None, "reset", "/reset/"]),
    (
        "CLIENT_HINTS_PATHS",
        "E072",
        ["/signup/", [1], None, [""], ["signup/"]],
        [[], ["/"], ("/signup/", "/a")],
    ),
    (
        "LIFETIMES",
        "E080",
        [
            None,
            [HOUR],
            {"aal4": HOUR},
            {"regular": HOUR},
            {2: HOUR},
            {"aal1": 3600},
            {"aal1": None},
            {"aal1": timedelta(0)},
            {"aal1": timedelta.max},
            {"aal1": (HOUR,)},
            {"aal1": (HOUR, -HOUR)},
            {"aal1": (HOUR, timedelta(hours=2))},
            {"aal1": (timedelta.max, HOUR)},
            {"api_key": timedelta(days=400, microseconds=1)},
        ],
        [
            {},
            {"aal1": HOUR, "below_available": HOUR, "temporary": timedelta(minutes=1)},
            {"aal2": (HOUR, None), "aal3": (HOUR, HOUR), "api_key": timedelta(days=400)},
        ],
    ),
    (
        "SESSION_TYPE",
        "E082",
        ["no.such.function", "tests.test_checks.HERE", "", 7],
        [None, f"{HERE}.function_middleware"],
    ),
    ("MAX_SESSIONS", "E083", [0, -1, 2.5, True, "3"], [None, 1, 50]),
    ("MAX_SESSIONS_ACTION", "E084", ["end_newest", None], ["end_oldest", "refuse"]),
    ("ONE_SESSION_PER_DEVICE", "E085", ["yes", 1, None], [True, False]),
    ("END_OTHERS_AT_SIGN_IN", "E086", ["yes", 1, None], [True, False]),
    (
        "IMPERSONATION_LIFETIME",
        "E100",
        [3600, None, timedelta(0), timedelta(days=1, seconds=1)],
        [timedelta(minutes=1), timedelta(days=1)],
    ),
    (
        "IMPERSONATION_POLICY",
        "E101",
        ["no.such.function", "tests.views.BACKEND", print, ""],
        [None, "tests.views.public"],
    ),
    ("CACHE", "E120", ["no-such", "", 7, True], [None]),
    (
        "CACHE_TTL",
        "E121",
        [10, None, timedelta(0), timedelta(seconds=0.5), timedelta(seconds=10.1), -HOUR],
        [timedelta(seconds=1), timedelta(seconds=10)],
    ),
    (
        "TENANT",
        "E123",
        ["", "no.such.function", "datetime.UTC", f"{HERE}.no_such", 7],
        [None, f"{HERE}.function_middleware"],
    ),
    (
        "UPSTREAM_AAL2",
        "E090",
        [
            [],
            None,
            {"company": {}},
            {"company": ["mfa"]},
            {"company": {"acr": "urn:mfa"}},
            {"company": {"acr": [""]}},
            {"company": {"amr": [1]}},
            {"company": {"acrs": ["urn:mfa"]}},
            {1: {"amr": ["mfa"]}},
        ],
        [{}, {"company": {"acr": ["urn:mfa"], "amr": ("mfa", "hwk")}}],
    ),
    (
        "FACTOR_SOURCES",
        "E091",
        [
            f"{HERE}.function_middleware",
            None,
            [f"{HERE}.HERE"],
            ["tests.no_such.thing"],
            [1],
        ],
        [[], (f"{HERE}.function_middleware",)],
    ),
    (
        "REAUTHENTICATE_FOR",
        "E092",
        ["end_session", None, ["end_sessions"], [1]],
        [[], ("end_session",), ["end_other_sessions", "end_session"]],
    ),
    ("REAUTHENTICATE_MAX_AGE", "E093", [15, None, timedelta(0), -HOUR], [HOUR]),
    ("REAUTHENTICATE_ATTEMPTS", "E094", [0, -1, 101, 1.5, True, "3", None], [1, 10, 100]),
]


class TestValues:
    @pytest.mark.parametrize(
        ("name", "check_id", "value"),
        [(name, check_id, value) for name, check_id, wrong, _ in VALUES for value in wrong],
    )
    def test_a_wrong_value_is_named(self, name, check_id, value):
        with override_settings(**{f"SESSIONS_HUB_{name}": value}):
            assert errors() == {check_id}
            (message,) = [one for one in found() if one.id.endswith(check_id)]
        assert f"SESSIONS_HUB_{name} must be" in message.msg

    @pytest.mark.parametrize(
        ("name", "value"), [(name, value) for name, _, _, right in VALUES for value in right]
    )
    def test_a_right_value_is_silent(self, name, value):
        with override_settings(**{f"SESSIONS_HUB_{name}": value}):
            assert errors() == set()

    def test_every_setting_but_the_files_has_a_check(self):
        checked = {f"SESSIONS_HUB_{name}" for name, *_ in VALUES}
        assert {name for name in NAMES - checked if "GEOIP" not in name} == set()

    def test_hash_keys_are_never_printed(self, capsys):
        with override_settings(SESSIONS_HUB_HASH_KEYS="hush-hush"):
            with pytest.raises(SystemCheckError) as raised:
                call_command("check")
            assert all("hush" not in f"{message}{message.hint}" for message in found())
        assert "E018" in str(raised.value)
        assert "hush" not in str(raised.value) + "".join(capsys.readouterr())

    def test_proxies_by_network_and_by_count_exclude_each_other(self):
        with override_settings(SESSIONS_HUB_TRUSTED_PROXIES=["unix"], SESSIONS_HUB_PROXY_COUNT=1):
            assert ids() == {"E019"}


class TestLifetimesOfNist:
    DAY = 24 * HOUR

    @pytest.mark.parametrize(
        ("lifetimes", "expected"),
        [
            ({"aal1": 30 * DAY, "aal2": (DAY, HOUR), "aal3": (HOUR, HOUR / 4)}, set()),
            # A lone lifetime leaves NIST's idle limit.
            ({"aal1": DAY, "aal2": DAY, "aal3": 12 * HOUR}, set()),
            ({"aal0": 31 * DAY}, {"W080"}),
            ({"aal1": 31 * DAY}, {"W080"}),
            ({"aal2": 25 * HOUR}, {"W080"}),
            ({"aal2": (DAY, None)}, {"W081"}),
            ({"aal2": (DAY, 2 * HOUR)}, {"W081"}),
            ({"aal3": (12 * HOUR, HOUR)}, {"W081"}),
            ({"aal3": 13 * HOUR}, {"E081"}),
            ({"aal3": (13 * HOUR, None)}, {"E081", "W081"}),
            # The strictest wins, so these take nothing back.
            ({"regular_login": 400 * DAY, "below_available": 400 * DAY}, set()),
        ],
        ids=str,
    )
    def test_longer_ones_are_named_where_nist_was_asked_for(self, lifetimes, expected):
        with override_settings(SESSIONS_HUB_LIFETIMES=lifetimes):
            assert ids() == set()
            with override_settings(SESSIONS_HUB_LIMITS="nist"):
                assert ids() == expected

    def test_a_misspelt_key_is_told_the_nearest(self):
        with override_settings(SESSIONS_HUB_LIFETIMES={"below_availible": HOUR}):
            (message,) = found()
        assert message.hint == "Did you mean 'below_available'?"


class TestNames:
    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("SESSIONS_HUB_RETENTON", "Did you mean SESSIONS_HUB_RETENTION?"),
            ("SESSIONS_HUB_TRUSTED_PROXY", "Did you mean SESSIONS_HUB_TRUSTED_PROXIES?"),
            ("SESSIONS_HUB_XYZZY_PLUGH_QUUX", "README"),
        ],
    )
    def test_an_unknown_setting_is_named_with_the_nearest_known(self, name, hint):
        with override_settings(**{name: 1}):
            assert ids() == {"E001"}
            (message,) = found()
        assert name in message.msg
        assert hint in message.hint

    def test_settings_of_others_are_theirs(self):
        with override_settings(SESSIONSHUB=1, SESSION_HUB_LIMITS=1):
            assert ids() == set()


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
    errors |= {"E050", "E070", "E071", "E072", "E073"}
    errors |= {"E080", "E081", "E082", "E083", "E084", "E085", "E086"}
    errors |= {"E090", "E091", "E092", "E093", "E094", "E100", "E101"}
    errors |= {"E110", "E111", "E112", "E113", "E114", "E115", "E116", "E117"}
    errors |= {"E120", "E121", "E122", "E123", "E130", "E131", "E132"}
    errors |= {"E150", "E151", "E152", "E153", "E154"}
    others = {"W020", "W026", "W030", "W031", "W032", "I033", "W040", "W041", "W042", "W051"}
    others |= {"W080", "W081", "W110", "W111", "W112", "W113", "W120", "W121"}
    others |= {"W130", "W131", "W132", "W133", "W150"}
    assert errors | others == set(used)
