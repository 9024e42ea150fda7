"""The tenant of a live session is switched."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone

from sessions_hub import signals
from sessions_hub.lifecycle import (
    NotSignedIn,
    TenantNotSwitched,
    aswitch_tenant,
    end_session,
    start_session,
    switch_tenant,
)
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Session
from tests.contract.browser import Browser

from .tenant_site import place
from .threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("tenants"),
]


@pytest.fixture
def switched():
    said = []

    def listen(sender, **arguments):
        said.append(arguments)

    signals.tenant_switched.connect(listen)
    yield said
    signals.tenant_switched.disconnect(listen)


class TestSwitch:
    def test_moves_the_session_and_says_so(self, user, browser, switched):
        browser.sign_in("ada")
        before = Session.objects.get()
        moved = switch_tenant(before, "other", "paris")
        after = Session.objects.get()
        assert (after.tenant_id, after.workspace_id) == ("other", "paris")
        assert (moved.tenant_id, moved.workspace_id) == ("other", "paris")
        assert after.updated_at == moved.updated_at > before.updated_at
        ((said),) = switched
        assert said["session"].pk == after.pk
        assert said["previous"] == ("acme", "berlin")
        assert said["request"] is None

    def test_of_a_request_shows_in_it(self, user, browser, switched):
        browser.sign_in("ada")
        assert browser.get("/switch-tenant/?to=other").content == b"acme other"
        assert place() == ("other", "")
        assert switched[0]["request"].path == "/switch-tenant/"

    def test_of_an_async_request(self, user):
        browser = Browser("async")
        browser.sign_in("ada")
        assert browser.get("/aswitch-tenant/?to=other").content == b"other"
        assert place() == ("other", "")

    def test_to_where_it_is_changes_nothing(self, user, browser, switched):
        browser.sign_in("ada")
        before = Session.objects.get()
        switch_tenant(before, "acme", "berlin")
        assert Session.objects.get().updated_at == before.updated_at
        assert switched == []

    def test_to_nowhere_leaves_all_tenants(self, user, browser):
        browser.sign_in("ada")
        switch_tenant(Session.objects.get(), "")
        assert place() == ("", "")

    @pytest.mark.parametrize("how", ["ended", "over", "rested", "impersonation", "gone"])
    def test_is_refused_for_a_session_that_is_not_to_move(self, user, switched, how):
        session = start_session(user)
        now = timezone.now()
        if how == "ended":
            end_session(session, reason="compromised")
        elif how == "over":
            Session.objects.update(expires_at=now)
        elif how == "rested":
            Session.objects.update(idle_expires_at=now)
        elif how == "impersonation":
            Session.objects.update(session_type="impersonation")
        else:
            Session.objects.all().delete()
        with pytest.raises(TenantNotSwitched):
            switch_tenant(session, "other")
        assert not Session.objects.filter(tenant_id="other").exists()
        assert switched == []

    def test_of_a_request_of_nobody_is_refused(self, user, browser):
        with pytest.raises(NotSignedIn):
            switch_tenant(RequestFactory().get("/"), "other")

    @pytest.mark.parametrize(
        ("tenant", "workspace", "error"),
        [
            ("a" * 65, "", ValueError),
            ("a", "b" * 65, ValueError),
            ("", "b", ValueError),
            ("a\x00", "", ValueError),
            (["a"], "", TypeError),
            (True, "", TypeError),
        ],
    )
    def test_refuses_what_cannot_be_stored(self, user, tenant, workspace, error):
        session = start_session(user)
        with pytest.raises(error):
            switch_tenant(session, tenant, workspace)
        assert place() == ("", "")

    def test_that_is_rolled_back_is_not_told(self, user, alias, switched):
        session = start_session(user)
        with transaction.atomic(using=alias):
            switch_tenant(session, "other")
            transaction.set_rollback(True, using=alias)
        assert switched == []
        assert place() == ("", "")

    def test_leaves_the_session_signed_in(self, user, browser):
        browser.sign_in("ada")
        browser.get("/switch-tenant/?to=other")
        assert browser.whoami() == "ada"

    @pytest.mark.locks
    @pytest.mark.race
    def test_against_an_end_revives_nothing(self, user, race_rounds):
        for _ in range(race_rounds):
            session = start_session(user)
            ended, switched = at_once(
                lambda s=session: end_session(s, reason="compromised"),
                lambda s=session: switch_tenant(s, "other"),
            )
            assert ended is True
            assert isinstance(switched, Session | TenantNotSwitched)
            row = Session.objects.get(pk=session.pk)
            assert row.end_reason == "compromised"
            assert row.tenant_id == ("other" if isinstance(switched, Session) else "")

    @pytest.mark.locks
    @pytest.mark.race
    def test_two_at_once_tell_what_was_before_each(self, user, switched, race_rounds):
        for _ in range(race_rounds):
            switched.clear()
            session = start_session(user)
            at_once(
                lambda s=session: switch_tenant(s, "one"), lambda s=session: switch_tenant(s, "two")
            )
            first, second = sorted(switched, key=lambda said: said["previous"])
            assert first["previous"] == ("", "")
            assert second["previous"] == (first["session"].tenant_id, "")
            assert Session.objects.get(pk=session.pk).tenant_id == second["session"].tenant_id


def test_async_twins_switch_too(user):
    session = start_session(user)
    assert async_to_sync(aswitch_tenant)(session, "other").tenant_id == "other"
    assert Session.objects.using(database()).get().tenant_id == "other"
