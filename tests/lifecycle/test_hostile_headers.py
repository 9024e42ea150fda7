"""Whatever a client sends, its user can sign in and the rows can be stored."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_hub.capture.snapshot import HINT_HEADERS
from sessions_hub.models import Session
from tests.contract.browser import CHROME

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HEADERS = [
    "HTTP_USER_AGENT",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_FORWARDED",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_REFERER",
    "HTTP_ORIGIN",
    "REMOTE_ADDR",
    *HINT_HEADERS,
]
VALUES = {
    "empty": "",
    "nul": "Mozilla\x00/5.0",
    "only_nul": "\x00",
    "lone_high_surrogate": "a\ud800b",
    "lone_low_surrogate": "\udfff",
    "mojibake": "Grüße".encode().decode("latin-1"),
    "latin1": "\xff\xfe\x80",
    "not_utf8": b"\xc3\x28\xf0\x9f".decode("latin-1"),
    "astral": "\U0001f600" * 600,
    "controls": "".join(map(chr, range(32))) + "\x7f",
    "directions": "\u202e\u2066abc\u200b\ufeff",
    "line_separators": "a\u2028b\u2029c\r\nSet-Cookie: x=1",
    "zeros": "0" * 10_000,
    "addresses": "1.2.3.4, " * 5_000,
    "odd_addresses": "fe80::1%eth0, ::ffff:c000:201, 010.0.0.1, [::1]:55, \uff11.2.3.4, 64:ff9b::1",
    "forwarded": 'for="[2001:db8::1]:4711;proto=http;by=_x, for="',
    "structured": '"Chromium";v="142", "a\\"b";v="\x00", ;;,,"',
    "format": "%s %(x)s {0} {x!r}",
    "json": '{"a": [null, NaN]}',
    "million": "A" * 2**20,
    "million_brackets": "(" * 2**20,
    "ten_million": "Mozilla/5.0 " * (10 * 2**20 // 12),
}


def sign_in(**environ: str) -> Session:
    before = set(Session.objects.values_list("pk", flat=True))
    client = Client()
    environ = {"HTTP_USER_AGENT": CHROME, **environ}
    response = client.get("/sign-in/?user=ada", **environ)
    assert response.status_code == 200
    assert client.get("/whoami/", **environ).json()["user"] == "ada"
    return Session.objects.exclude(pk__in=before).get()


class TestHeader:
    @pytest.mark.parametrize("value", VALUES)
    def test_any_value_in_every_header(self, user, value, settings):
        settings.SESSIONS_HUB_TRUSTED_PROXIES = ["127.0.0.0/8", "unix"]
        row = sign_in(**dict.fromkeys(HEADERS, VALUES[value]))
        assert len(row.user_agent) <= 512
        assert row.user_agent.isprintable()
        assert all(len(hint) <= 512 for hint in row.client_hints.values())

    @pytest.mark.parametrize("header", HEADERS)
    @pytest.mark.parametrize("value", ["nul", "lone_high_surrogate", "not_utf8", "million"])
    def test_any_header_alone(self, user, header, value, settings):
        settings.SESSIONS_HUB_TRUSTED_PROXIES = ["127.0.0.0/8"]
        assert sign_in(**{header: VALUES[value]}).ended_at is None

    @pytest.mark.parametrize(
        "value",
        [None, b"bytes \xff", 42, ["list"], object()],
        ids=lambda value: type(value).__name__,
    )
    def test_what_is_no_text_at_all(self, user, value, rf):
        from sessions_hub.capture import take_snapshot
        from sessions_hub.lifecycle import start_session

        request = rf.get("/")
        request.META.update(dict.fromkeys([*HEADERS], value))
        session = start_session(user, snapshot=take_snapshot(request))
        assert Session.objects.get() == session

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        values=st.dictionaries(
            st.sampled_from(HEADERS),
            st.text(st.characters(codec=None), max_size=700)
            | st.binary(max_size=700).map(lambda raw: raw.decode("latin-1"))
            | st.sampled_from([CHROME, '"Google Chrome";v="142"', "?1", '"Windows"']),
        )
    )
    def test_generated_values(self, user, values):
        sign_in(**values)


class TestDeviceCookie:
    @pytest.mark.parametrize(
        "value",
        [
            "",
            "garbage",
            "a:b:c",
            ":::",
            "\x00",
            "\xff",
            "é" * 300,
            "x" * 100_000,
            "a:1:" + "b" * 43,
        ],
    )
    def test_garbage_is_no_key(self, user, value):
        environ = {"HTTP_COOKIE": f"sessions_hub_device={value}", "HTTP_USER_AGENT": CHROME}
        response = Client().get("/sign-in/?user=ada", **environ)
        assert response.status_code == 200
        assert Session.objects.get().devices.count() == 1
        # It is given a good one.
        assert "sessions_hub_device" in response.cookies

    def test_of_another_site_is_no_key(self, user, browser, settings):
        browser.sign_in("ada")
        browser.sign_out()
        settings.SECRET_KEY = "another-" + settings.SECRET_KEY
        response = browser.sign_in("ada")
        assert "sessions_hub_device" in response.cookies
        first, second = Session.objects.order_by("pk")
        assert first.devices.get() != second.devices.get()


class TestSessionCookie:
    @pytest.mark.parametrize("value", ["", "garbage", "\x00", "\xff", "x" * 100_000, "a:b:c"])
    @pytest.mark.parametrize("engine", ["db", "signed_cookies", "cached_db"])
    def test_garbage_does_not_fail_a_sign_in(self, user, value, engine, settings):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
        client = Client()
        cookie = f"{settings.SESSION_COOKIE_NAME}={value}"
        assert client.get("/sign-in/?user=ada", HTTP_COOKIE=cookie).status_code == 200
        assert client.get("/whoami/").json()["user"] == "ada"
