"""Sessions that signed in before the hub was installed."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.lifecycle.link import MARKER_KEY
from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser

from .stores import change_store, forget
from .threads import at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def from_before(signed_in, user) -> Browser:
    """A browser signed in before there was a hub."""
    return forget(signed_in)


class TestAdopt:
    def test_makes_one_row_on_the_first_request(self, from_before, user):
        signed_in_at = timezone.now() - timedelta(days=3)
        user.last_login = signed_in_at
        user.save()
        assert from_before.whoami() == "ada"
        row = Session.objects.get()
        assert (row.user, row.issued_at, row.assurance_level) == (user, signed_in_at, 0)
        method = row.authentication_methods.get()
        assert (method.method, method.completed_at) == ("unknown", signed_in_at)
        assert row.devices.count() == 1
        assert row.client_name == "Chrome"
        # The id tells the time of the sign-in.
        assert row.pk.int >> 80 == int(signed_in_at.timestamp() * 1000)
        assert from_before.session_id() == str(row.pk)
        assert Session.objects.count() == 1

    def test_takes_now_without_a_last_login(self, from_before, user):
        user.last_login = None
        user.save()
        before = timezone.now()
        from_before.whoami()
        assert before <= Session.objects.get().issued_at <= timezone.now()

    def test_takes_now_for_a_last_login_to_come(self, from_before, user):
        user.last_login = timezone.now() + timedelta(days=1)
        user.save()
        from_before.whoami()
        assert Session.objects.get().issued_at <= timezone.now()

    def test_signs_nobody_out_however_long_ago_the_sign_in_was(self, from_before, user, settings):
        settings.SESSIONS_HUB_LIMITS = "nist"
        user.last_login = timezone.now() - timedelta(days=500)
        user.save()
        assert from_before.whoami() == "ada"
        assert from_before.whoami() == "ada"

    def test_happens_on_a_view_that_reads_no_user(self, from_before):
        from_before.get("/public/")
        assert Session.objects.count() == 1

    @pytest.mark.parametrize("path", ["/boom/", "/save/?status=500"])
    def test_is_found_again_when_the_marker_was_not_saved(self, from_before, path):
        from_before.get(path)
        from_before.get(path)
        assert Session.objects.count() == 1
        assert from_before.whoami() == "ada"
        assert Session.objects.count() == 1

    def test_one_that_was_ended_is_not_adopted_again(self, from_before):
        from_before.get("/boom/")
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        assert from_before.whoami() is None
        assert Session.objects.count() == 1

    def test_one_that_has_expired_is_not_adopted_again(self, from_before):
        from_before.get("/boom/")
        limit = timezone.now() - timedelta(minutes=1)
        Session.objects.update(expires_at=limit, idle_expires_at=limit)
        assert from_before.whoami() is None
        assert Session.objects.get().end_reason == EndReason.EXPIRED

    def test_a_rotated_secret_finds_it_again(self, from_before, settings):
        from_before.get("/boom/")
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "rotated-" + settings.SECRET_KEY
        assert from_before.whoami() == "ada"
        assert Session.objects.count() == 1

    def test_a_rotated_secret_does_not_bring_an_ended_one_back(self, from_before, settings):
        from_before.get("/boom/")
        end_session(Session.objects.get(), reason=EndReason.REVOKED_BY_STAFF)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "rotated-" + settings.SECRET_KEY
        assert from_before.whoami() is None
        assert Session.objects.count() == 1

    def test_an_inactive_user_is_not_adopted(self, from_before, user):
        user.is_active = False
        user.save()
        assert from_before.whoami() is None
        assert Session.objects.count() == 0

    def test_an_anonymous_session_is_not_adopted(self, browser):
        browser.get("/cart/")
        browser.whoami()
        assert Session.objects.count() == 0

    @pytest.mark.locks
    @pytest.mark.race
    def test_twenty_first_requests_at_once_make_one_row(self, user, race_rounds, settings):
        # Nineteen wait for the first, and none may give up on a busy machine.
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(seconds=30)
        for _ in range(race_rounds):
            Session.objects.all().delete()
            first = Browser("sync")
            first.sign_in("ada")
            change_store(first, **{MARKER_KEY: None})
            Session.objects.all().delete()
            tabs = []
            for _ in range(20):
                tab = Browser("sync")
                tab.client.cookies = copy.deepcopy(first.cookies)
                tabs.append(tab)
            assert at_once(*[tab.whoami for tab in tabs]) == ["ada"] * 20
            assert Session.objects.count() == 1


class TestDeny:
    def test_signs_out(self, from_before, settings):
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
        assert from_before.whoami() is None
        assert Session.objects.count() == 0
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "adopt"
        assert from_before.whoami() is None

    def test_without_enforcement_only_looks_on(self, from_before, settings):
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
        settings.SESSIONS_HUB_ENFORCE = False
        assert from_before.get("/read-user/").text == "ada"

    @pytest.mark.parametrize("as_text", [False, True])
    def test_starts_when_the_time_to_adopt_is_over(self, from_before, settings, as_text):
        until = timezone.now() + timedelta(hours=1)
        settings.SESSIONS_HUB_ADOPT_UNTIL = until.isoformat() if as_text else until
        with time_machine.travel(until, tick=False):
            assert from_before.whoami() is None
        assert Session.objects.count() == 0

    def test_has_not_started_just_before(self, from_before, settings):
        until = timezone.now() + timedelta(hours=1)
        settings.SESSIONS_HUB_ADOPT_UNTIL = until
        with time_machine.travel(until - timedelta(milliseconds=1), tick=False):
            assert from_before.whoami() == "ada"

    def test_leaves_recorded_sessions_alone(self, signed_in, settings):
        settings.SESSIONS_HUB_UNKNOWN_SESSION = "deny"
        settings.SESSIONS_HUB_ADOPT_UNTIL = timezone.now() - timedelta(days=1)
        assert signed_in.whoami() == "ada"


class TestMarker:
    def test_without_its_row_is_refused(self, signed_in):
        Session.objects.all().delete()
        assert signed_in.whoami() is None
        assert Session.objects.count() == 0

    def test_naming_the_row_of_another_user_is_refused(self, signed_in, make_user):
        make_user("bob")
        other = Browser("sync")
        other.sign_in("bob")
        marker = {"id": other.session_id(), "generation": 0, "factors": []}
        change_store(signed_in, **{MARKER_KEY: marker})
        assert signed_in.whoami() is None
        assert other.whoami() == "bob"

    @pytest.mark.parametrize(
        "garbage",
        [
            *("", "text", 7, 0, False, [], {}, [1], {"id": None}, {"id": "x", "generation": 0}),
            {"id": "0" * 32, "generation": "many", "factors": []},
        ],
    )
    def test_that_is_garbage_is_refused(self, signed_in, garbage):
        change_store(signed_in, **{MARKER_KEY: garbage})
        assert signed_in.whoami() is None
        assert Session.objects.count() == 1

    def test_that_is_garbage_does_not_stop_a_new_sign_in(self, signed_in):
        change_store(signed_in, **{MARKER_KEY: "garbage"})
        signed_in.sign_in("ada")
        assert signed_in.whoami() == "ada"
