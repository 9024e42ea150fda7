"""A changed password and a disabled user end sessions, and the rows say why."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from io import StringIO
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.credentials import SETTLING, count_worthless, end_worthless
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.prune import count_prunable
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .faults import locked_for_writing
from .test_session_types import reset

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ALLOW_ALL = "django.contrib.auth.backends.AllowAllUsersModelBackend"
CHANGED, DISABLED = EndReason.CREDENTIALS_CHANGED, EndReason.USER_DISABLED


class PermissionsOnly:
    """A backend as they were before BaseBackend, without `get_user()`."""

    def has_perm(self, user, permission, obj=None):
        return False


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


def by_update(user) -> None:
    type(user).objects.filter(pk=user.pk).update(password="!unusable")


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


def long_unused() -> None:
    Session.objects.update(last_used_at=timezone.now() - SETTLING - timedelta(seconds=1))


def prune() -> int:
    return sum(end_worthless(timezone.now()))


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


class TestPrune:
    def test_leaves_alone_what_has_just_been_used(self, user, signed_in):
        """It may be the request that changes the password, and will take its session along."""
        by_update(user)
        assert prune() == count_worthless(timezone.now()) == 0

    def test_leaves_alone_what_was_taken_along_meanwhile(self, user, signed_in, monkeypatch):
        by_update(user)
        long_unused()
        from sessions_hub.lifecycle import credentials

        plain = credentials.end_rows

        def late(*args, **options):
            Session.objects.update(credentials_digest="f" * 64)
            return plain(*args, **options)

        monkeypatch.setattr(credentials, "end_rows", late)
        assert prune() == 0
        assert row().ended_at is None

    def test_leaves_sessions_without_a_password_to_other_rules(self, user):
        start_session(user)
        by_update(user)
        long_unused()
        assert prune() == 0

    @pytest.mark.parametrize("keys", [["one"], ["two", "one"]])
    def test_rotated_keys_end_nothing_while_the_old_ones_are_listed(
        self, user, browser, settings, keys
    ):
        settings.SESSIONS_HUB_HASH_KEYS = ["one"]
        browser.sign_in("ada")
        settings.SESSIONS_HUB_HASH_KEYS = keys
        long_unused()
        assert prune() == 0

    def test_naming_keys_for_the_first_time_ends_nothing(self, user, signed_in, settings):
        settings.SESSIONS_HUB_HASH_KEYS = ["one"]
        long_unused()
        assert prune() == 0

    def test_a_rotated_secret_key_ends_nothing(self, user, signed_in, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another-" + settings.SECRET_KEY
        long_unused()
        assert prune() == 0

    @pytest.mark.parametrize("size", [1, 2, 3, 50])
    def test_goes_through_all_batches_with_few_statements(self, make_user, size):
        users = [make_user(f"user{number}") for number in range(6)]
        for one in users:
            Browser("sync").sign_in(one.get_username())
        for one in users[::2]:
            by_update(one)
        type(users[1]).objects.filter(pk=users[1].pk).update(is_active=False)
        long_unused()
        assert count_prunable(timezone.now(), None).worthless == 4
        assert sum(end_worthless(timezone.now(), batch_size=size)) == 4
        assert sorted(Session.objects.ended().values_list("user__username", "end_reason")) == [
            ("user0", CHANGED),
            ("user1", DISABLED),
            ("user2", CHANGED),
            ("user4", CHANGED),
        ]

    def test_the_command_says_so(self, user, signed_in):
        by_update(user)
        long_unused()
        out = StringIO()
        call_command("prunesessions", "--dry-run", stdout=out)
        assert (
            "Would end 1 of changed passwords, disabled users and forgotten devices."
            in out.getvalue()
        )
        assert row().ended_at is None
        call_command("prunesessions", stdout=out)
        assert (
            "Ended 1 of changed passwords, disabled users and forgotten devices." in out.getvalue()
        )
        assert row().end_reason == CHANGED
        assert get_user_model().objects.count() == 1
