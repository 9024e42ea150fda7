"""reparsesessions tells how far it is, and where to go on after a stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from sessions_hub.management import progress
from sessions_hub.management.commands import reparsesessions
from sessions_hub.models import Session
from tests.child_runs import CHILD_LIMIT

from .reparsing import MAC, PLAIN, table
from .terminal import Terminal

pytestmark = pytest.mark.django_db(databases="__all__")


class TestStopped:
    def test_when_the_time_is_up_it_says_where_to_go_on(self, rows, session, run, stopped):
        early = stopped("reparsesessions", PLAIN, "--batch-size=1", "--max-seconds=0")
        assert table(early.said, "table")[0] == ["session", "1", "1", "0", "0", "0", "0", "0"]
        assert early.status == 3
        assert early.message == (
            "The time was up before the end. What is done is done. "
            f"Run again with --after=session:{rows.pk} for the rest."
        )
        said = run("reparsesessions", PLAIN, f"--after=session:{rows.pk}")
        assert table(said, "table")[-1] == ["all", "3", "3", "0", "0", "0", "0", "0"]

    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_by_a_signal_it_says_where_to_go_on(self, number, status, rows, run, monkeypatch):
        plain = reparsesessions.reparse

        def interrupted(*args, **options):
            for batch in plain(*args, **options):
                os.kill(os.getpid(), number)
                yield batch

        monkeypatch.setattr(reparsesessions, "reparse", interrupted)
        before = signal.getsignal(number)
        with pytest.raises(CommandError, match=f"--after=session:{rows.pk} for") as caught:
            run("reparsesessions", PLAIN, "--batch-size=1", "--sleep=30")
        assert caught.value.returncode == status
        assert signal.getsignal(number) is before
        assert Session.objects.filter(os_name="Mac").count() == 1

    def test_by_the_database_it_says_where_to_go_on(self, rows, run, monkeypatch):
        plain = reparsesessions.reparse

        def broken(*args, **options):
            yield next(plain(*args, **options))
            raise DatabaseError("gone away")

        monkeypatch.setattr(reparsesessions, "reparse", broken)
        with pytest.raises(CommandError) as caught:
            run("reparsesessions", PLAIN, "--batch-size=1")
        assert caught.value.returncode == 1
        assert str(caught.value) == (
            "The database failed: gone away\n"
            f"Run again with --after=session:{rows.pk} for the rest."
        )

    def test_before_the_first_batch_it_says_to_run_again(self, run, monkeypatch):
        def broken(*args, **options):
            raise DatabaseError("gone away")
            yield

        monkeypatch.setattr(reparsesessions, "reparse", broken)
        with pytest.raises(CommandError, match=r"^The database failed: gone away\nRun again\.$"):
            run("reparsesessions", PLAIN)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_killed_in_the_middle_it_is_finished_by_the_next_run(session, run):
    for agent in (MAC, MAC, MAC, "stop 1; here 1; desktop", MAC):
        session(user_agent=agent)
    names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    killed = subprocess.run(
        [
            *(sys.executable, "-m", "django", "reparsesessions", "--batch-size=2"),
            "--backend=tests.parsers.Deadly",
        ],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "HUB_TEST_JOIN": json.dumps(names, default=str),
        },
        capture_output=True,
        timeout=CHILD_LIMIT,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = Session.objects.order_by("pk").values_list("os_name", flat=True)
    assert list(done) == ["Mac", "Mac", "", "", ""]
    said = run("reparsesessions", PLAIN)
    assert table(said, "table")[0] == ["session", "5", "3", "2", "0", "0", "0", "0"]
    assert list(done.all()) == ["Mac", "Mac", "Mac", "stop", "Mac"]


class TestProgress:
    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch):
        monkeypatch.setattr(progress, "LOG_EVERY", 0)
        monkeypatch.setattr(progress, "TERMINAL_EVERY", 0)

    def test_is_lines_in_a_log_that_say_where_to_go_on(self, rows, run):
        said = run("reparsesessions", PLAIN, "--batch-size=1")
        day = f"{rows.issued_at:%Y-%m-}"
        assert f"Read 1, changed 1, failed 0, up to {day}" in said
        assert f" (--after=session:{rows.pk})\n" in said
        assert "\r" not in said

    def test_is_one_line_on_a_terminal_without_tqdm(self, rows, monkeypatch):
        monkeypatch.setattr(progress, "tqdm", None)
        monkeypatch.setenv("COLUMNS", "40")
        out = Terminal()
        call_command("reparsesessions", PLAIN, "--batch-size=1", stdout=out)
        shown = out.getvalue().partition("\r")[2].rpartition("\r")[0].split("\r")
        assert [text.rstrip()[:18] for text in shown] == [
            *(f"Read {n}, changed {n}," for n in range(1, 5)),
            "",
        ]
        # The last one is wiped, and none wraps.
        assert {len(text) for text in shown} == {39}
        assert "\n" not in "".join(shown)

    def test_is_a_bar_on_a_terminal_that_is_gone_at_the_end(self, rows):
        pytest.importorskip("tqdm")
        out = Terminal()
        call_command("reparsesessions", PLAIN, "--batch-size=1", stdout=out)
        bar, _gone, rest = out.getvalue().rpartition("\r")
        assert "4/4 [" in bar
        assert "Read 4, changed 4" in bar
        assert "\n" not in bar[bar.index("\r") :]
        assert rest.startswith("table ")

    def test_is_not_told_where_nothing_is_to_be_said(self, rows, run):
        for out in (StringIO(), Terminal()):
            call_command("reparsesessions", PLAIN, "--batch-size=1", verbosity=0, stdout=out)
            assert out.getvalue() == ""

    def test_is_not_told_more_often_than_a_person_reads(self, rows, run, monkeypatch):
        monkeypatch.setattr(progress, "LOG_EVERY", 60)
        assert "Read " not in run("reparsesessions", PLAIN, "--batch-size=1")


def test_rows_that_others_are_at_work_on_are_left_and_told(rows, run, monkeypatch):
    plain = reparsesessions.reparse

    def hindered(*args, **options):
        for batch in plain(*args, **{**options, "dry_run": True}):
            yield replace(batch, changed=batch.changed[2:], busy=1, moved=len(batch.changed) - 1)

    monkeypatch.setattr(reparsesessions, "reparse", hindered)
    said = run("reparsesessions", PLAIN)
    assert table(said, "table")[3] == ["all", "4", "0", "0", "0", "0", "0", "4"]
    assert said.endswith(
        "locked rows 3, rows that somebody else changed or deleted meanwhile 1. "
        "Run again without --after for them.\n"
    )


class TestRowsLeftBeforeTheCursor:
    @pytest.fixture(autouse=True)
    def hindered(self, monkeypatch):
        plain = reparsesessions.reparse

        def hindered(*args, **options):
            for batch in plain(*args, **options):
                yield replace(batch, busy=1)

        monkeypatch.setattr(reparsesessions, "reparse", hindered)

    def test_need_a_run_without_it_after_the_rest(self, rows, stopped):
        early = stopped("reparsesessions", PLAIN, "--batch-size=1", "--max-seconds=0")
        assert "Run again without --after for them.\n" in early.said
        assert early.message.endswith(
            f"Run again with --after=session:{rows.pk} for the rest. "
            "Then run once more without --after for the rows that were left."
        )

    def test_are_told_in_a_log_too(self, rows, run, monkeypatch):
        monkeypatch.setattr(progress, "LOG_EVERY", 0)
        said = run("reparsesessions", PLAIN, "--batch-size=1")
        assert "Read 1, changed 1, left 1, failed 0, up to " in said
        assert f" (--after=session:{rows.pk}, then once without --after)\n" in said


def test_a_row_whose_id_carries_no_time_is_shown_in_any_time_zone(
    settings, session, run, monkeypatch
):
    monkeypatch.setattr(progress, "LOG_EVERY", 0)
    settings.TIME_ZONE = "Pacific/Kiritimati"
    row = session(user_agent=MAC, methods=())
    Session.objects.filter(pk=row.pk).update(id=UUID(int=2**128 - 1))
    said = run("reparsesessions", PLAIN)
    assert "up to 9999-12-31 (--after=session:ffffffff-" in said
