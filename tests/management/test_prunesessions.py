"""prunesessions stamps what expired and deletes what ended long ago, in batches."""

from __future__ import annotations

import os
import re
import signal
import threading
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.capture import ClientSnapshot
from sessions_hub.conf import NAMES
from sessions_hub.lifecycle import devices
from sessions_hub.lifecycle.digests import DEVICE, digest
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.known import find_device
from sessions_hub.lifecycle.prune import delete_orphans
from sessions_hub.lifecycle.sighting import sight
from sessions_hub.management.commands import prunesessions
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    FailedSignIns,
    Session,
    SessionDevice,
)
from tests.factories import make_device, make_session_device

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_stamps_with_the_instant_the_limit_passed(session, run):
    row = session(over=HOUR)
    said = run("prunesessions")
    assert said.startswith("Stamped 1 expired.\n")
    assert "Deleted 0 ended sessions that are kept no longer.\n" in said
    row.refresh_from_db()
    assert (row.ended_at, row.end_reason) == (row.expires_at, "expired")


def test_deletes_what_ended_before_the_retention_time(settings, session, run):
    settings.SESSIONS_HUB_RETENTION = 30 * DAY
    session(ended=31 * DAY)
    kept = {session(ended=29 * DAY).pk, session(ago=99 * DAY).pk}
    assert "Deleted 1 ended sessions" in run("prunesessions")
    assert set(Session.objects.values_list("pk", flat=True)) == kept
    assert set(AuthenticationMethod.objects.values_list("session", flat=True)) == kept


def test_deletes_in_the_same_run_what_expired_that_long_ago(session, run):
    session(over=100 * DAY)
    said = run("prunesessions")
    assert said.startswith("Stamped 1 expired.\n")
    assert "\nDeleted 1 ended" in said


def test_the_age_may_be_given(session, run):
    session(ended=2 * DAY)
    assert "Deleted 0 ended" in run("prunesessions", "--older-than=3d")
    assert "Deleted 1 ended" in run("prunesessions", "--older-than=36h")


def test_keeps_for_ever_where_told(settings, session, run):
    settings.SESSIONS_HUB_RETENTION, settings.SESSIONS_HUB_RETENTION_FOR = None, {}
    session(ended=999 * DAY)
    assert "kept for ever" in run("prunesessions")
    assert Session.objects.count() == 1
    assert "Deleted 1 ended" in run("prunesessions", "--older-than=900d")


def test_a_dry_run_counts_what_a_run_does(session, run):
    session(over=HOUR)
    session(over=100 * DAY)
    session(ended=100 * DAY)
    session()
    before = list(Session.objects.values())
    said = run("prunesessions", "--dry-run")
    assert list(Session.objects.values()) == before
    assert said.startswith("Would stamp 2 expired.\n")
    assert "Would delete 2 ended" in said
    said = run("prunesessions")
    assert said.startswith("Stamped 2 expired.\n")
    assert "\nDeleted 2 ended" in said


def test_every_batch_is_bounded(session, run):
    for _ in range(5):
        session(over=100 * DAY)
    with CaptureQueriesContext(connections[database()]) as queries:
        run("prunesessions", "--batch-size=2")
    deletes = [
        query["sql"]
        for query in queries
        if query["sql"].startswith("DELETE")
        and "sessions_hub_session" in query["sql"].replace("`", '"').split('"')
    ]
    assert len(deletes) == 3
    assert not Session.objects.exists()


def test_stops_when_the_time_is_up(session, stopped):
    for _ in range(3):
        session(over=HOUR)
    early = stopped("prunesessions", "--batch-size=1", "--max-seconds=0")
    assert (early.status, early.said) == (3, "Stamped 1 expired.\n")
    assert early.message.startswith("The time was up before the end.")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_between_two_batches(number, status, session, run, monkeypatch, capsys):
    for _ in range(3):
        session(over=HOUR)
    plain = prunesessions.stamp_expired

    def interrupted(*args, **options):
        for batch in plain(*args, **options):
            os.kill(os.getpid(), number)
            yield batch

    monkeypatch.setattr(prunesessions, "stamp_expired", interrupted)
    before = signal.getsignal(number)
    with pytest.raises(CommandError, match="Run again for the rest") as caught:
        run("prunesessions", "--batch-size=1", "--sleep=30")
    assert caught.value.returncode == status
    assert signal.getsignal(number) is before
    assert Session.objects.filter(ended_at=None).count() == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--older-than", "ever"], "is not a duration"),
        (["--older-than", "0d"], "is not a duration"),
        (["--batch-size", "0"], "is not a whole number"),
        (["--max-seconds", "-1"], "is not a number of seconds"),
        (["--sleep", "nan"], "is not a number of seconds"),
    ],
)
def test_wrong_options_are_explained(arguments, message, run):
    with pytest.raises(CommandError, match=message):
        run("prunesessions", *arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("RETENTION", one) for one in (90, "90 days", timedelta(0), -DAY)),
        ("RETENTION_FOR", {"idle": 90}),
        ("RETENTION_FOR", {"ilde": DAY}),
        ("RETENTION_FOR", None),
    ],
)
def test_a_wrong_setting_is_explained(name, value, settings, session, stopped):
    session(ended=100 * DAY)
    setattr(settings, f"SESSIONS_HUB_{name}", value)
    error = stopped("prunesessions")
    assert error.status == 1
    assert error.message.startswith(f"SESSIONS_HUB_{name}")
    assert Session.objects.count() == 1


