"""prunesessions stamps what expired and deletes what ended long ago, in batches."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.lifecycle.guard import database
from sessions_hub.management.commands import prunesessions
from sessions_hub.models import AuthenticationMethod, FailedSignIns, Session

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_stamps_with_the_instant_the_limit_passed(session, run):
    row = session(over=HOUR)
    assert run("prunesessions").startswith("Stamped 1 expired.\nDeleted 0 that ended before ")
    row.refresh_from_db()
    assert (row.ended_at, row.end_reason) == (row.expires_at, "expired")


def test_deletes_what_ended_before_the_retention_time(settings, session, run):
    settings.SESSIONS_HUB_RETENTION = 30 * DAY
    session(ended=31 * DAY)
    kept = {session(ended=29 * DAY).pk, session(ago=99 * DAY).pk}
    assert "Deleted 1 that ended before " in run("prunesessions")
    assert set(Session.objects.values_list("pk", flat=True)) == kept
    assert set(AuthenticationMethod.objects.values_list("session", flat=True)) == kept


def test_deletes_in_the_same_run_what_expired_that_long_ago(session, run):
    session(over=100 * DAY)
    assert run("prunesessions").startswith("Stamped 1 expired.\nDeleted 1 ")


def test_the_age_may_be_given(session, run):
    session(ended=2 * DAY)
    assert "Deleted 0 " in run("prunesessions", "--older-than=3d")
    assert "Deleted 1 " in run("prunesessions", "--older-than=36h")


def test_keeps_for_ever_where_told(settings, session, run):
    settings.SESSIONS_HUB_RETENTION = None
    session(ended=999 * DAY)
    assert "kept for ever" in run("prunesessions")
    assert Session.objects.count() == 1
    assert "Deleted 1 " in run("prunesessions", "--older-than=900d")


def test_a_dry_run_counts_what_a_run_does(session, run):
    session(over=HOUR)
    session(over=100 * DAY)
    session(ended=100 * DAY)
    session()
    before = list(Session.objects.values())
    said = run("prunesessions", "--dry-run")
    assert list(Session.objects.values()) == before
    assert said.startswith("Would stamp 2 expired.\nWould delete 2 that ended before ")
    assert run("prunesessions").startswith("Stamped 2 expired.\nDeleted 2 that ended before ")


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


def test_stops_when_the_time_is_up(session, run):
    for _ in range(3):
        session(over=HOUR)
    said = run("prunesessions", "--batch-size=1", "--max-seconds=0")
    assert said.startswith("Stamped 1 expired.\nDeleted 0 ")
    assert said.endswith("The time was up before the end; run again for the rest.\n")


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
    with pytest.raises(CommandError, match="run again for the rest") as caught:
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


@pytest.mark.parametrize("value", [90, "90 days", timedelta(0), -DAY])
def test_a_wrong_setting_is_explained(value, settings, session, run):
    session(ended=100 * DAY)
    settings.SESSIONS_HUB_RETENTION = value
    with pytest.raises(CommandError, match="SESSIONS_HUB_RETENTION must be a timedelta"):
        run("prunesessions")
    assert Session.objects.count() == 1


def test_old_counts_of_failed_sign_ins_go_too(run, db):
    now = timezone.now()
    for days in (399, 401):
        FailedSignIns.objects.create(starts_at=now - days * DAY, slot=0, count=7)
    said = "1 counts of failed sign-ins from more than 400 days ago."
    assert f"Would delete {said}" in run("prunesessions", "--dry-run")
    assert f"Deleted {said}" in run("prunesessions")
    assert FailedSignIns.objects.count() == 1
    assert "counts of failed" not in run("prunesessions")
