"""What happens at the same moment."""

from __future__ import annotations

import copy
from datetime import timedelta
from functools import partial
from threading import Event, Thread

import pytest
from django.db import connections, transaction
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions, start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.touch import touch
from sessions_hub.lifecycle.verdicts import fetch_verdict
from sessions_hub.models import Device, EndReason, Session
from tests.contract.browser import Browser

from .faults import at_most
from .threads import at_once

pytestmark = [
    pytest.mark.locks,
    pytest.mark.race,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


def twin_of(browser: Browser) -> Browser:
    twin = Browser("sync")
    twin.client.cookies = copy.deepcopy(browser.cookies)
    return twin


def long_unused() -> None:
    Session.objects.update(last_used_at=timezone.now() - timedelta(days=2))


class TestEndAgainstUse:
    def test_an_end_survives_a_touch(self, user, race_rounds):
        for _ in range(race_rounds):
            row = start_session(user)
            verdict = fetch_verdict(row.pk, database())
            values = {"expires_at": row.expires_at, "idle_expires_at": row.idle_expires_at}
            at_once(
                lambda row=row: end_session(row, reason=EndReason.COMPROMISED),
                lambda row=verdict, values=values: touch(row, values, timezone.now()),
                lambda row=verdict, values=values: touch(row, values, timezone.now()),
            )
            row.refresh_from_db()
            assert row.end_reason == EndReason.COMPROMISED

    def test_an_end_survives_a_request_that_is_being_served(self, signed_in, race_rounds):
        for _ in range(race_rounds):
            signed_in.sign_in("ada")
            long_unused()
            row = Session.objects.get(pk=signed_in.session_id())
            long_unused()
            ended, seen = at_once(
                lambda row=row: end_session(row, reason=EndReason.REVOKED_BY_STAFF),
                twin_of(signed_in).whoami,
            )
            assert ended is True
            assert seen in ("ada", None)
            row.refresh_from_db()
            assert row.end_reason == EndReason.REVOKED_BY_STAFF
            assert signed_in.whoami() is None

    def test_a_sign_out_survives_use(self, user, race_rounds):
        for _ in range(race_rounds):
            browser = Browser("sync")
            browser.sign_in("ada")
            row = Session.objects.get(pk=browser.session_id())
            long_unused()
            out, *seen = at_once(
                lambda browser=browser: browser.sign_out().status_code,
                twin_of(browser).whoami,
                twin_of(browser).whoami,
            )
            assert out == 200
            assert set(seen) <= {"ada", None}
            row.refresh_from_db()
            assert row.end_reason == EndReason.SIGNED_OUT
            assert browser.whoami() is None


class TestEnds:
    def test_of_two_ends_one_counts(self, heard, user, race_rounds):
        for _ in range(race_rounds):
            heard["session_ended"].clear()
            row = start_session(user)
            one, two = at_once(
                lambda row=row: end_session(row, reason=EndReason.COMPROMISED),
                lambda row=row: end_session(row, reason=EndReason.REVOKED_BY_USER),
            )
            assert {one, two} == {True, False}
            row.refresh_from_db()
            winner = EndReason.COMPROMISED if one else EndReason.REVOKED_BY_USER
            assert row.end_reason == winner
            (said,) = heard["session_ended"]
            assert said["session"].end_reason == winner

    def test_of_all_sessions_in_two_threads_add_up(self, heard, user, race_rounds):
        for _ in range(race_rounds):
            heard["session_ended"].clear()
            ids = {start_session(user).pk for _ in range(30)}
            rows = Session.objects.filter(pk__in=ids)
            counts = at_once(
                lambda rows=rows: rows.end(EndReason.REVOKED_BY_USER, batch_size=4),
                lambda rows=rows: rows.end(EndReason.REVOKED_BY_STAFF, batch_size=4),
                lambda rows=rows: end_sessions(rows, reason=EndReason.COMPROMISED),
            )
            assert sum(counts) == 30
            assert rows.ended().count() == 30
            assert sorted(said["session"].pk for said in heard["session_ended"]) == sorted(ids)

    def test_a_locked_row_does_not_keep_the_others(self, user):
        rows = [start_session(user) for _ in range(3)]
        release, held = Event(), Event()

        def hold() -> None:
            alias = database()
            with transaction.atomic(using=alias):
                Session.objects.using(alias).select_for_update().get(pk=rows[0].pk)
                held.set()
                release.wait(timeout=30)
            connections.close_all()

        def end() -> None:
            counted.append(end_sessions(Session.objects.all(), reason=EndReason.COMPROMISED))
            connections.close_all()

        counted: list[int] = []
        holder, ender = Thread(target=hold), Thread(target=end)
        holder.start()
        held.wait(timeout=30)
        ender.start()
        try:
            others = Session.objects.exclude(pk=rows[0].pk).ended()
            with at_most(5):
                while others.count() < 2:
                    assert ender.is_alive()
            assert Session.objects.filter(ended_at=None).get() == rows[0]
        finally:
            release.set()
            holder.join()
            ender.join()
        assert counted == [3]
        assert Session.objects.ended().count() == 3


class TestSignIns:
    def test_two_of_one_browser_are_one_device(self, user, race_rounds):
        for _ in range(race_rounds):
            Session.objects.all().delete()
            browser = Browser("sync")
            browser.sign_in("ada")
            browser.sign_out()
            # A second user of this browser has no device row here yet.
            Session.objects.all().delete()
            Device.objects.all().delete()
            one, two = twin_of(browser), twin_of(browser)
            codes = at_once(partial(one.sign_in, "ada"), partial(two.sign_in, "ada"))
            assert [answer.status_code for answer in codes] == [200, 200]
            assert Device.objects.count() == 1
            assert Session.objects.count() == 2
            one, two = Session.objects.all()
            assert one.devices.get() == two.devices.get()

    @pytest.mark.parametrize("atomic_requests", [False, True])
    def test_of_one_user_in_several_browsers_all_succeed(self, user, race_rounds, atomic_requests):
        browsers = [Browser("sync") for _ in range(4)]
        # Threads make connections of their own, from the settings.
        for alias in connections:
            connections.settings[alias]["ATOMIC_REQUESTS"] = atomic_requests
        try:
            for _ in range(race_rounds):
                answers = at_once(*[partial(one.sign_in, "ada") for one in browsers])
                assert [answer.status_code for answer in answers] == [200] * 4
                assert [one.whoami() for one in browsers] == ["ada"] * 4
                for one in browsers:
                    one.cookies.clear()
        finally:
            for alias in connections:
                connections.settings[alias]["ATOMIC_REQUESTS"] = False

    def test_a_sign_in_after_ending_all_survives(self, user, race_rounds):
        for _ in range(race_rounds):
            Session.objects.all().delete()
            for _ in range(5):
                start_session(user)
            cut = timezone.now()
            old = Session.objects.filter(issued_at__lt=cut)
            browser = Browser("sync")
            count, _ = at_once(
                lambda old=old: end_sessions(old, reason=EndReason.REVOKED_BY_USER),
                lambda browser=browser: browser.sign_in("ada"),
            )
            assert count == 5
            assert browser.whoami() == "ada"

    def test_while_the_user_is_deleted_nobody_gets_an_error_of_the_hub(
        self, make_user, race_rounds
    ):
        for number in range(race_rounds):
            name = f"leaving{number}"
            leaving = make_user(name)
            browser = Browser("sync")
            at_once(
                lambda browser=browser, name=name: browser.sign_in(name),
                lambda leaving=leaving: leaving.delete(),
            )
            assert browser.get("/whoami/").status_code in (200, 400)
