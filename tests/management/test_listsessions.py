"""listsessions prints who is signed in."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.lifecycle.guard import database
from sessions_hub.management.commands import listsessions
from sessions_hub.management.selection import OPTIONS
from sessions_hub.management.tables import SESSION_HEADERS
from sessions_hub.models.predicate import CONDITIONS
from sessions_hub.understanding.versions import os_version_key, version_key
from tests.factories import make_device, make_session_device

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def listed(run):
    """The ids a call lists, in order."""
    return lambda *args: [
        row["id"] for row in json.loads(run("listsessions", "--format=json", *args))
    ]


def test_prints_active_sessions_newest_first(session, listed):
    old, new = session(ago=DAY), session(ago=HOUR)
    session(ended=HOUR)
    session(over=HOUR)
    assert listed() == [str(new.pk), str(old.pk)]


def test_filters_narrow_the_list(session, listed):
    mine = session(
        "ada",
        ip="10.0.3.4",
        country_code="DE",
        session_type="api_key",
        methods=("password", "totp"),
        ago=3 * DAY,
    )
    session("bob", ip="2001:db8::1", ago=HOUR)
    # In the time zone the command reads it in, not in UTC.
    the_day_before = (timezone.localdate() - 2 * DAY).isoformat()
    for arguments in (
        ["--user", "ada"],
        ["--address", "10.0.3.4"],
        ["--address", "10.0.0.0/16"],
        ["--country", "de"],
        ["--type", "api_key"],
        ["--method", "totp"],
        ["--until", "1d"],
        ["--until", the_day_before],
        ["--user=ada", "--method=password", "--since=4d"],
    ):
        assert listed(*arguments) == [str(mine.pk)], arguments
    assert listed("--since", "4d", "--until", "90d") == []
    assert len(listed("--since", "4d")) == 2
    assert listed("--address", "2001:db8::/32") != [str(mine.pk)]


def test_statuses(session, listed):
    active, expired, revoked = session(), session(over=HOUR), session(ended=HOUR)
    assert listed("--status", "expired") == [str(expired.pk)]
    assert listed("--status", "revoked") == [str(revoked.pk)]
    assert set(listed("--status", "all")) == {str(row.pk) for row in (active, expired, revoked)}


def test_the_table_has_a_line_per_session(session, run):
    row = session(
        os_name="Windows",
        os_version="11",
        client_name="Chrome",
        client_version="142.0",
        device_type="desktop",
        country_code="DE",
        assurance_level=2,
        methods=("password", "totp"),
    )
    header, rule, line = run("listsessions").splitlines()
    assert header.split() == " ".join(SESSION_HEADERS).split()
    assert set(rule) <= {"-", " "}
    used = timezone.localtime(row.last_used_at).strftime("%Y-%m-%d %H:")
    assert [cell.strip() for cell in line.split("  ") if cell][:8] == [
        "ada",
        "regular_login",
        "desktop",
        "Windows 11",
        "Chrome 142.0",
        "DE",
        "password+totp",
        "aal2",
    ]
    assert used in line
    assert line.endswith("active")


def test_the_table_says_what_people_call_a_system_and_records_keep_its_column(session, run):
    session(os_name="Mac", os_version="26.1")
    assert "macOS 26.1" in run("listsessions")
    assert json.loads(run("listsessions", "--format=json"))[0]["os"] == "Mac 26.1"


def test_the_table_says_why_a_session_ended_and_shows_ids_when_asked(session, run):
    row = session(ended=HOUR, reason="compromised")
    assert "revoked (compromised)" in run("listsessions", "--status=all")
    assert run("listsessions", "--status=all", "--ids").splitlines()[-1].endswith(str(row.pk))


def test_says_that_there_are_none_and_that_there_are_more(session, run):
    assert run("listsessions") == "No session matches.\n"
    old, new = session(ago=DAY), session(ago=HOUR)
    said = run("listsessions", "--limit=1", "--ids")
    assert str(new.pk) in said.splitlines()[2]
    assert said.endswith(f"There are more: --after={new.pk} goes on behind these 1.\n")
    rest = run("listsessions", "--limit=1", "--ids", f"--after={new.pk}")
    assert rest.splitlines()[2].endswith(str(old.pk))
    assert "more" not in rest


def test_csv_is_safe_in_a_spreadsheet(session, run):
    session("@SUM(1)", client_name="=1+1", os_name="\x1b[31mred")
    (row,) = csv.DictReader(StringIO(run("listsessions", "--format=csv")))
    assert row["user"] == "'@SUM(1)"
    assert row["client"] == "'=1+1"
    assert "\x1b" not in row["os"]


def test_csv_of_nothing_is_its_header(run):
    assert run("listsessions", "--format=csv").startswith("id,user,session_type,")
    assert run("listsessions", "--format=json") == "[]\n"


def test_a_deleted_users_session_is_listed_without_a_name(session, run):
    row = session(ended=HOUR)
    type(row).objects.filter(pk=row.pk).update(user=None)
    assert json.loads(run("listsessions", "--status=all", "--format=json"))[0]["user"] == ""


def test_the_number_of_queries_does_not_grow_with_the_rows(session, run):
    def queries() -> int:
        with CaptureQueriesContext(connections[database()]) as made:
            run("listsessions")
        return len(made)

    session()
    one = queries()
    for _ in range(5):
        session()
    assert queries() == one == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--user", "nobody"], "there is no user whose username is “nobody”"),
        (["--address", "here"], "is not an address or a network"),
        (["--country", "Germany"], "is not a country code"),
        (["--since", "soon"], "is not a time"),
        (["--since", "2026-02-30"], "is not a time"),
        (["--limit", "0"], "is not a whole number"),
        (["--status", "gone"], "invalid choice"),
        (["--type", "gone"], "is not one of temporary"),
        (["--level", "high"], "is not one of aal0"),
        (["--os-below", "18"], "--os-below: Say of what, too"),
        (["--os", "IOS", "--os-below", "new"], "--os-below: Give a version with a number"),
        (["--session", "7"], "is not an id"),
        (["--database", "nowhere"], "is not one of DATABASES"),
        (["--limit", "10001"], "a table has at most 10000 rows"),
        (["--watch"], "for a table on a terminal"),
    ],
)
def test_wrong_options_are_explained(arguments, message, run):
    with pytest.raises(CommandError, match=message):
        run("listsessions", *arguments)


@pytest.mark.parametrize(
    "options",
    [
        {"status": "gone"},
        {"format": "xml"},
        {"limit": "none"},
        {"since": "soon"},
        {"type": "x"},
        {"level": "x"},
        {"device": "x"},
        {"session": "x"},
        {"database": "x"},
        {"after": "x"},
    ],
)
def test_wrong_options_of_a_program_are_explained_too(options, run):
    with pytest.raises(CommandError, match="is not"):
        run("listsessions", **options)


def test_lists_the_sessions_of_one_tenant(session, run):
    mine = session("ada", tenant_id="acme")
    session("ada", tenant_id="other")
    session("bob")
    rows = json.loads(run("listsessions", "--tenant=acme", "--format=json"))
    assert [row["id"] for row in rows] == [str(mine.pk)]


class TestEachCondition:
    """Each option finds the one session that meets it, and not the other."""

    @pytest.fixture
    def mine(self, session):
        mine = session(
            "ada",
            ip="10.0.3.4",
            country_code="DE",
            autonomous_system="AS3320 Deutsche Telekom",
            os_code="IOS",
            os_version_key=os_version_key("iOS", "17.2"),
            client_type="browser",
            client_code="SF",
            client_version_key=version_key("17.2"),
            session_type="api_key",
            methods=("totp",),
            assurance_level=1,
            tenant_id="acme",
            ago=3 * DAY,
        )
        device = make_device(mine.user)
        make_session_device(mine, device)
        mine.device_seen = device.pk
        other = session("bob", os_code="IOS", client_code="SF", assurance_level=2)
        make_session_device(other, make_device(other.user))
        return mine

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--user=ada"],
            ["--network=10.0.0.0/16"],
            ["--country=de"],
            ["--operator=AS3320"],
            ["--os=IOS", "--os-below=18"],
            ["--client=SF", "--client-below=18"],
            ["--client-type=browser"],
            ["--type=api_key"],
            ["--session-type=api_key"],
            ["--method=totp"],
            ["--level=aal1"],
            ["--level-below=aal2"],
            ["--tenant=acme"],
            ["--until=1d"],
            ["--before=1d"],
            ["--issued-before=1d"],
            ["--used-before=1d"],
            ["--session={pk}"],
            ["--device={device}"],
        ],
        ids=" ".join,
    )
    def test_finds_one(self, arguments, mine, listed):
        told = [one.format(pk=mine.pk, device=mine.device_seen) for one in arguments]
        assert listed(*told) == [str(mine.pk)]

    @pytest.mark.parametrize(
        "argument", ["--since=1d", "--issued-after=1d", "--used-after=1d", "--level=aal2"]
    )
    def test_finds_the_other(self, argument, mine, listed):
        (found,) = listed(argument)
        assert found != str(mine.pk)

    def test_every_option_is_tried_and_stands_for_a_condition(self):
        assert {one.condition for one in OPTIONS} == set(CONDITIONS)


def test_long_lists_are_read_page_by_page(session, run, monkeypatch):
    monkeypatch.setattr(listsessions, "BATCH", 2)
    ids = [str(session(ago=HOUR * number).pk) for number in range(1, 6)]
    for limit, expected in ((5, ids), (4, ids[:4]), (3, ids[:3]), (50, ids)):
        said = run("listsessions", "--format=json", f"--limit={limit}")
        assert [row["id"] for row in json.loads(said)] == expected
        said = run("listsessions", "--format=csv", f"--limit={limit}")
        assert [row["id"] for row in csv.DictReader(StringIO(said))] == expected


def test_reads_from_the_database_it_is_told(session, run):
    row = session()
    said = run("listsessions", "--format=json", f"--database={database()}")
    assert json.loads(said)[0]["id"] == str(row.pk)