def test_old_counts_of_failed_sign_ins_go_too(run, db):
    now = timezone.now()
    for days in (399, 401):
        FailedSignIns.objects.create(starts_at=now - days * DAY, slot=0, count=7)
    said = "1 counts of failed sign-ins of more than 400 days ago."
    assert f"Would delete {said}" in run("prunesessions", "--dry-run")
    assert f"Deleted {said}" in run("prunesessions")
    assert FailedSignIns.objects.count() == 1


class TestDevices:
    @pytest.fixture
    def device(self, user):
        def make(ago: timedelta = 100 * DAY, **values: object):
            return make_device(user("ada"), timezone.now() - ago, **values)

        return make

    def test_that_nothing_is_left_of_go(self, session, device, run):
        old, new = device(), device(ago=80 * DAY)
        make_session_device(session(ended=100 * DAY), device())
        kept = device()
        make_session_device(session(ended=80 * DAY), kept)
        assert "Would delete 1 devices" in run("prunesessions", "--dry-run")
        assert "Deleted 2 devices without a session.\n" in run("prunesessions", "--batch-size=1")
        assert set(Device.objects.all()) == {new, kept}
        assert old not in set(Device.objects.all())

    def test_stay_where_all_is_kept(self, device, settings, run):
        device()
        settings.SESSIONS_HUB_RETENTION = None
        assert "Deleted 0 devices" in run("prunesessions")

    def test_that_a_sign_in_may_find_unwritten_stay_however_short_the_time(self, device, run):
        # Within a day of its last sign-in a device is found without being written.
        found, _gone = device(ago=2 * DAY - HOUR), device(ago=2 * DAY + HOUR)
        run("prunesessions", "--older-than=1h")
        assert set(Device.objects.all()) == {found}

    def test_that_a_sign_in_has_found_meanwhile_is_a_new_one(self, device, user):
        gone = device(key_digest=digest(DEVICE, str(user("ada").pk), "key"))
        snapshot = ClientSnapshot(address="192.0.2.1", user_agent="Agent/1")
        sighting = replace(sight(None, snapshot), device_key="key")
        known = find_device(user("ada").pk, [gone.key_digest], database())
        list(delete_orphans(timezone.now(), 90 * DAY))
        with mock.patch.object(devices, "find_device", return_value=known):
            found = devices.recognise(user("ada").pk, sighting, timezone.now(), database())
        assert found.is_new
        assert Device.objects.get() == found.device


def test_the_policy_is_shown(settings, run):
    settings.SESSIONS_HUB_ADDRESS_RETENTION = None
    settings.SESSIONS_HUB_RETENTION_FOR = {"idle": HOUR, "api_key": DAY, "compromised": None}
    said = [re.split("  +", line) for line in run("prunesessions", "--show-policy").splitlines()]
    assert [row[:2] for row in said[2:]] == [
        ["ended sessions", "90 days"],
        ["ended sessions: api_key", "1 day"],
        ["ended sessions: compromised", "ever"],
        ["ended sessions: idle", "1:00:00"],
        ["devices without a session", "90 days"],
        ["whole addresses, coordinates", "ever"],
        ["user agents, client hints", "90 days"],
        ["rows of a deleted user", "delete"],
    ]
    named = {row[-1] for row in said[2:]}
    assert named == {name for name in NAMES if "RETENTION" in name} | {
        "SESSIONS_HUB_ON_USER_DELETE"
    }


def test_says_nothing_where_nothing_is_to_be_said(session, run):
    session(over=100 * DAY)
    assert run("prunesessions", verbosity=0) == ""
    assert not Session.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize(("number", "expected"), [(1, 4), (2, 2)])
def test_killed_in_the_middle_it_leaves_whole_rows_to_the_next_run(
    number, expected, session, run, killed
):
    for _ in range(4):
        make_session_device(row := session(ended=100 * DAY), make_device(row.user))
    killed(number, "prunesessions", "--batch-size=2")
    left = set(Session.objects.values_list("pk", flat=True))
    assert len(left) == expected
    # Each with all that hangs on it.
    for model in (AuthenticationMethod, SessionDevice):
        assert set(model.objects.values_list("session", flat=True)) == left
    run("prunesessions", "--batch-size=2")
    assert not Session.objects.exists()
    assert not AuthenticationMethod.objects.exists()


@pytest.mark.locks
@pytest.mark.race
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_at_once_share_the_work(session, race_rounds):
    for _ in range(race_rounds):
        for _ in range(12):
            session(ended=100 * DAY)
            session(over=HOUR)
        start, done = threading.Barrier(3), []

        def prune(start=start, done=done) -> None:
            try:
                out = StringIO()
                start.wait()
                call_command("prunesessions", "--batch-size=2", stdout=out)
                done.append(
                    [int(number) for number in re.findall(r"^\w+ (\d+) ", out.getvalue(), re.M)]
                )
            finally:
                connections.close_all()

        threads = [threading.Thread(target=prune) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 3
        stamped, _ended, deleted, _devices, _counts = map(sum, zip(*done, strict=True))
        # Nobody counts what another one did; what one held may be left to the next run.
        assert deleted == 12 - Session.objects.filter(end_reason="signed_out").count()
        assert stamped == Session.objects.filter(end_reason="expired").count()
        call_command("prunesessions", stdout=StringIO())
        assert not Session.objects.filter(end_reason="signed_out").exists()
        Session.objects.all().delete()
