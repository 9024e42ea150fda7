"""A server that hands on the client of a session's later requests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.lifecycle.link import MARKER_KEY
from sessions_hub.models import Device, Session, SessionDevice
from tests.contract.browser import CHROME, Browser

from .forwarding import COOKIE, SERVER, SERVER_ADDRESS, page, sign_in

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("rendered_site"),
]


def forget_marker(server: Browser) -> None:
    """As if the session had signed in before the hub was installed."""
    django_session = server.client.session
    del django_session[MARKER_KEY]
    django_session.save()


class TestLaterRequest:
    def test_of_the_same_client_writes_nothing(self, server, user, heard):
        sign_in(server)
        assert page(server).json()["user"] == "ada"
        assert heard["session_touched"] == []
        assert SessionDevice.objects.count() == 1

    def test_after_the_interval_is_a_use_and_no_other_place(self, server, user, heard):
        sign_in(server)
        Session.objects.update(last_used_at=timezone.now() - timedelta(minutes=5))
        page(server)
        assert len(heard["session_touched"]) == 1
        place = SessionDevice.objects.get()
        assert Session.objects.get().current_fingerprint == place.fingerprint

    def test_from_elsewhere_is_another_place_of_the_end_user(self, server, user):
        cookie = sign_in(server).cookies[COOKIE].value
        page(server, address="203.0.113.9", device_cookie=cookie)
        first, second = SessionDevice.objects.order_by("pk")
        assert (first.ip, second.ip) == ("198.51.100.7", "203.0.113.9")
        assert second.user_agent == CHROME
        assert first.device == second.device

    def test_the_servers_cookie_is_not_looked_at_either(self, server, user, make_user):
        make_user("bob")
        sign_in(server, "bob")
        kept = server.cookies[COOKIE].value
        sign_in(server, "ada")
        server.cookies[COOKIE] = kept
        page(server, address="203.0.113.9")
        server.cookies[COOKIE] = kept
        page(server, address="203.0.113.10")
        # Each place a device of its own, rather than one that is Bob's.
        assert Device.objects.filter(user=user).count() == 3

    def test_without_the_call_the_server_is_another_place(self, server, user):
        sign_in(server)
        server.whoami()
        places = SessionDevice.objects.order_by("pk").values_list("ip", "user_agent")
        assert list(places) == [("198.51.100.7", CHROME), (SERVER_ADDRESS, SERVER)]

    def test_of_a_session_without_a_client_tells_the_sign_ins(self, server, user):
        server.client.force_login(user)
        page(server)
        session = Session.objects.get()
        assert (session.ip, session.user_agent) == ("198.51.100.7", CHROME)

    def test_that_adopts_a_session_has_looked_at_the_server_before(self, server, user):
        server.client.force_login(user)
        Session.objects.all().delete()
        forget_marker(server)
        page(server)
        places = SessionDevice.objects.order_by("pk").values_list("ip", flat=True)
        assert list(places) == [SERVER_ADDRESS, "198.51.100.7"]


class TestSessionOfTheCaller:
    """Signed in by cookie itself, it forwards a client whose user then fails to sign in."""

    def test_records_nothing_of_a_forwarded_client(self, server, renderer, heard):
        server.sign_in("renderer")
        assert page(server, device_cookie="a:b:c").json()["user"] == "renderer"
        assert heard["session_touched"] == []
        session, place = Session.objects.get(), SessionDevice.objects.get()
        assert session.current_fingerprint == place.fingerprint
        for row in (session, place, Device.objects.get()):
            assert row.user_agent == SERVER
        assert session.ip == place.ip == SERVER_ADDRESS

    def test_is_used_all_the_same(self, server, renderer, heard):
        server.sign_in("renderer")
        Session.objects.update(last_used_at=timezone.now() - timedelta(minutes=5))
        page(server)
        assert len(heard["session_touched"]) == 1
        session, place = Session.objects.get(), SessionDevice.objects.get()
        assert session.current_fingerprint == place.fingerprint
        assert place.ip == SERVER_ADDRESS

    def test_without_a_client_waits_for_its_own(self, server, renderer):
        server.client.force_login(renderer)
        page(server)
        assert not SessionDevice.objects.exists()
        server.whoami()
        assert Session.objects.get().ip == SERVER_ADDRESS

    def test_is_not_one_of_a_user_with_the_key_of_a_caller_that_is_none(self, mode, user):
        server = Browser(mode, **{"user-agent": SERVER, "Authorization": "Service ada"})
        server.sign_in("ada")
        page(server)
        places = SessionDevice.objects.order_by("pk").values_list("ip", flat=True)
        assert list(places) == [SERVER_ADDRESS, "198.51.100.7"]
