"""A disabled user is out at once, and the rows say why."""

from __future__ import annotations

from importlib import import_module
from unittest import mock

import pytest
from django.db import connections

from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .worthless import long_unused, prune

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ALLOW_ALL = "django.contrib.auth.backends.AllowAllUsersModelBackend"
DISABLED = EndReason.USER_DISABLED


class PermissionsOnly:
    """A backend as they were before BaseBackend, without `get_user()`."""

    def has_perm(self, user, permission, obj=None):
        return False


def row() -> Session:
    return Session.objects.get()


class TestDisabled:
    @pytest.fixture(params=["update", "save", "sql"])
    def disable(self, request, user):
        def disable():
            match request.param:
                case "update":
                    type(user).objects.filter(pk=user.pk).update(is_active=False)
                case "save":
                    user.is_active = False
                    user.save()
                case "sql":
                    alias = database()
                    table = connections[alias].ops.quote_name(user._meta.db_table)
                    with connections[alias].cursor() as cursor:
                        cursor.execute(f"UPDATE {table} SET is_active = %s", [False])

        return disable

    def test_is_refused_at_once_and_the_row_says_so(self, engine, user, disable, heard):
        browser = Browser("sync")
        browser.sign_in("ada")
        disable()
        assert browser.whoami() is None
        assert (row().end_reason, row().ended_by) == (DISABLED, None)
        assert len(heard["session_ended"]) == 1
        # Enabled again, the ended session stays ended.
        type(user).objects.update(is_active=True)
        assert browser.whoami() is None

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_by_either_kind_of_view(self, user, mode):
        browser = Browser(mode)
        browser.sign_in("ada")
        type(user).objects.update(is_active=False)
        assert browser.whoami() is None
        assert row().end_reason == DISABLED

    def test_is_found_by_a_view_that_writes_to_the_session_too(self, user, signed_in):
        type(user).objects.update(is_active=False)
        signed_in.get("/read-user-and-save/")
        assert row().end_reason == DISABLED

    @pytest.mark.parametrize(
        "further", ["tests.users.models.CustomerBackend", f"{__name__}.PermissionsOnly"]
    )
    def test_backends_that_let_in_others_or_nobody_change_nothing(
        self, user, signed_in, settings, further
    ):
        settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, further]
        customers = import_module("tests.users.models").Customer.objects
        # Somebody else under the same key, where their keys are of one kind.
        if isinstance(user.pk, int):
            customers.create(pk=user.pk, email="ada@example.com")
        type(user).objects.update(is_active=False)
        long_unused()
        assert prune() == 1

    def test_is_found_by_the_next_prune(self, user, disable, signed_in):
        disable()
        long_unused()
        assert prune() == 1
        assert row().end_reason == DISABLED

    def test_programs_of_theirs_end_too(self, user):
        start_session(user, session_type="api_key")
        type(user).objects.update(is_active=False)
        long_unused()
        assert prune() == 1

    @pytest.mark.parametrize("prunes", [False, True])
    def test_a_site_that_lets_them_in_keeps_them(self, user, browser, settings, prunes):
        settings.AUTHENTICATION_BACKENDS = [ALLOW_ALL]
        with mock.patch("tests.views.BACKEND", ALLOW_ALL):
            browser.sign_in("ada")
        type(user).objects.update(is_active=False)
        long_unused()
        assert prune() == 0
        assert browser.whoami() == "ada"
        assert row().ended_at is None

    def test_a_visitor_whom_a_view_signs_out_is_not_disabled(self, signed_in):
        signed_in.sign_out()
        assert row().end_reason == EndReason.SIGNED_OUT

    def test_a_backend_that_is_gone_does_not_disable(self, user, signed_in, settings):
        settings.AUTHENTICATION_BACKENDS = ["tests.users.models.CustomerBackend"]
        assert signed_in.whoami() is None
        assert row().ended_at is None
