"""endsessions ends what matches, and nothing it was not told to."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError
from django.utils import timezone

from sessions_hub.lifecycle import Ends, staff
from sessions_hub.lifecycle.guard import database
from sessions_hub.management.commands import endsessions
from sessions_hub.models import Session

from .terminal import Terminal

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def active() -> set[object]:
    return set(Session.objects.active().values_list("pk", flat=True))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--user=ada"],
        ["--address=10.0.0.0/8"],
        ["--country=DE"],
        ["--before=1d"],
        ["--user=ada", "--country=DE", "--all"],
    ],
)
def test_ends_those_that_meet_all_conditions(arguments, session, run):
    session("ada", ip="10.1.2.3", country_code="DE", ago=2 * DAY)
    other = session("bob")
    assert run("endsessions", *arguments) == "Ended 1 session.\n"
    assert active() == {other.pk}


def test_ends_the_sessions_with_these_ids(session, run):
    one, two, three = session(), session(), session()
    assert run("endsessions", "--session", str(one.pk), "--session", str(two.pk)) == (
        "Ended 2 sessions.\n"
    )
    assert active() == {three.pk}


def test_ends_all_only_when_told(session, run):
    session()
    session("bob")
    with pytest.raises(CommandError, match="Say which sessions to end") as caught:
        run("endsessions", "--reason=compromised")
    assert caught.value.returncode == 2
    assert len(active()) == 2
    assert run("endsessions", "--all") == "Ended 2 sessions.\n"


def test_records_reason_actor_and_time(session, user, run):
    row, actor = session(), user("carol")
    run("endsessions", "--all", "--reason=compromised", "--by=carol")
    row.refresh_from_db()
    assert (row.end_reason, row.ended_by) == ("compromised", actor)
    assert timezone.now() - row.ended_at < timedelta(minutes=1)


def test_leaves_what_has_ended_or_expired(session, run):
    ended, expired = session(ended=HOUR), session(over=HOUR)
    with pytest.raises(CommandError, match="No session matches") as caught:
        run("endsessions", "--all")
    assert caught.value.returncode == 4
    ended.refresh_from_db()
    expired.refresh_from_db()
    assert (ended.end_reason, expired.ended_at) == ("signed_out", None)


def test_ends_sessions_of_a_disabled_user(session, user, run):
    row = session("ada")
    type(row.user).objects.filter(pk=row.user.pk).update(is_active=False)
    assert run("endsessions", "--user=ada") == "Ended 1 session.\n"


def test_a_dry_run_shows_and_ends_nothing(session, run):
    for number in range(12):
        session(f"user{number}")
    shown = run("endsessions", "--all", "--dry-run")
    assert shown.endswith("… and 2 more.\nWould end 12 sessions.\n")
    assert shown.count("user") == 11
    assert len(active()) == 12


class TestMany:
    @pytest.fixture(autouse=True)
    def three(self, session, monkeypatch):
        monkeypatch.setattr(endsessions, "ASK_ABOVE", 2)
        for _ in range(3):
            session()

    def test_are_not_ended_without_a_terminal_to_ask(self, run, monkeypatch):
        for stdin in (io.StringIO("y\n"), None):
            monkeypatch.setattr("sys.stdin", stdin)
            with pytest.raises(CommandError, match="Add --yes") as caught:
                run("endsessions", "--all")
            assert caught.value.returncode == 1
        assert len(active()) == 3

    def test_are_ended_with_yes(self, run, monkeypatch):
        monkeypatch.setattr("sys.stdin", None)
        assert run("endsessions", "--all", "--yes") == "Ended 3 sessions.\n"

    @pytest.mark.parametrize(("answer", "left"), [("y", 0), ("YES", 0), ("", 3), ("n", 3)])
    def test_are_ended_when_the_answer_is_yes(self, answer, left, run, monkeypatch):
        monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
        if left:
            with pytest.raises(CommandError, match="Nothing was ended"):
                run("endsessions", "--all")
        else:
            run("endsessions", "--all")
        assert len(active()) == left


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--session", "7"], "is not an id"),
        (["--before", "soon"], "is not a time"),
        (["--by", "nobody", "--all"], "--by: there is no user"),
        (["--reason", "bored", "--all"], "invalid choice"),
    ],
)
def test_wrong_options_are_explained(arguments, message, run):
    with pytest.raises(CommandError, match=message):
        run("endsessions", *arguments)


def test_wrong_options_of_a_program_are_explained_too(session, run):
    session()
    with pytest.raises(CommandError, match="--reason: “bored” is not one of"):
        run("endsessions", all=True, reason="bored")
    with pytest.raises(CommandError, match="is not an id"):
        run("endsessions", session=["7"])
    assert len(active()) == 1


def test_says_when_the_cache_may_let_the_ended_in_for_a_while(session, monkeypatch, run, capsys):
    session("ada")
    late = timezone.now() + timedelta(seconds=10)

    @contextmanager
    def watch():
        yield Ends(delayed_until=late)

    monkeypatch.setattr(endsessions, "watch_ends", watch)
    errors = io.StringIO()
    assert run("endsessions", "--all", stderr=errors) == "Ended 1 session.\n"
    assert timezone.localtime(late).strftime("until %H:%M:%S.") in errors.getvalue()


def test_ends_the_sessions_of_one_tenant(session, run):
    session("ada", tenant_id="acme")
    others = {session("ada", tenant_id="other").pk, session("bob").pk}
    assert run("endsessions", "--tenant=acme") == "Ended 1 session.\n"
    assert active() == others


def test_an_empty_tenant_is_no_condition(session, run):
    session("ada")
    with pytest.raises(CommandError, match="Say which sessions to end"):
        run("endsessions", "--tenant=")


def entries() -> list[str]:
    return list(LogEntry.objects.values_list("change_message", flat=True))


class TestWrittenDown:
    def test_in_the_log_as_the_deed_of_a_command(
        self, session, run, caplog, django_capture_on_commit_callbacks
    ):
        caplog.set_level(logging.INFO, "sessions_hub")
        row = session("ada", country_code="DE")
        with django_capture_on_commit_callbacks(using=database(), execute=True):
            run("endsessions", "--country=DE", "--reason=compromised")
        (said,) = [one for one in caplog.records if "staff.sessions_ended" in one.getMessage()]
        assert (said.actor_id, said.via) == ("", "command")
        assert json.loads(said.predicate) == {"country_code": "DE"}
        assert (said.count, said.reason, said.sample) == (1, "compromised", [str(row.pk)])
        # The admin's history is one of users.
        assert entries() == []

    def test_in_the_history_of_whoever_is_named_too(self, session, user, run):
        session("ada")
        actor = user("carol")
        run("endsessions", "--all", "--by=carol")
        entry = LogEntry.objects.get()
        assert entry.user == actor
        assert entry.change_message.startswith("staff.sessions_ended {")
        assert '"count":1' in entry.change_message
        assert '"via":"command"' in entry.change_message

    def test_or_nothing_ends(self, session, user, stopped, monkeypatch):
        session("ada")
        user("carol")

        def broken(*args, **options):
            raise RuntimeError

        monkeypatch.setattr(LogEntry._default_manager.__class__, "create", broken, raising=False)
        error = stopped("endsessions", "--all", "--by=carol")
        assert error.status == 1
        assert "could not be written into the admin's history" in error.message
        assert len(active()) == 1


def test_more_than_one_call_ends_are_all_ended(session, run, monkeypatch):
    monkeypatch.setattr(endsessions, "MOST", 2)
    for _ in range(5):
        session()
    assert run("endsessions", "--all") == "Ended 5 sessions.\n"
    assert active() == set()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_between_two_batches(number, status, session, stopped, monkeypatch):
    monkeypatch.setattr(staff, "BATCH", 1)
    for _ in range(3):
        session()
    plain = staff.end_in_batches

    def interrupted(*args, **options):
        os.kill(os.getpid(), number)
        return plain(*args, **options)

    monkeypatch.setattr(staff, "end_in_batches", interrupted)
    before = signal.getsignal(number)
    early = stopped("endsessions", "--all")
    assert (early.status, early.said) == (status, "Ended 1 session.\n")
    assert "Run again for the rest." in early.message
    assert signal.getsignal(number) is before
    assert len(active()) == 2


def test_a_signal_at_the_very_end_stops_nothing(session, run, monkeypatch):
    session()
    plain = staff.end_in_batches

    def interrupted(*args, **options):
        os.kill(os.getpid(), signal.SIGINT)
        return plain(*args, **options)

    monkeypatch.setattr(staff, "end_in_batches", interrupted)
    assert run("endsessions", "--all") == "Ended 1 session.\n"


def test_a_condition_that_says_nothing_ends_nothing(session, stopped):
    session()
    error = stopped("endsessions", "--client-below=140")
    assert (error.status, error.message) == (
        2,
        "--client-below: Say of what, too, with --client.",
    )
    assert len(active()) == 1
