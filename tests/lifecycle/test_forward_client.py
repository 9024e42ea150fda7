"""A server that signs people in hands on their client, if it may."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied

from sessions_hub.lifecycle import ForwardingDenied, forward_client
from sessions_hub.lifecycle.state import state_of
from sessions_hub.models import Device, Session
from tests.contract.browser import CHROME, Browser

from .forwarding import COOKIE, SERVER, SERVER_ADDRESS, permit, sign_in, told

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("rendered_site"),
]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
HINTS = {"Sec-CH-UA-Platform": '"Windows"', "Sec-CH-UA-Platform-Version": '"15.0.0"'}


def device_of(session: Session) -> Device:
    return session.devices.get()


class TestSignIn:
    def test_tells_the_end_users_client_and_not_the_servers(self, server, user):
        assert sign_in(server, client_hints=HINTS).status_code == 200
        session = Session.objects.get()
        place = session.session_devices.get()
        hints = {name.lower(): value for name, value in HINTS.items()}
        for row in (session, place, device_of(session)):
            assert (row.user_agent, row.client_name, row.os_name) == (CHROME, "Chrome", "Windows")
            assert row.os_version == "11"
            assert row.client_hints == hints
        assert session.ip == place.ip == "198.51.100.7"
        assert session.current_fingerprint == place.fingerprint
        assert session.user == user

    def test_is_cleaned_and_cut_like_a_captured_one(self, server, user):
        sign_in(
            server,
            address="[::ffff:198.51.100.7]:4711",
            user_agent=f"a\x00{'x' * 600}",
            client_hints={"sec-ch-ua-model": "x" * 600, "Cookie": "secret", "Sec-CH-UA": "\x00"},
        )
        session = Session.objects.get()
        assert session.ip == "198.51.100.7"
        assert session.user_agent == f"a{'x' * 511}"
        assert session.client_hints == {"sec-ch-ua-model": "x" * 512}

    def test_of_a_rest_view_asks_for_the_permission_of_its_own_user(self, renderer, user):
        Browser("sync", Authorization="Bearer renderer").get("/rest-sign-in-for/?user=ada")
        assert Session.objects.get().ip == "198.51.100.7"
        Browser("sync", Authorization="Bearer ada").get("/rest-sign-in-for/?user=ada")
        assert Session.objects.count() == 1

    def test_is_logged_with_who_forwarded_it(self, server, user, renderer, caplog):
        caplog.set_level(logging.INFO, "sessions_hub")
        sign_in(server)
        (line,) = [r for r in caplog.records if getattr(r, "event", "") == "client.forwarded"]
        assert line.getMessage() == f"client.forwarded actor_id={renderer.pk} address=198.51.100.7"

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Forwarded-User-Agent": FIREFOX, "X-Forwarded-For": "198.51.100.7"},
            {"Forwarded": "for=198.51.100.7", "X-Real-IP": "198.51.100.7"},
            told(),
        ],
        ids=lambda headers: next(iter(headers)),
    )
    def test_no_header_does_the_same_by_itself(self, server, user, headers):
        server.get(server.twin("/sign-in/") + "?user=ada", **headers)
        session = Session.objects.get()
        assert (session.ip, session.user_agent) == (SERVER_ADDRESS, SERVER)

    def test_may_follow_that_of_the_server_itself(self, renderer, user):
        """Signed in earlier in the same request, as RemoteUserMiddleware does."""
        server = Browser("sync", **{"user-agent": SERVER, "Authorization": "Bearer renderer"})
        assert server.get("/sign-in-twice/?first=renderer&user=ada", **told()).status_code == 200
        own, theirs = Session.objects.order_by("pk")
        assert (own.user, own.ip, own.end_reason) == (renderer, SERVER_ADDRESS, "replaced")
        assert (theirs.user, theirs.ip) == (user, "198.51.100.7")

    def test_may_follow_a_new_proof_of_the_servers_own_session(self, renderer, user):
        server = Browser("sync", **{"user-agent": SERVER, "Authorization": "Bearer renderer"})
        server.sign_in("renderer")
        assert server.get("/sign-in-twice/?first=renderer&user=ada", **told()).status_code == 200
        assert Session.objects.get(user=user).ip == "198.51.100.7"

    @pytest.mark.parametrize("known", [False, True], ids=["new", "proven again"])
    @pytest.mark.parametrize("permitted", [False, True], ids=["", "permitted"])
    @pytest.mark.parametrize("authorization", ["Bearer renderer", "Session", "Service ada"])
    def test_cannot_be_forwarded_once_it_is_stored(
        self, renderer, user, authorization, permitted, known
    ):
        if permitted:
            permit(user)
        server = Browser("sync", **{"user-agent": SERVER, "Authorization": authorization})
        if known:
            server.sign_in("ada")
        server.client.raise_request_exception = True
        with pytest.raises(RuntimeError, match=r"forward_client\(\) before login\(\)"):
            server.get("/sign-in-twice/?first=ada&user=ada", **told())


class TestDevice:
    def test_the_cookie_the_server_keeps_is_nobodys(self, server, user, make_user):
        make_user("bob")
        for name in ("ada", "ada", "bob"):
            response = sign_in(server, name)
            # For the end user's browser, to which the server hands it on.
            assert COOKIE in response.cookies
        devices = {device_of(session).pk for session in Session.objects.all()}
        assert len(devices) == Device.objects.count() == 3

    def test_without_forwarding_it_is_one_device_for_all_of_a_users_browsers(self, server, user):
        for _ in range(2):
            server.cookies.pop("sessionid", None)
            server.sign_in("ada")
        assert Device.objects.count() == 1

    def test_a_key_the_server_got_in_the_same_request_is_nobodys(self, server, user, make_user):
        make_user("bob")
        keys = []
        for name in ("ada", "bob"):
            server.cookies.clear()
            path = f"/sign-in-twice/?first=renderer&user={name}"
            cookie = server.get(path, **told()).cookies[COOKIE].value
            keys.append(cookie.partition(":")[0])
            browser = Browser("sync")
            browser.cookies[COOKIE] = cookie
            browser.sign_in(name)
            first, second = Session.objects.filter(user__username=name).order_by("pk")
            assert device_of(first) == device_of(second)
        assert keys[0] != keys[1]

    def test_the_cookie_of_the_answer_is_the_new_devices_own(self, server, user):
        cookie = sign_in(server).cookies[COOKIE].value
        browser = Browser("sync")
        browser.cookies[COOKIE] = cookie
        browser.sign_in("ada")
        first, second = Session.objects.order_by("pk")
        assert device_of(first) == device_of(second)

    def test_the_end_users_cookie_is_recognised_when_it_is_handed_on(self, server, user, heard):
        cookie = sign_in(server).cookies[COOKIE].value
        sign_in(server, device_cookie=None)
        assert Device.objects.count() == 2
        response = sign_in(server, device_cookie=cookie, user_agent=FIREFOX)
        first, second, third = Session.objects.order_by("pk")
        assert device_of(third) == device_of(first) != device_of(second)
        assert device_of(third).user_agent == FIREFOX
        assert len(heard["device_first_seen"]) == 2
        assert response.cookies[COOKIE].value.partition(":")[0] == cookie.partition(":")[0]

    @pytest.mark.parametrize("cookie", ["", "garbage", "a:b:c", "\ud800:b:c", "x" * 1000, 7, ["x"]])
    def test_a_forged_one_is_none(self, server, user, cookie):
        assert sign_in(server, device_cookie=cookie).status_code == 200
        assert COOKIE in server.cookies
        assert Device.objects.count() == 1

    def test_where_the_site_has_no_cookie_the_kind_of_client_stands_in(
        self, server, user, settings
    ):
        settings.SESSIONS_HUB_DEVICE_COOKIE = None
        for agent in (CHROME, CHROME, FIREFOX):
            response = sign_in(server, user_agent=agent, device_cookie="a:b:c")
            assert COOKIE not in response.cookies
        assert Device.objects.count() == 2


class TestPermission:
    @pytest.mark.parametrize(
        ("values", "permitted", "allowed"),
        [
            ({}, True, True),
            ({"is_superuser": True}, False, True),
            ({}, False, False),
            ({"is_staff": True}, False, False),
            ({"is_active": False}, True, False),
            ({"is_active": False, "is_superuser": True}, False, False),
        ],
    )
    def test_the_caller_is_active_and_has_it(self, user, make_user, values, permitted, allowed):
        caller = make_user("caller", **values)
        if permitted:
            permit(caller)
        server = Browser("sync", **{"user-agent": SERVER, "Authorization": "Bearer caller"})
        response = sign_in(server)
        assert response.status_code == (200 if allowed else 403)
        assert Session.objects.count() == int(allowed)

    def test_nobody_has_not(self, mode, user):
        assert sign_in(Browser(mode, **{"user-agent": SERVER})).status_code == 403
        assert not Session.objects.exists()

    def test_by_default_the_requests_user_is_asked(self, renderer, user, rf):
        request = rf.get("/")
        # The last one's model has no permissions at all.
        for caller in (user, AnonymousUser(), None, object(), SimpleNamespace(is_active=True)):
            request.user = caller
            with pytest.raises(ForwardingDenied, match=r"sessions_hub\.forward_client"):
                forward_client(request, address="198.51.100.7", user_agent=CHROME)
        request.user = renderer
        forward_client(request, address="198.51.100.7", user_agent=CHROME)

    def test_a_caller_that_is_none_is_nobody_and_not_the_requests_user(self, renderer, rf):
        request = rf.get("/")
        request.user = renderer
        with pytest.raises(ForwardingDenied):
            forward_client(request, address="198.51.100.7", user_agent=CHROME, caller=None)

    @pytest.mark.parametrize(
        "values",
        [{"pk": 7, "is_active": False}, {"pk": None, "is_active": True}, {"is_active": True}],
        ids=["inactive", "not stored", "without a key"],
    )
    def test_an_active_user_is_needed_even_where_a_backend_gives_it_to_all(self, rf, values):
        request = rf.get("/")
        caller = SimpleNamespace(has_perm=bool, **values)
        with pytest.raises(PermissionDenied):
            forward_client(request, address="::1", user_agent="", caller=caller)
        assert not state_of(request).is_forwarded
        assert state_of(request).snapshot is None

    def test_is_one_of_the_sessions_permissions(self):
        permission = Permission.objects.get(codename="forward_client")
        assert permission.content_type.model_class() is Session


@pytest.mark.parametrize("address", ["", "unknown", "192.0.2.0/24", "1.2.3.4, 5.6.7.8", None])
def test_what_is_no_address_is_refused(renderer, rf, address):
    with pytest.raises(ValueError, match="is not an IP address; give that of the client"):
        forward_client(rf.get("/"), address=address, user_agent=CHROME, caller=renderer)
