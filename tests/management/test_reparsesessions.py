"""reparsesessions derives client and place of stored rows anew, and says what changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from sessions_hub.lifecycle import rederive
from sessions_hub.management import progress, reparsing
from sessions_hub.management.commands import reparsesessions
from sessions_hub.models import Device, Session
from tests.factories import make_device, make_session_device

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAIN = "--backend=tests.parsers.Plain"
SHOUTING = "--backend=tests.parsers.Shouting"
ADDRESS = "203.0.113.7"
MAC = "Mac 10.9; Fox 9.1; desktop"
TUX = "Linux 6.1; Cat 3.0; desktop"


def table(said: str, first: str) -> list[list[str]]:
    """The rows of the printed table whose first header is `first`."""
    lines = said.splitlines()
    start = next(n for n, line in enumerate(lines) if line.split()[:1] == [first])
    below = lines[start + 2 :]
    end = below.index("") if "" in below else len(below)
    return [line.split() for line in below[:end]]


@pytest.fixture
def rows(session):
    """Two sessions that were understood otherwise, with a place of use and a device."""
    row = session(user_agent=MAC, os_name="Mac OS X", client_name="Fox", ago=2 * DAY)
    session(user_agent=MAC, os_name="Mac OS X", client_name="Fox", device_type="tablet")
    device = make_device(row.user, user_agent=TUX, os_name="Tux")
    make_session_device(row, device, user_agent=TUX, os_name="Linux")
    return row


def test_says_per_table_column_and_name_what_changed(rows, session, run):
    session()
    said = run("reparsesessions", PLAIN)
    assert table(said, "table") == [
        # read, changed, unchanged, no raw value, not recognised, failed, left
        ["session", "3", "2", "0", "1", "0", "0", "0"],
        ["sessiondevice", "1", "1", "0", "0", "0", "0", "0"],
        ["device", "1", "1", "0", "0", "0", "0", "0"],
        ["all", "5", "4", "0", "1", "0", "0", "0"],
    ]
    assert dict(table(said, "column")) == {
        "client_version": "4",
        "client_version_key": "4",
        "device_type": "4",
        "os_version": "4",
        "os_version_key": "4",
        "os_name": "3",
        "client_name": "2",
    }
    assert said.rpartition("\n\n")[2] == (
        "column       from      to       rows\n"
        "-----------  --------  -------  ----\n"
        "device_type  -         desktop  3\n"
        "client_name  -         Cat      2\n"
        "os_name      Mac OS X  Mac      2\n"
        "device_type  tablet    desktop  1\n"
        "os_name      Tux       Linux    1\n"
    )
    assert set(Session.objects.values_list("os_name", flat=True)) == {"", "Mac"}


def test_shows_only_the_most_common_changes(session, run):
    for number in range(12):
        session(user_agent=f"Os{number} 1; Fox 1; desktop")
    said = run("reparsesessions", PLAIN)
    assert len(said.rpartition("\n\n")[2].splitlines()) == 2 + 10
    assert "client_name  -     Fox      12\n" in said


def test_keeps_the_most_common_changes_of_names_without_end(session, run, monkeypatch):
    monkeypatch.setattr(reparsing, "_MOST_PAIRS", 6)
    totals: list[int] = []
    plain = reparsing.Summary.add

    def add(self, batch):
        plain(self, batch)
        totals.append(len(self.pairs))

    monkeypatch.setattr(reparsing.Summary, "add", add)
    for number in range(20):
        session(user_agent=f"Mac 1; Fox{number} 1; desktop")
    said = run("reparsesessions", PLAIN, "--batch-size=1")
    assert max(totals) <= 6
    assert "os_name      -     Mac      20\n" in said


def test_run_again_it_changes_nothing(rows, run):
    run("reparsesessions", PLAIN)
    before = list(Session.objects.values())
    said = run("reparsesessions", PLAIN)
    assert table(said, "table")[-1] == ["all", "4", "0", "4", "0", "0", "0", "0"]
    assert "column" not in said
    assert list(Session.objects.values()) == before


def test_a_dry_run_says_the_same_and_writes_nothing(rows, run):
    before = list(Session.objects.values()), list(Device.objects.values())
    said = run("reparsesessions", PLAIN, "--dry-run")
    assert (list(Session.objects.values()), list(Device.objects.values())) == before
    hint = "Nothing is written. A run would do this:\n"
    assert hint in said
    assert said.replace(hint, "") == run("reparsesessions", PLAIN)


class TestBackend:
    def test_is_the_one_of_the_settings(self, settings, rows, run):
        settings.SESSIONS_HUB_USER_AGENT_BACKEND = "tests.parsers.Plain"
        run("reparsesessions")
        assert set(Session.objects.values_list("os_name", flat=True)) == {"Mac"}

    def test_may_be_another_for_one_run(self, settings, rows, run):
        settings.SESSIONS_HUB_USER_AGENT_BACKEND = "tests.parsers.Plain"
        run("reparsesessions", SHOUTING)
        assert set(Session.objects.values_list("os_name", flat=True)) == {"MAC"}

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("nowhere.Parser", "There is no user agent backend “nowhere.Parser”"),
            ("tests.parsers.Plain.parse", "There is no user agent backend"),
            ("tests.parsers.MAC", "There is no user agent backend"),
            ("datetime.datetime", "“datetime.datetime” is no user agent backend"),
            ("tests.parsers.NotReady", "its file is missing"),
            ("", "There is no user agent backend"),
        ],
    )
    def test_that_cannot_be_used_is_explained(self, path, message, settings, rows, run):
        with pytest.raises(CommandError, match=f"^--backend: .*{message}") as caught:
            run("reparsesessions", f"--backend={path}")
        assert caught.value.returncode == 2
        settings.SESSIONS_HUB_USER_AGENT_BACKEND = path
        with pytest.raises(CommandError, match=f"^SESSIONS_HUB_USER_AGENT_BACKEND: .*{message}"):
            run("reparsesessions")
        assert Session.objects.filter(os_name="Mac OS X").count() == 2


def test_a_row_that_cannot_be_parsed_is_a_failure_and_keeps_what_it_has(session):
    old = session(user_agent="broken", os_name="Old", os_version="10.9", ago=2 * HOUR)
    session(user_agent=MAC)
    session(user_agent="hopeless", os_name="Old", os_version="10.9", ago=0 * HOUR)
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("reparsesessions", PLAIN, "--batch-size=1", stdout=out)
    assert caught.value.returncode == 1
    # What the parser quotes may drive a terminal.
    assert str(caught.value) == (
        "Rows whose client could not be parsed, and was kept: 2. "
        f"The first failure: RuntimeError: no idea�[2J (session:{old.pk})"
    )
    assert table(out.getvalue(), "table")[0] == ["session", "3", "3", "0", "0", "0", "2", "0"]
    names = set(Session.objects.values_list("os_name", "os_version_key"))
    assert names == {(name, "0000010.0000009.0000000.0000000") for name in ("Old", "Mac")}


def test_a_failure_that_cannot_be_told_ends_no_run(session, monkeypatch):
    class Mute(Exception):
        def __str__(self):
            raise AttributeError("what")

    def parse(*args, **kwargs):
        raise Mute

    monkeypatch.setattr(rederive, "parse_client", parse)
    session(user_agent=MAC)
    session(user_agent=TUX)
    with pytest.raises(CommandError, match=r"kept: 2\. .* Mute: \(it cannot be shown\)"):
        call_command("reparsesessions", PLAIN, stdout=StringIO())


class TestPlaces:
    @pytest.fixture
    def files(self, tmp_path, settings):
        path = tmp_path / "GeoLite2-City.mmdb"
        writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=path.stem)
        writer.insert_network(
            IPSet([f"{ADDRESS}/32"]),
            {
                "country": {"iso_code": "DE"},
                "city": {"names": {"en": "Berlin"}},
                "location": {"latitude": 52.5, "longitude": 13.25},
            },
        )
        writer.to_db_file(str(path))
        settings.SESSIONS_HUB_GEOIP_PATH = path
        return path

    def test_are_filled_where_there_are_none(self, files, session, run):
        session(ip=ADDRESS)
        session(ip=ADDRESS, country_code="FR", city="Paris")
        assert run("reparsesessions", PLAIN).startswith("table ")
        places = Session.objects.order_by("city").values_list("country_code", "city", "latitude")
        assert list(places) == [("DE", "Berlin", 52.5), ("FR", "Paris", None)]

    def test_are_looked_up_again_when_told(self, files, session, run):
        session(ip=ADDRESS, country_code="FR", city="Paris")
        session(ip="192.0.2.1", country_code="FR", city="Paris")
        run("reparsesessions", PLAIN, "--relocate")
        assert set(Session.objects.values_list("city", flat=True)) == {"Berlin", "Paris"}

    @pytest.mark.parametrize("option", [[], ["--relocate"]])
    def test_are_left_alone_without_a_file(self, option, files, session, run):
        session(ip=ADDRESS, country_code="FR", city="Paris")
        files.unlink()
        said = run("reparsesessions", PLAIN, *option)
        assert f"Places are left alone: cannot use {files}: " in said
        assert Session.objects.get().city == "Paris"

    def test_are_looked_up_though_the_file_of_operators_is_broken(self, files, session, run):
        session(ip=ADDRESS)
        operators = files.parent / "GeoLite2-ASN.mmdb"
        operators.write_bytes(b"garbage")
        said = run("reparsesessions", PLAIN)
        assert f"Network operators are left alone: cannot use {operators}: " in said
        assert "Places are left alone" not in said
        assert Session.objects.get().city == "Berlin"

    def test_are_left_alone_without_a_setting(self, settings, session, run):
        settings.SESSIONS_HUB_GEOIP_PATH = None
        session(country_code="FR")
        said = run("reparsesessions", PLAIN)
        assert "Places are left alone: SESSIONS_HUB_GEOIP_PATH is not set." in said
        assert Session.objects.get().country_code == "FR"


def test_only_rows_made_since(rows, run):
    said = run("reparsesessions", PLAIN, "--since=1d")
    assert table(said, "table")[0] == ["session", "1", "1", "0", "0", "0", "0", "0"]
    rows.refresh_from_db()
    assert rows.os_name == "Mac OS X"


class TestStopped:
    def test_when_the_time_is_up_it_says_where_to_go_on(self, rows, session, run):
        said = run("reparsesessions", PLAIN, "--batch-size=1", "--max-seconds=0")
        assert table(said, "table")[0] == ["session", "1", "1", "0", "0", "0", "0", "0"]
        assert said.endswith(
            "The time was up before the end. "
            f"Run again with --after=session:{rows.pk} for the rest.\n"
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
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = Session.objects.order_by("pk").values_list("os_name", flat=True)
    assert list(done) == ["Mac", "Mac", "", "", ""]
    said = run("reparsesessions", PLAIN)
    assert table(said, "table")[0] == ["session", "5", "3", "2", "0", "0", "0", "0"]
    assert list(done.all()) == ["Mac", "Mac", "Mac", "stop", "Mac"]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


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

    def test_is_one_line_on_a_terminal(self, rows, monkeypatch):
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

    def test_need_a_run_without_it_after_the_rest(self, rows, run):
        said = run("reparsesessions", PLAIN, "--batch-size=1", "--max-seconds=0")
        assert "Run again without --after for them.\n" in said
        assert said.endswith(
            f"Run again with --after=session:{rows.pk} for the rest. "
            "Then run once more without --after for the rows that were left.\n"
        )

    def test_are_told_in_a_log_too(self, rows, run, monkeypatch):
        monkeypatch.setattr(progress, "LOG_EVERY", 0)
        said = run("reparsesessions", PLAIN, "--batch-size=1")
        assert "Read 1, changed 1, left 1, failed 0, up to " in said
        assert f" (--after=session:{rows.pk}, then once without --after)\n" in said


def test_counts_what_the_parser_recognises_nothing_of_and_keeps_it(rows, session, run):
    session(user_agent=MAC)
    said = run("reparsesessions", "--backend=tests.parsers.Ignorant")
    # read, changed, unchanged, no raw value, not recognised, failed, left
    assert table(said, "table")[0] == ["session", "3", "0", "1", "0", "2", "0", "0"]
    assert Session.objects.filter(os_name="Mac OS X").count() == 2


def test_a_row_whose_id_carries_no_time_is_shown_in_any_time_zone(
    settings, session, run, monkeypatch
):
    monkeypatch.setattr(progress, "LOG_EVERY", 0)
    settings.TIME_ZONE = "Pacific/Kiritimati"
    row = session(user_agent=MAC, methods=())
    Session.objects.filter(pk=row.pk).update(id=UUID(int=2**128 - 1))
    said = run("reparsesessions", PLAIN)
    assert "up to 9999-12-31 (--after=session:ffffffff-" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "ever"], "is not a time"),
        (["--after", "session"], "is not where a run stopped"),
        (["--after", "user:0197d1a0-0000-7000-8000-000000000000"], "is not where a run stopped"),
        (["--batch-size", "0"], "is not a whole number"),
        (["--max-seconds", "-1"], "is not a number of seconds"),
        (["--sleep", "nan"], "is not a number of seconds"),
    ],
)
def test_wrong_options_are_explained(arguments, message, run):
    with pytest.raises(CommandError, match=message):
        run("reparsesessions", *arguments)
