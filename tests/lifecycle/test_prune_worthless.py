"""The prune ends sessions of changed passwords and disabled users, and no others."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.credentials import count_worthless, end_worthless
from sessions_hub.lifecycle.prune import count_prunable
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .worthless import by_update, long_unused, prune

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

CHANGED, DISABLED = EndReason.CREDENTIALS_CHANGED, EndReason.USER_DISABLED


def row() -> Session:
    return Session.objects.get()


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
        assert count_prunable(timezone.now(), Retention.configured()).worthless == 4
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
