"""endsessions ends what matches, and nothing it was not told to."""

from __future__ import annotations

import io
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.utils import timezone

from sessions_hub.lifecycle import Ends
from sessions_hub.management.commands import endsessions
from sessions_hub.models import Session

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


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
    assert caught.value.returncode == 3
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
        (["--session", "7"], "is not a session id"),
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
    with pytest.raises(CommandError, match="is not a session id"):
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
    with pytest.raises(CommandError, match="--tenant"):
        run("endsessions", "--tenant=")
