"""Every way to sign in leaves exactly one right row, on every engine, sync and async."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.test import AsyncClient, Client

from sessions_hub.models import EndReason, Session

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def the_row(**filters) -> Session:
    return Session.objects.select_related("user").get(**filters)


def assert_right(row: Session, user) -> None:
    assert row.user == user
    assert row.ended_at is None
    assert row.session_type == "regular_login"
    assert row.authentication_methods.get().method == "password"
    assert row.assurance_level == 1


class TestSignIn:
    @pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/"])
    def test_login_pages_record_one_session(self, engine, browser, make_user, path):
        user = make_user(is_staff=True)
        response = browser.post(path, {"username": "ada", "password": "right-password"})
        assert response.status_code == 302
        row = the_row()
        assert_right(row, user)
        assert row.client_name == "Chrome"
        assert row.os_name == "Windows"
        assert row.devices.count() == 1
        assert browser.whoami() == "ada"
        assert browser.session_id() == str(row.pk)
        assert Session.objects.count() == 1

    def test_login_function_records_one_session(self, engine, browser, make_user):
        user = make_user()
        assert browser.sign_in("ada").status_code == 200
        assert_right(the_row(), user)
        assert browser.whoami() == "ada"
        assert Session.objects.count() == 1

    def test_force_login_records_one_session_and_learns_its_client_later(
        self, engine, make_user, mode, browser
    ):
        user = make_user()
        if mode == "async":
            async_to_sync(browser.client.aforce_login)(user)
        else:
            browser.client.force_login(user)
        row = the_row()
        assert row.user == user
        assert (row.user_agent, row.ip, row.devices.count()) == ("", None, 0)
        assert browser.whoami() == "ada"
        row = the_row()
        assert row.client_name == "Chrome"
        assert row.ip == "127.0.0.1"
        assert row.devices.count() == 1

    def test_login_inside_a_middleware_records_one_session(
        self, engine, browser, make_user, settings
    ):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.middleware.HeaderLoginMiddleware"]
        user = make_user()
        assert browser.get("/public/", x_sign_in="ada").status_code == 200
        assert_right(the_row(), user)
        assert browser.whoami() == "ada"

    def test_login_inside_a_middleware_before_ours_records_one_session(
        self, engine, browser, make_user, settings
    ):
        middleware = list(settings.MIDDLEWARE)
        position = middleware.index("sessions_hub.middleware.SessionsHubMiddleware")
        middleware.insert(position, "tests.middleware.HeaderLoginMiddleware")
        settings.MIDDLEWARE = middleware
        user = make_user()
        assert browser.get("/public/", x_sign_in="ada").status_code == 200
        row = the_row()
        assert_right(row, user)
        assert browser.whoami() == "ada"
        assert row.devices.count() == 1

    def test_same_user_again_proves_the_same_session_and_changes_the_key(
        self, engine, browser, make_user
    ):
        make_user()
        browser.sign_in("ada")
        first = the_row()
        before = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
        browser.sign_in("ada")
        row = the_row()
        assert row.pk == first.pk
        assert row.authenticated_at > first.authenticated_at
        assert row.authentication_methods.count() == 2
        assert browser.cookies[django_settings.SESSION_COOKIE_NAME].value != before
        assert browser.whoami() == "ada"

    def test_another_user_replaces_the_session(self, engine, browser, make_user):
        make_user()
        other = make_user("bob")
        browser.sign_in("ada")
        first = the_row()
        browser.sign_in("bob")
        first.refresh_from_db()
        assert first.end_reason == EndReason.REPLACED
        assert_right(the_row(ended_at=None), other)
        assert Session.objects.count() == 2
        assert browser.whoami() == "bob"

    def test_sign_out_ends_the_session(self, engine, browser, make_user):
        user = make_user()
        browser.sign_in("ada")
        browser.sign_out()
        row = the_row()
        assert row.end_reason == EndReason.SIGNED_OUT
        assert row.ended_by == user
        assert row.ended_by_label == "ada"
        assert browser.whoami() is None

    def test_password_change_keeps_this_session_and_ends_the_others(
        self, engine, new_browser, make_user
    ):
        make_user()
        here, there = new_browser(), new_browser()
        here.sign_in("ada")
        there.sign_in("ada")
        assert there.whoami() == "ada"
        kept = here.session_id()
        here.get(here.twin("/change-password/") + "?to=another-password")
        assert here.whoami() == "ada"
        assert here.session_id() == kept
        assert there.whoami() is None
        other = the_row(ended_at__isnull=False)
        assert other.end_reason == EndReason.CREDENTIALS_CHANGED
        assert str(other.pk) != kept

    def test_secret_key_rotation_keeps_the_session(self, engine, browser, make_user, settings):
        make_user()
        browser.sign_in("ada")
        row = the_row()
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "rotated-" + settings.SECRET_KEY
        assert browser.whoami() == "ada"
        assert browser.session_id() == str(row.pk)
        settings.SECRET_KEY_FALLBACKS = []
        assert browser.whoami() == "ada"
        assert the_row().credentials_digest != row.credentials_digest
        assert Session.objects.count() == 1

    def test_one_browser_is_one_device(self, engine, browser, make_user):
        make_user()
        browser.sign_in("ada")
        browser.sign_out()
        browser.sign_in("ada")
        first, second = Session.objects.order_by("pk")
        assert first.devices.get() == second.devices.get()

    def test_one_browser_does_not_link_two_users(self, engine, browser, make_user):
        make_user()
        make_user("bob")
        browser.sign_in("ada")
        browser.sign_out()
        browser.sign_in("bob")
        first, second = Session.objects.order_by("pk")
        assert first.devices.get().key_digest != second.devices.get().key_digest


def test_clients_are_what_the_modes_say(browser, mode):
    assert isinstance(browser.client, AsyncClient if mode == "async" else Client)
