"""Checks of the values and names of settings: what is wrong is named, what is right is not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings

from sessions_hub.conf import DEFAULT_BACKEND, NAMES

from .system_checks import errors, found, ids

# A check of Django's asks SQLite for what it can.
pytestmark = pytest.mark.django_db(databases="__all__")

HERE = "tests.test_checks_values"
HOUR = timedelta(hours=1)


def function_middleware(get_response):
    """Something that can be called."""
    return get_response


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
    ("COUNT_FAILED_SIGN_INS", "E027", ["no", 1, None], [True, False]),
    ("LOCK_TIMEOUT", "E007", [1, 1.5, None, timedelta(0), -HOUR], [HOUR]),
    ("LIMITS", "E008", ["NIST", None, {}], ["django", "nist"]),
    ("TOUCH_INTERVAL", "E009", [60, None, timedelta(0)], [HOUR]),
    ("RETENTION", "E010", [90, timedelta(0), "90 days"], [None, HOUR]),
    (
        "RETENTION_FOR",
        "E180",
        [None, [HOUR], {"idle": 90}, {"idle": timedelta(0)}, {"impersonated": HOUR}],
        [{}, {"idle": None, "api_key": HOUR}],
    ),
    ("ADDRESS_RETENTION", "E181", [90, timedelta(0), "90 days"], [None, HOUR]),
    ("USER_AGENT_RETENTION", "E182", [90, timedelta(0), "90 days"], [None, HOUR]),
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
        ["no.such.function", f"{HERE}.HERE", "", 7],
        [None, f"{HERE}.function_middleware"],
    ),
    (
        "USER_SERIALIZER",
        "E147",
        ["no.such.function", f"{HERE}.HERE", "", 7],
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
    (
        "BASE_TEMPLATE",
        "E170",
        ["missing.html", "", None, 7],
        ["sessions_hub/account/base.html"],
    ),
    ("ACCOUNT_API_KEYS", "E171", ["yes", 1, None], [True, False]),
    ("JWT_KEYS", "E150", ["key", None, {}, ["key"], [{}], [{"key": "", "state": "signing"}]], [[]]),
    (
        "JWT_ISSUER",
        "E151",
        ["", "www.example.com", "ftp://example.com", "https://", "https://a/?b", "https://a/#b", 7],
        [None, "https://www.example.com", "http://localhost:8000/hub/"],
    ),
    ("TOKENIZE_TEMPLATES", "E152", [None, [], ["orders"], {"orders": None}, {"": {}}], [{}]),
    ("ENCRYPTION_KEYS", "E160", ["k" * 64, [b"secret"], [None], None], [[], ()]),
    ("EXPOSE_PROVIDER_TOKENS", "E161", ["yes", 1, None], [False]),
    (
        "API_SIGN_IN",
        "E140",
        ["password", None, ["passwords"], ["totp"], [1]],
        [[], ["password"], ("password", "totp")],
    ),
    ("TOKEN_PREFIX", "E141", ["", None, "a_b", "é", " ", 7], ["shub", "shop2"]),
    (
        "TOKEN_REUSE_GRACE",
        "E142",
        [10, None, -HOUR, HOUR],
        [timedelta(0), timedelta(seconds=10), timedelta(minutes=1)],
    ),
    (
        "SCOPES",
        "E143",
        ["orders", None, ["a b"], [""], ["sessions:read"], ["x" * 65], [1]],
        [[], ("orders:read",)],
    ),
    (
        "THROTTLES",
        "E146",
        [
            None,
            [],
            {"sign_in": 10},
            {"sign_in": "10/week"},
            {"signin": "1/day"},
            {"create": "0/day"},
        ],
        [
            {},
            {"sign_in": "1/second"},
            {"create": "1000/hour", "sign_in": "5/day"},
            {"rotate": "1/hour", "introspect": "1/second"},
        ],
    ),
    ("DEVICE_HEADER", "E144", ["", 7], [None, "X-Installation"]),
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
