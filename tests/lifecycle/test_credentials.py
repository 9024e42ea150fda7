"""A changed password ends sessions, and the rows say why."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext

from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .faults import locked_for_writing
from .test_session_types import reset
from .worthless import by_update, long_unused, prune

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

CHANGED = EndReason.CREDENTIALS_CHANGED


def by_set_password(user) -> None:
    user.set_password("new")
    user.save()


def by_set_password_of_one_field(user) -> None:
    user.set_password("new")
    user.save(update_fields=["password"])


def by_command(user) -> None:
    with mock.patch("getpass.getpass", return_value="quite-new-4711"):
        call_command(
            "changepassword", user.get_username(), database=user._state.db, stdout=StringIO()
        )


def by_proxy(user) -> None:
    proxy = import_module("tests.users.models").UserProxy.objects.get(pk=user.pk)
    by_set_password(proxy)


def by_reset(user) -> None:
    assert reset(Browser("sync"), user, "plain-reset").status_code == 302


def by_somebody_else(user) -> None:
    visitor = Browser("sync")
    visitor.get(f"/set-password/?user={user.get_username()}&to=new")


SEEN = [
    by_set_password,
    by_set_password_of_one_field,
    by_command,
    by_proxy,
    by_reset,
    by_somebody_else,
]


def row() -> Session:
    return Session.objects.get()


class TestPassword:
    @pytest.mark.parametrize("change", [*SEEN, by_update], ids=lambda one: one.__name__)
    def test_refuses_the_next_request_on_every_engine(self, engine, user, browser, change):
        browser.sign_in("ada")
        change(user)
        assert browser.whoami() is None
        assert row().end_reason == CHANGED
        assert browser.whoami() is None

    @pytest.mark.parametrize("change", SEEN, ids=lambda one: one.__name__)
    def test_changed_in_sight_ends_the_rows_at_once(
        self, user, make_user, signed_in, heard, change
    ):
        bob = start_session(make_user("bob"))
        program = start_session(user, session_type="api_key")
        change(user)
        ended = Session.objects.ended().get()
        assert ended.end_reason == CHANGED
        assert ended.pk not in (bob.pk, program.pk)
        assert [one["session"].pk for one in heard["session_ended"]] == [ended.pk]

    def test_changed_out_of_sight_ends_them_with_the_next_prune(self, user, signed_in):
        by_update(user)
        assert row().ended_at is None
        long_unused()
        assert prune() == 1
        assert (row().end_reason, row().ended_by) == (CHANGED, None)
        assert prune() == 0

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_the_session_it_is_changed_in_stays_and_the_others_end(self, user, mode):
        signed_in = Browser(mode)
        signed_in.sign_in("ada")
        others = [Browser("sync") for _ in range(2)]
        for other in others:
            other.sign_in("ada")
        kept = signed_in.session_id()
        signed_in.get(signed_in.twin("/change-password/") + "?to=new")
        assert signed_in.session_id() == kept
        ended = Session.objects.ended()
        assert [(one.end_reason, one.ended_by) for one in ended] == [(CHANGED, user)] * 2
        assert [other.whoami() for other in others] == [None] * 2
        # The kept one has the digest of the new password.
        long_unused()
        assert prune() == 0

    def test_djangos_own_view_keeps_its_session(self, user, signed_in):
        other = Browser("sync")
        other.sign_in("ada")
        kept = signed_in.session_id()
        new = {"old_password": "right-password"}
        new |= dict.fromkeys(("new_password1", "new_password2"), "quite-new-4711")
        assert signed_in.post("/change/", new).status_code == 302
        assert signed_in.session_id() == kept
        assert Session.objects.ended().get().end_reason == CHANGED

    def test_updated_by_a_view_that_keeps_its_session_ends_the_others(self, user, signed_in):
        other = Browser("sync")
        other.sign_in("ada")

        def update(self):
            type(self).objects.filter(pk=self.pk).update(password=self.password)

        with mock.patch.object(type(user), "save", update):
            signed_in.get("/change-password/?to=new")
        (ended,) = Session.objects.ended()
        assert (ended.end_reason, ended.ended_by) == (CHANGED, user)
        assert signed_in.whoami() == "ada"
        assert other.whoami() is None

    def test_changed_in_ones_own_session_without_keeping_it_ends_that_too(self, user, signed_in):
        signed_in.get("/set-password/?user=ada&to=new")
        assert row().ended_at is None
        assert signed_in.whoami() is None
        assert row().end_reason == CHANGED

    def test_changed_by_staff_names_them(self, user, make_user, signed_in):
        staff = make_user("grace")
        other = Browser("sync")
        other.sign_in("grace")
        other.get("/set-password/?user=ada&to=new")
        ended = Session.objects.ended().get()
        assert (ended.user, ended.ended_by, ended.ended_by_label) == (user, staff, "grace")
        assert other.whoami() == "grace"

    def test_what_a_request_did_does_not_spare_a_session_later(self, user, signed_in):
        signed_in.whoami()
        by_set_password(user)
        assert row().end_reason == CHANGED

    def test_a_stronger_hash_of_the_same_password_is_no_change_by_itself(
        self, user, signed_in, settings
    ):
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.ScryptPasswordHasher",
            *settings.PASSWORD_HASHERS,
        ]
        assert user.check_password("right-password")
        assert user.password.startswith("scrypt")
        # Django refuses it all the same, since its hash has changed; then the row tells.
        assert row().ended_at is None

    def test_a_user_saved_with_the_same_password_costs_nothing(self, user, signed_in):
        user.first_name = "Ada"
        with CaptureQueriesContext(connections[database()]) as queries:
            user.save()
        assert [query for query in queries if "sessions_hub" in query["sql"]] == []
        assert row().ended_at is None

    def test_a_new_user_costs_nothing(self, make_user):
        with CaptureQueriesContext(connections[database()]) as queries:
            make_user("new")
        assert [query for query in queries if "sessions_hub" in query["sql"]] == []

    @pytest.mark.locks
    def test_is_saved_though_the_rows_are_not_to_be_had(self, user, signed_in):
        with locked_for_writing(Session._meta.db_table):
            by_set_password(user)
        user.refresh_from_db()
        assert user.check_password("new")
        assert signed_in.whoami() is None
